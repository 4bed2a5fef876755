"""Models: settings that can fit (estimators) and fitted things that can predict.

Belongs here: one file per kind of model, its preprocessing, its native file format.
Does not belong here: folds, ensembles, which members a case gets (see ``training``).
"""
