"""Learning curves for TensorBoard.

Belongs here: the event files that fits write, and what it takes to look at them.
Does not belong here: any number that a result depends on. The workers need no part of TensorBoard.
"""
