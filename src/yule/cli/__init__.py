"""The ``yule`` command. Commands only: each reads its arguments, calls the rooms and prints.

Heavy imports are inside the commands, so that ``yule --help`` and ``yule check`` answer at once.
"""
