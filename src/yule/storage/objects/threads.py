"""Many things asked of a bucket at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from yule.storage.objects.patient import hurrying


@contextmanager
def in_threads(n_threads: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads that end with what they are used for, also when it is interrupted while they wait for an answer."""
    pool = ThreadPoolExecutor(n_threads)
    try:
        yield pool
    except KeyboardInterrupt:
        with hurrying():
            pool.shutdown(cancel_futures=True)
        raise
    finally:
        pool.shutdown(cancel_futures=True)
