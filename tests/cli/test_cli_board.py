"""The live table shows what it is told, and obeys none of it."""

import io
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from yule.cli.screen.board import Board
from yule.cli.screen.tables import print_table
from yule.messages.message import quote
from yule.pipeline.runs.progress import CaseTasks
from yule.runtime.events import CaseEnded, PodsWait, TaskBroken, TaskStarted
from yule.runtime.plan import plan_tasks
from yule.storage.setup import configure
from yule.storage.task import Task


class Nothing(Task):
    """A task that is never run."""

    step = "features"


def _case(task: Task, name: str, *, fit: str) -> CaseTasks:
    due = datetime(2026, 12, 25, tzinfo=UTC)
    return CaseTasks(case=name, run_id=name, roots=(task.unique_id,), fits={fit: task.unique_id}, due=due)


def test_several_cases_have_a_line_each(tmp_path: Path) -> None:
    configure(str(tmp_path), n_threads=1, fetching="{}")
    task = Nothing()
    board = Board(plan_tasks([task]), [_case(task, name, fit="m/fold") for name in ("beer", "[red]tea")])
    board.tell(TaskStarted(unique_id=task.unique_id, family="Nothing", text="x"))
    board.tell(CaseEnded(case="beer", run_id="beer", is_done=True, seconds=35.2))
    out = io.StringIO()
    Console(file=out, width=200).print(board.draw())
    rows = [line.split() for line in out.getvalue().splitlines()]
    assert ["beer", "2026-12-24", "0/1", "done", "35", "s"] in rows
    assert ["[red]tea", "2026-12-24", "0/1", "running"] in rows
    assert not any("m" in row for row in rows)


def test_markup_and_control_characters_of_data_are_shown(tmp_path: Path) -> None:
    configure(str(tmp_path), n_threads=1, fetching="{}")
    task = Nothing()
    board = Board(plan_tasks([task]), [_case(task, "[red]case\x1b]0;t\x07", fit="[bold]member\u202e/[b]fold")])
    board.tell(PodsWait(who="pods", whys=(quote("[link=x]waits\x1b[2J"),)))
    message = "[/]column \x9b31m of postgresql://me:hunter2@host"
    board.tell(
        TaskBroken(unique_id=task.unique_id, family="Nothing", text="x", message=message, is_bug=False, log="log")
    )
    out = io.StringIO()
    Console(file=out, width=200).print(board.draw())
    shown = out.getvalue()
    for text in ("[red]case\\u001b]0;t\\u0007", "[bold]member\\u202e", "[b]fold", "[link=x]waits\\u001b[2J"):
        assert text in shown
    assert "[/]column \\u009b31m of postgresql://**********@host" in shown
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_a_terminal_of_twenty_columns_is_wide_enough(tmp_path: Path) -> None:
    configure(str(tmp_path), n_threads=1, fetching="{}")
    task = Nothing()
    out = io.StringIO()
    Console(file=out, width=20).print(Board(plan_tasks([task]), [_case(task, "case", fit="member/fold")]).draw())
    assert max(map(len, out.getvalue().splitlines())) <= 20


def test_a_cell_makes_no_lines(capsys) -> None:
    print_table(("id", "n"), [("a\nyule: all is well", "1"), ("b\x1b[2J", "2")])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["id", "n"],
        ["a\\u000ayule:", "all", "is", "well", "1"],
        ["b\\u001b[2J", "2"],
    ]
