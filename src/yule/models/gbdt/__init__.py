"""Gradient boosted decision trees.

Belongs here: one file per library of boosted trees.
Does not belong here: single trees and forests; preprocessing, which trees do not need.
"""
