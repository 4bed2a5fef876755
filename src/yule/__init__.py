"""Yule turns a question about users into a ranked, calibrated list of users."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yule.session import RunView, Session, open_project

__version__ = "0.1.0"

__all__ = ["RunView", "Session", "open_project"]


def __getattr__(name: str) -> object:
    """Load what is public when it is asked for: the program is still to take Ctrl-C when this is imported."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from yule import session

    found: object = vars(session)[name]
    return found
