"""Auxiliary questions: what Yule asks of a log itself, so that the first case of a team is never alone.

``find.py`` chooses them, ``answers.py`` answers them as of a cut-off, ``overlap.py`` tells which repeat a case,
``pooled.py`` fits one model to all that are left.
"""
