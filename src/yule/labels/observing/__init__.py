"""What sources of labels share: rules over a log, tables that are given, classes, and what is counted and refused.

Belongs here: what two sources or more do alike. Does not belong here: a source (``labels.sources``).
"""
