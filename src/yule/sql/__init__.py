"""What SQL is written with: connections that answer alike everywhere, quoting, expressions, conditions.

Columns have types here, and tables a time zone. What a method or a source is, is not known.
"""
