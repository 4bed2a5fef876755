"""The live table of a run: members by folds, or a line per case where there are several; how far the steps are."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from yule.config.forms.values import format_due
from yule.core.streams import clean
from yule.messages.telling import tell_message
from yule.pipeline.runs.progress import CaseTasks, Progress
from yule.runtime.events import (
    CaseEnded,
    OutputsLost,
    PodEnded,
    PodsWait,
    RunEnded,
    RunEvent,
    RunPlanned,
    TaskBroken,
    TaskFinished,
    TaskRetried,
    TaskStarted,
)
from yule.runtime.plan import Plan
from yule.runtime.telling import describe_retry, describe_waits
from yule.session.words import describe_failure, describe_plan

if TYPE_CHECKING:
    from rich.console import RenderableType

_SIGNS = {"waiting": "·", "running": "▶", "cached": "cached", "failed": "✗", "not needed": ""}
_STYLES = {"waiting": "dim", "running": "bold yellow", "cached": "dim cyan", "done": "green", "failed": "bold red"}


class Board:
    """What is known of every task of a run, drawn as a table.

    Parameters
    ----------
    plan
        The plan of the run.
    cases
        What each case needs of it.
    """

    def __init__(self, plan: Plan, cases: Sequence[CaseTasks]) -> None:
        self._cases = cases
        self._progress = Progress(plan, cases)
        self._ended: dict[str, CaseEnded] = {}
        self._families = {unique_id: planned.task.task_family for unique_id, planned in plan.tasks.items()}
        begin = {"cached": "cached", "to run": "waiting", "not needed": "not needed"}
        self._states = {unique_id: begin[planned.state] for unique_id, planned in plan.tasks.items()}
        self._seconds: dict[str, float] = {}
        self._messages: list[str] = []
        self._headline = ""
        self._waits: tuple[str, ...] = ()
        self._started = time.monotonic()

    @contextmanager
    def live(self) -> Iterator[Callable[[RunEvent], None]]:
        """Show the table on the standard error output and keep it up to date."""
        from rich.console import Console
        from rich.live import Live

        console = Console(file=sys.__stderr__)  # the program's own passes no escape sequences
        with Live(console=console, get_renderable=self.draw, refresh_per_second=4):
            yield self.tell

    def tell(self, event: RunEvent) -> None:
        """Take an event."""
        self._progress.take(event)
        match event:
            case RunPlanned():
                self._headline = describe_plan(event)
            case TaskStarted():
                self._states[event.unique_id] = "running"
            case TaskFinished():
                self._states[event.unique_id] = "done"
                self._seconds[event.unique_id] = event.seconds
            case TaskRetried():
                self._states[event.unique_id] = "waiting"
                self._messages.append(describe_retry(event))
            case OutputsLost():
                self._messages.append(tell_message(event.why))
            case TaskBroken():
                self._states[event.unique_id] = "failed"
                self._messages.append(describe_failure(event))
            case PodsWait():
                self._waits = describe_waits(event)
            case CaseEnded():
                self._ended[event.case] = event
            case RunEnded():
                self._waits = ()
                self._messages.append(event.text)
            case PodEnded():
                pass

    def draw(self) -> "RenderableType":
        """Draw the table as it stands."""
        from rich.console import Group
        from rich.text import Text

        parts = [self._draw_fits(one.case, one.fits) for one in self._cases if len(self._cases) == 1]
        parts += [self._draw_cases()] if len(self._cases) > 1 else []
        parts.append(self._draw_steps())
        parts += [Text(clean(wait), style="yellow") for wait in self._waits]
        parts += [Text(clean(message), style="red") for message in self._messages]
        return Group(Text(self._headline, style="dim"), *parts)

    def _draw_cases(self) -> "RenderableType":
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading in ("case", "due", "tasks", "state", "after"):
            table.add_column(heading, justify="right" if heading in ("tasks", "after") else "left")
        for one in self._cases:
            state, (n_over, n_tasks) = self._progress.judge(one.run_id), self._progress.count(one.run_id)
            ended = self._ended.get(one.case)
            table.add_row(
                Text(clean(one.case)),
                format_due(one.due) if one.due else "",
                f"{n_over}/{n_tasks}",
                Text(state, style=_STYLES[state]),
                f"{ended.seconds:.0f} s" if ended else "",
            )
        return table

    def _draw_fits(self, case: str, fits: Mapping[str, str]) -> "RenderableType":
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        rows: dict[str, dict[str, RenderableType]] = {}
        for name, unique_id in fits.items():
            member, column = name.rsplit("/", 1)
            rows.setdefault(member, {})[column] = self._draw_cell(unique_id)
        columns = list(dict.fromkeys(column for row in rows.values() for column in row))
        table = Table(title=Text(clean(case)), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for heading in ("member", *columns):
            table.add_column(Text(clean(heading)), justify="left" if heading == "member" else "right", min_width=7)
        for member, row in rows.items():
            table.add_row(Text(clean(member)), *(row.get(column, "") for column in columns))
        return table

    def _draw_cell(self, unique_id: str) -> "RenderableType":
        from rich.text import Text

        state = self._states[unique_id]
        text = f"{self._seconds[unique_id]:.1f} s" if state == "done" else _SIGNS[state]
        return Text(text, style=_STYLES.get(state, ""))

    def _draw_steps(self) -> "RenderableType":
        from rich.text import Text

        over = ("done", "cached", "not needed")
        steps = Text()
        for family in dict.fromkeys(self._families.values()):
            states = [self._states[unique_id] for unique_id, other in self._families.items() if other == family]
            n_over = sum(state in over for state in states)
            style = "bold yellow" if "running" in states else "green" if n_over == len(states) else "dim"
            steps.append(f"{'  ' if steps else ''}{family} {n_over}/{len(states)}", style=style)
        return steps.append(f"\n{time.monotonic() - self._started:.0f} s", style="dim")
