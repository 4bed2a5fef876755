"""How the cores of a machine are divided between tasks at once and threads in each."""

import os


def count_cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0))


def divide_cores(n_cores: int, *, n_wide: int) -> tuple[int, int]:
    """Divide cores into workers and threads per worker.

    Tasks side by side use cores better than threads inside one task, so there are as many workers as tasks can run
    at once, and threads only from what is left.

    Parameters
    ----------
    n_cores
        Cores to use.
    n_wide
        The largest number of tasks that do not wait for each other.

    Returns
    -------
    tuple of int
        Workers, threads per worker; their product is at most ``n_cores``.

    >>> divide_cores(2, n_wide=20), divide_cores(64, n_wide=20), divide_cores(8, n_wide=1)
    ((2, 1), (20, 3), (1, 8))
    """
    n_workers = max(1, min(n_cores, n_wide))
    return n_workers, max(1, n_cores // n_workers)
