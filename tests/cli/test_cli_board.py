"""The live table shows what it is told, and obeys none of it."""

import io
from pathlib import Path

from rich.console import Console

from yule.cli.screen.board import Board
from yule.cli.screen.tables import print_table
from yule.messages.message import quote
from yule.runtime.events import PodsWait, TaskBroken
from yule.runtime.plan import plan_tasks
from yule.storage.setup import configure
from yule.storage.task import Task


class Nothing(Task):
    """A task that is never run."""

    step = "features"


def test_markup_and_control_characters_of_data_are_shown(tmp_path: Path) -> None:
    configure(str(tmp_path), n_threads=1, fetching="{}")
    task = Nothing()
    board = Board(plan_tasks([task]), {"[red]case\x1b]0;t\x07": {"[bold]member\u202e/[b]fold": task.unique_id}})
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
    Console(file=out, width=20).print(Board(plan_tasks([task]), {"case": {"member/fold": task.unique_id}}).draw())
    assert max(map(len, out.getvalue().splitlines())) <= 20


def test_a_cell_makes_no_lines(capsys) -> None:
    print_table(("id", "n"), [("a\nyule: all is well", "1"), ("b\x1b[2J", "2")])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["id", "n"],
        ["a\\u000ayule:", "all", "is", "well", "1"],
        ["b\\u001b[2J", "2"],
    ]
