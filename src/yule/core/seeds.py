"""Seeds: every random step gets its own, derived from the case's one seed."""

import hashlib


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
