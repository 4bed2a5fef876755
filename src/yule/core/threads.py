"""One thread for the libraries of linear algebra: sums over several are not bit-stable."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Have the libraries that are loaded compute in one thread.

    >>> with one_thread():
    ...     pass
    """
    with _find_libraries(len(sys.modules)).limit(limits=1):
        yield


@lru_cache(maxsize=1)
def _find_libraries(n_modules: int) -> "ThreadpoolController":  # noqa: ARG001 - with another module may come another
    """Return the libraries; to look for them takes longer than many a sum."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
