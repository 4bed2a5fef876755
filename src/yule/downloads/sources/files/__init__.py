"""Parquet and CSV files as a source.

Belongs here: which files a table is, how each is read, and the database in which SQL over them runs.
Does not belong here: what values may be (:mod:`yule.downloads.keeping.rows.values`), which holds for every source.
"""
