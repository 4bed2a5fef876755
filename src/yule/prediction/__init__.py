"""Prediction: everything a model needs in one folder, the population scored in shards, the ranked list.

Belongs here: the bundle, shards, the ranking.
Does not belong here: fitting anything, and reading the population or its features from a source.
"""
