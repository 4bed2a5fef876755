"""Preparation: what is fitted inside a fold before the members see the features.

Belongs here: which features are kept, which columns are made of them, and how both are written down.
Does not belong here: folds, members, feature sets; the categories that a model knows (see ``models``).
"""
