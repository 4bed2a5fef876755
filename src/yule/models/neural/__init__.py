"""Neural networks.

Belongs here: networks, their inputs, their training. Modules that import torch at the top say so and are imported
inside functions only.
Does not belong here: settings of members that are no networks.
"""
