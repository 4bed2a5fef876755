"""Metrics: how good predictions are, as pure functions of labels and scores.

Belongs here: scores where higher is better, tables of gains and of calibration, and their intervals.
Does not belong here: anything that reads or writes a file, trains, or draws.
"""
