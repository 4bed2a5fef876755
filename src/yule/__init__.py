"""Yule turns a question about users into a ranked, calibrated list of users."""

__version__ = "0.1.0"

from yule.session import RunView, Session, open_project

__all__ = ["RunView", "Session", "open_project"]
