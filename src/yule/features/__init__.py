"""Features: named groups of columns per user, as of a cut-off.

Belongs here: windowed aggregates over events, profiles, embeddings of items and texts, what they learn, the table a
model takes.
Does not belong here: anything that sees a label, and anything fitted inside a fold.
"""
