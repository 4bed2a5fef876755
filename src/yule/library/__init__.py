"""The download library from outside: for any gokart pipeline, and for people who look for a table.

Belongs here: the gokart task of a download that needs nothing else of Yule; the catalogue of a project's methods with
its page; trying a method on sample data.
Does not belong here: how tables are fetched and kept (``downloads``), the files that declare them (``config``).
"""

from yule.library.task import Download, download

__all__ = ["Download", "download"]
