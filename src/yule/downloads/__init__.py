"""The download library: shared, named ways to fetch a table.

Belongs here: methods, sources, the conditions people write in SQL, the checks at the door, a download's gokart task.
Does not belong here: what is made of a table (``features``, ``labels``). Usable without the rest of Yule.
"""
