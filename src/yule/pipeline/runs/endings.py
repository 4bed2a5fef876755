"""How runs end, told to people who do not look at a screen: one request to the address that `notify` names."""

import json
import os
import re
import sys
import threading
from collections.abc import Mapping, Sequence

import httpx

from yule import __version__
from yule.core.addresses import is_private
from yule.core.secrets import redact
from yule.pipeline.runs.record import Run
from yule.runtime.events import TaskBroken

SECONDS = 10.0
N_TRIES = 2
PATIENCE_SECONDS = 30.0
"""However slowly it answers, no longer than this is waited in all."""

_REFERENCE = re.compile(r"\$\{env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")


def describe_broken(broken: Sequence[TaskBroken]) -> str:
    """Say which tasks failed, one in a line; empty when none did."""
    return "\n".join(f"{task.text}: {task.message.strip()}" for task in broken)


def tell_end(address: str | None, run: Run, environment: Mapping[str, str] = os.environ) -> None:
    """Tell an address how a run has ended; that it cannot be told is said, and no fault of the run.

    Parameters
    ----------
    address
        Where to; None for nowhere. ``${env:NAME}`` stands for a variable of this process.
    run
        The run as it has ended.
    environment
        The variables.
    """
    if address is None:
        return
    missing = [name for name in _REFERENCE.findall(address) if not environment.get(name)]
    if missing:
        fault = f"the environment variable {missing[0]} is not set here"
    else:
        address = _REFERENCE.sub(lambda found: environment[found["name"]], address)
        fault = _post_in_time(address, describe_end(run)) if is_private(address) else "it is no https address"
    if fault:
        print(f"The end of {run.run_id} could not be told to `notify`: {fault}.", file=sys.stderr, flush=True)


def describe_end(run: Run) -> dict[str, str]:
    """Return what is sent of a run's end; ``text`` is what chats show."""
    first = run.message.partition("\n")[0]
    told = {"run": run.run_id, "case": run.case, "status": run.status, "message": run.message}
    return {key: redact(text) for key, text in told.items()} | {
        "text": redact(f"{run.run_id}: {run.status}{f': {first}' if first else ''}")
    }


def _post_in_time(address: str, told: Mapping[str, str]) -> str:
    """Send it; return what went wrong. What sends is left behind when it takes too long: a byte now and then."""
    faults = [f"it has not answered within {PATIENCE_SECONDS:g} seconds"]
    sender = threading.Thread(target=lambda: faults.append(_post(address, told)), daemon=True)
    sender.start()
    sender.join(PATIENCE_SECONDS)
    return faults[-1]


def _post(address: str, told: Mapping[str, str]) -> str:
    """Send it; return what went wrong, without the address, which may be a secret."""
    headers = {"Content-Type": "application/json", "User-Agent": f"yule/{__version__}"}
    content = json.dumps(told, ensure_ascii=False).encode()
    fault = ""
    for _ in range(N_TRIES):
        try:
            # What it says is not read: it may be of any length.
            with httpx.stream("POST", address, content=content, headers=headers, timeout=SECONDS) as answer:
                status = answer.status_code
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            return "it is no address"
        except httpx.HTTPError as error:
            fault = f"it does not answer ({type(error).__name__})"
            continue
        if 200 <= status < 300:
            return ""
        fault = f"it answered {status}"
        if status < 500:
            return fault
    return fault
