"""A session with a project: the same door for people in notebooks, for programs and for commands.

Belongs here: what one can ask of a project and of its runs, as functions that return values; what is told while they
are at work, through one protocol.
Does not belong here: what a terminal shows (``cli``), how anything is computed (the rooms below). Nothing here takes
signals, prints unasked or looks for the current folder after a session is opened; nothing heavy is imported before it
is needed.
"""

from yule.session.session import Session, open_project
from yule.session.views.runs import RunView

__all__ = ["RunView", "Session", "open_project"]
