"""The cards of the page, with their charts and tables.

Belongs here: how numbers are laid out and drawn.
Does not belong here: any number or judgement (``numbers``, ``judging``).
"""
