"""Derivation: columns that are made of the features in a fold.

Belongs here: one file per way to make columns, and the choice of those that pay. Components are made of all features,
the others of those that are kept.
"""
