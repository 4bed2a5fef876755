"""Seeds: every random step gets its own, derived from the case's one seed."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def derive_seed(seed: int, *names: str | int) -> int:
    """Derive the seed of one random step.

    Parameters
    ----------
    seed
        The seed of the case.
    names
        What the step is, e.g. ``"fit", "lightgbm", 3``.

    Returns
    -------
    int
        0 to 2**31 - 1; independent steps get independent seeds.

    >>> derive_seed(0, "folds") == derive_seed(0, "folds")
    True
    """
    text = "/".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def draw_numbers(user_ids: Sequence[str], seed: int) -> NDArray[np.uint64]:
    """Draw a number per user that depends on nothing but the user and the seed.

    Returns
    -------
    ndarray
        uint64 (n_users,).

    >>> bool(draw_numbers(["ann", "bob"], 0)[1] == draw_numbers(["bob"], 0)[0])
    True
    """
    digests = [hashlib.blake2b(f"{seed}/{user_id}".encode(), digest_size=8).digest() for user_id in user_ids]
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)
