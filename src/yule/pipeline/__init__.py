"""The gokart tasks, one file per step, and the graph they form.

Belongs here: what a step needs, what keys it, which pure function does it. ``graph.py`` sees everything.
Does not belong here: the work itself (the room of the step does it) and where tasks run (``runtime``).
"""
