"""Runs: the folders ``runs/RUN`` of the workspace, where a person finds what came of a case.

Belongs here: what is recorded of runs, what they keep, and what of a workspace they need.
Does not belong here: how a run is computed (the tasks beside this folder) and shown (``session``, ``cli``).
"""
