"""Labels: what is predicted, for whom, as of when.

Belongs here: rules over events, tables of labels, the population, what is worth saying about labels.
Does not belong here: folds and anything that fits (``training``).
"""
