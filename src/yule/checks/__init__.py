"""Checks: what a careful colleague would look at in labels, features and folds before trusting a list.

Belongs here: one file per check or small family of checks, the plain list of all of them, what they measure.
Does not belong here: reading data (see ``pipeline``), drawing or printing findings (see ``report``, ``cli``), and
refusing data that cannot be learned from at all (see ``labels``, ``training``).
"""
