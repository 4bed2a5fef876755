"""Linear models.

Belongs here: models that are one weighted sum, and the columns they sum over.
Does not belong here: anything with hidden units.
"""
