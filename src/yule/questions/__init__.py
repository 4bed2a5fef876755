"""Auxiliary questions: what Yule asks of a log itself, so that the first case of a team is never alone.

``find.py`` chooses them, ``halves.py`` divides them, ``answers.py`` answers them as of a cut-off, ``overlap.py`` tells
which repeat a case, ``choice.py`` takes the others, ``rows.py`` divides what is left by the folds of the project.
"""
