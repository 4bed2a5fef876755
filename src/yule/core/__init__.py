"""The words every room shares: errors, settings as JSON, tables of numbers, the tracker, seeds.

Belongs here: small plain types and functions that several rooms need and that know nothing of any room.
Does not belong here: anything that reads or writes a file, or that imports gokart, DuckDB or a model library.
"""
