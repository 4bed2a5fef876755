"""What a pipe is told of a run beside its progress."""

import pytest

from yule.cli.screen.progress import print_line
from yule.messages.message import quote
from yule.runtime.events import PodEnded, PodsWait, RunEvent, RunPlanned
from yule.session.show import Lines

PLANNED = RunPlanned(n_tasks=2, n_cached=1, n_workers=3, n_threads=1)


def tell(events: list[RunEvent], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines that events become, without the clock."""
    lines = Lines(print_line)
    for event in events:
        lines.tell(event)
    return [line.split(" s  ", 1)[1] for line in capsys.readouterr().err.splitlines()]


def end(cause: str) -> PodEnded:
    """Have a pod end."""
    return PodEnded(pod="a", step="train", pool="cpu", tier=0, seconds=1.0, cause=cause)


def test_a_driver_that_takes_over_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tell([PLANNED, PLANNED], capsys)
    assert second == f"another driver goes on: {first}"


def test_the_end_of_waiting_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    waits = [PodsWait(who="command", whys=whys) for whys in ((), (quote("No answer."),), (), ())]
    assert tell(waits, capsys) == ["No answer.", "nothing is waited for any more"]


def test_a_pod_that_its_job_replaces_is_told_and_others_by_their_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = tell([end("done"), end("out of memory"), end("preempted"), end("refused")], capsys)
    assert told == "a pod of the step train has ended: its node was taken away"
