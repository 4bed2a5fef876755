"""A run as people look at it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from yule.core.errors import CorruptedOutput, WorkspaceError
from yule.session.views.html import make_table
from yule.session.views.model import Model
from yule.session.views.report import Report
from yule.session.views.users import Users

if TYPE_CHECKING:
    from yule.pipeline.runs.record import Run, Status
    from yule.storage.setup import Setup
    from yule.storage.store import Store


@dataclass(frozen=True, kw_only=True, repr=False)
class RunView:
    """What came of a case.

    Parameters
    ----------
    record
        What is known of it: the content of ``run.json``.
    status
        ``done``, ``failed``, ``interrupted`` or ``running``.
    """

    record: "Run"
    status: "Status"
    _store: "Store" = field(repr=False)
    _setup: "Setup" = field(repr=False)

    @property
    def run_id(self) -> str:
        """Its name."""
        return self.record.run_id

    @property
    def case(self) -> str:
        """The name of its case."""
        return self.record.case

    @property
    def question(self) -> str:
        """What was asked."""
        return self.record.question

    @property
    def folder(self) -> Path:
        """The folder of this machine with its list and report; of a bucket they are copied.

        Raises
        ------
        WorkspaceError
            If it has no answer yet.
        """
        from yule.pipeline.runs.reading import bring_run
        from yule.report.files import NUMBERS

        folder = bring_run(self._store, self.run_id)
        if not (folder / NUMBERS).exists():
            raise WorkspaceError(
                f"The run {self.run_id} is {self.status} and has no report. `yule run {self.case}` goes on."
            )
        return folder

    @property
    def users(self) -> Users:
        """The ranked list, best first: user_id, rank, score.

        Raises
        ------
        WorkspaceError
            If it is gone or damaged.
        """
        from yule.core.tables import read_table
        from yule.prediction.ranking import USERS

        file = self.folder / USERS
        with telling_damage(file, self.case):
            return Users(arrow=read_table(file))

    @property
    def report(self) -> Report:
        """The report."""
        from yule.report.files import PAGE

        return Report(page=self.folder / PAGE)

    @property
    def model(self) -> Model:
        """The model, as the folder of the run keeps it.

        Raises
        ------
        WorkspaceError
            If it is gone or damaged, or another version of Yule must read it.
        """
        from yule.kinds import find_kind
        from yule.pipeline.graph import find_bundles
        from yule.pipeline.runs.kept import find_kept_model
        from yule.pipeline.runs.trust import check_run
        from yule.prediction.bundle import open_bundle
        from yule.storage.names import resolve_below
        from yule.storage.setup import using_setup

        asked = check_run(self.record).asked.model
        with using_setup(self._setup):
            kept = find_kept_model(self._store, self.record)
            places = list(find_bundles(asked))
        if kept is None:
            raise WorkspaceError(
                f"The model of {self.run_id} is not whole in its folder. `yule run {self.case}` puts it there again."
            )
        folder = resolve_below(self._store.root, kept.place)
        for name in kept.files:
            file = resolve_below(folder, name)
            if not file.exists():  # of a bucket
                file.parent.mkdir(parents=True, exist_ok=True)
                self._store.objects.download(f"{kept.place}/{name}", file)
        labels = asked.dataset.labels.settings
        kind = find_kind(labels)
        parts = zip(kind.name_parts(labels), places, strict=True)
        return Model(parts={name: open_bundle(folder / place) for name, place in parts}, _combine=kind.combine)

    def show(self) -> None:
        """Show the report: in a notebook below the cell, elsewhere where it lies and what was asked."""
        try:
            from IPython.display import display
        except ImportError:
            print(self)
        else:
            display(self)

    def __repr__(self) -> str:
        return f"<{self.run_id}: {self.status}>"

    def __str__(self) -> str:
        lines = [f"{self.run_id}: {self.status}", f"  {self.question}"]
        if self.status == "done":
            lines += [f"  list:   {self.folder / 'users.csv'}", f"  report: {self.report.page}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        facts = make_table(
            ["run", "status", "started", "code"],
            [[self.run_id, self.status, self.record.started_at, self.record.code[:12] or "outside git"]],
        )
        head = f"<h3>{escape(self.question)}</h3>{facts}"
        if self.status != "done":
            return head + (f"<pre>{escape(self.record.message)}</pre>" if self.record.message else "")
        return head + self.report._repr_html_()


@contextmanager
def telling_damage(file: Path, case: str) -> Iterator[None]:
    """Raise a WorkspaceError that says what to do if a file in the folder of a case's run is gone or damaged."""
    try:
        yield
    except (FileNotFoundError, CorruptedOutput) as error:
        raise WorkspaceError(f"{file} is gone or damaged. `yule run {case}` writes it anew.") from error


def view_runs(setup: "Setup", find: "Callable[[Store], Sequence[Run]]") -> list[RunView]:
    """Return runs of a workspace as they stand.

    Parameters
    ----------
    setup
        What tasks of the project are told.
    find
        Finds them.
    """
    from yule.pipeline.runs.reading import find_statuses
    from yule.storage.opening import open_store

    store = open_store(setup.workspace)
    found = find(store)
    return [
        RunView(record=run, status=status, _store=store, _setup=setup)
        for run, status in zip(found, find_statuses(store, found), strict=True)
    ]
