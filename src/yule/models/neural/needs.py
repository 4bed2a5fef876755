"""What neural networks need to be installed, and others do not: the extra ``neural``."""

from importlib.util import find_spec

from yule.core.errors import DataError

REMEDY = "install it with pip install 'yule[neural]'"


def has_torch() -> bool:
    """Say whether torch is installed, without loading it."""
    return find_spec("torch") is not None


def require_torch() -> None:
    """Refuse to go on without torch.

    Raises
    ------
    DataError
        If it is not installed.
    """
    if not has_torch():
        raise DataError(f"Members of kind `mlp` and `multitask` need torch, which is not installed here: {REMEDY}.")
