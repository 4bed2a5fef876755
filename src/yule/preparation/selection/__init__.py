"""Selection: which features are kept, by what the training users of a fold show.

Belongs here: one file per way to select, and the record of what was kept.
"""
