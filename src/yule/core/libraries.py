"""The libraries that what is computed may depend on, and their versions."""

import platform
import sys
from functools import cache
from importlib.metadata import version

from yule import __version__

_COMPUTING = ("catboost", "duckdb", "lightgbm", "numpy", "pyarrow", "sklearn", "torch")
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}
"""Of modules that are called otherwise than what is installed."""


def find_loaded_versions() -> dict[str, str]:
    """Return the versions of Python, of Yule, and of the libraries that this process has loaded, by module."""
    loaded = {name: _find_version(name) for name in _COMPUTING if name in sys.modules}
    return {"python": platform.python_version(), "yule": __version__, **loaded}


@cache
def _find_version(module: str) -> str:
    """Return the version of a module, which is looked for in its files: not for every task anew."""
    return version(_DISTRIBUTIONS.get(module, module))


def find_installed_versions(*, has_torch: bool) -> dict[str, str]:
    """Return the versions of Python, of Yule, and of the libraries of this environment, by distribution."""
    names = {_DISTRIBUTIONS.get(name, name) for name in _COMPUTING if has_torch or name != "torch"}
    libraries = {name: version(name) for name in sorted((*names, "gokart", "luigi"))}
    return {"python": platform.python_version(), "yule": __version__, **libraries}
