"""How a run is shown while it goes on: a live table in a terminal, lines in a pipe, JSON for scripts."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from yule.cli.screen.board import Board
from yule.cli.signals import noticing_signals
from yule.config.finding import load_project
from yule.core.settings import to_json
from yule.pipeline.fetching import Fetch
from yule.runtime.events import RunEnded
from yule.runtime.plan import Plan
from yule.session import Session
from yule.session.show import Cases, Lines, Tell
from yule.session.words import describe_fetch


class Screen:
    """Shows people or scripts what goes on. See :class:`~yule.session.show.Show`.

    Parameters
    ----------
    as_json
        Write the events as JSON lines to the standard output.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def note(self, text: str) -> None:
        """Print a sentence on the standard error output."""
        typer.echo(text, err=True)

    @contextmanager
    def begin(self, plan: Plan, cases: Cases, fetches: Sequence[Fetch]) -> Iterator[Tell]:
        """Show work of this machine: Ctrl-C and SIGTERM end it in order."""
        if not self._as_json:
            print_fetches(fetches)
        with self.follow(plan, cases) as tell, noticing_signals():
            yield tell

    @contextmanager
    def follow(self, plan: Plan, cases: Cases) -> Iterator[Tell]:
        """Show work of other machines."""
        if self._as_json:
            yield lambda event: print(to_json(event), flush=True)
        elif sys.stderr.isatty():
            with Board(plan, cases).live() as tell:
                yield tell
        else:
            yield Lines(print_line).tell


def open_session(profile: str | None, *, as_json: bool = False) -> Session:
    """Open a session with the project of the current folder that shows what goes on."""
    return Session(load_project(profile), show=Screen(as_json=as_json))


def print_line(text: str) -> None:
    """Print a line on the standard error output, at once."""
    print(text, file=sys.stderr, flush=True)


def print_fetches(fetches: Sequence[Fetch]) -> None:
    """Say what has to be fetched, and what it costs."""
    for fetch in fetches:
        typer.echo(describe_fetch(fetch))


def print_end(*, is_done: bool, text: str) -> None:
    """Print for scripts that all is over: the last line of every run that came to its end."""
    print(to_json(RunEnded(is_done=is_done, text=text)), flush=True)
