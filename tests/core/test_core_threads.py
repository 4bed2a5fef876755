"""One thread for the libraries of linear algebra."""

import numpy  # noqa: F401 - its library is looked for
from threadpoolctl import threadpool_info, threadpool_limits

from yule.core.threads import one_thread


def count_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_linear_algebra_has_one_thread_and_then_as_many_as_before():
    with threadpool_limits(2):
        with one_thread():
            assert count_threads() == {1}
        assert count_threads() == {2}


def test_a_library_that_is_loaded_later_has_one_thread_too():
    with one_thread():
        pass
    import scipy.linalg  # noqa: F401

    with threadpool_limits(2), one_thread():
        assert count_threads() == {1}
