"""The report of a run: numbers for programs, a page for people.

Belongs here: what is said of a run, in which words and pictures.
Does not belong here: how the numbers come about (``metrics``, ``ensemble``, ``prediction``).
"""
