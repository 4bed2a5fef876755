"""Uses of a workspace: since when processes that are there may read what lies in it."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache

from yule.storage.lease import forget_lease, hold_lease, hold_until_exit, is_held
from yule.storage.names import INSTANT, name_instant, parse_instant
from yule.storage.objects.protocol import Objects
from yule.storage.opening import open_store

_NAME = re.compile(rf"leases/(uses/({INSTANT})-[0-9a-f]{{8}})/.*")


@contextmanager
def using_workspace(objects: Objects) -> Iterator[None]:
    """Say, as long as something is done, that this process reads what was planned to be read by now."""
    name = _name_use()
    try:
        with hold_lease(objects, name):
            yield
    finally:
        forget_lease(objects, name)


@cache
def use_until_exit(workspace: str) -> None:
    """Say, as long as this process lives, that it reads what was planned to be read by now; once is enough.

    In a workspace that this process may not write nothing is said.
    """
    with suppress(OSError):
        hold_until_exit(open_store(workspace).objects, _name_use())


def find_oldest_use(objects: Objects) -> datetime | None:
    """Return since when a process that is there has used a workspace; None when none does."""
    found = {match[1]: match[2] for name in objects.list("leases/uses/") if (match := _NAME.fullmatch(name))}
    for name, time in sorted(found.items()):
        if is_held(objects, name) and (since := parse_instant(time)):
            return since
        forget_lease(objects, name)
    return None


def _name_use() -> str:
    return f"uses/{name_instant(datetime.now(UTC))}-{uuid.uuid4().hex[:8]}"
