"""Runs: the folder ``runs/RUN`` of the workspace, where a person finds what came of a case."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from yule import __version__
from yule.core.errors import WorkspaceError, YuleError
from yule.core.files import digest_file
from yule.core.libraries import find_installed_versions
from yule.core.patience import Unanswered
from yule.core.secrets import redact
from yule.core.settings import Json, from_json, from_plain, to_json
from yule.core.spelling import find_close
from yule.downloads.specs import Payer, TableSpec
from yule.kinds.reports import read_report
from yule.models.neural.needs import has_torch
from yule.pipeline.graph import CaseGraph, find_bundles, find_whole
from yule.pipeline.prediction import RankUsers
from yule.pipeline.report import WriteReport
from yule.pipeline.specs import AnswerSpec, ReportSpec
from yule.pipeline.trust import RUN_ID, check_answer, find_name_faults
from yule.report.files import PAGE
from yule.runtime.plan import find_complete
from yule.storage.names import resolve_below, tell_left_out
from yule.storage.objects.folder import FolderObjects
from yule.storage.objects.patient import hurrying
from yule.storage.objects.threads import in_threads
from yule.storage.permissions import make_folder, restrict
from yule.storage.record import read_record
from yule.storage.store import Store
from yule.storage.uses import find_oldest_use, using_workspace

RUN = "run.json"
MODEL = "model"

Ending: TypeAlias = Literal["done", "failed", "interrupted"]
Status: TypeAlias = Literal["running", "done", "failed", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is known of a run; the content of ``run.json``.

    Of what another version of Yule wrote, all is read that this one knows: see :func:`_parse_run`.

    Parameters
    ----------
    run_id
        Its name.
    case, question
        The case's name and question.
    status
        ``running``: also of a run that was killed; ``done``; ``failed``; ``interrupted``.
    started_at, ended_at
        Instants, ISO 8601, UTC; ``ended_at`` is empty until it ends.
    code
        Commit of the project's folder, with ``-dirty`` when files differ from it; empty outside git.
    image, launch
        Of a run on Kubernetes the image by digest and the name of the launch.
    versions
        Versions of Python and the libraries.
    seed
        The case's seed.
    resolved
        The case with all defaults filled in, as YAML.
    answer
        What keys its tasks; None where another version of Yule wrote what this one does not know. See :attr:`asked`.
    fits
        Unique ids of its fits, by member and fold (``lightgbm/fold-2``).
    outcome
        See :class:`~yule.pipeline.specs.ReportSpec`; None in runs of before it was.
    message
        Why it failed, where that is known; empty otherwise.
    model
        SHA-256 of every file of its model, by its path in the folder ``model``; empty until it is finished, and in runs
        of before it was.
    """

    run_id: str
    case: str
    question: str = ""
    status: Status
    started_at: str
    ended_at: str = ""
    code: str = ""
    image: str = ""
    launch: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    resolved: str = ""
    answer: AnswerSpec | None = None
    fits: dict[str, str] = field(default_factory=dict)
    outcome: TableSpec | None = None
    message: str = ""
    model: dict[str, str] = field(default_factory=dict)

    @property
    def payer(self) -> Payer:
        """Who pays for what is fetched for it."""
        return Payer(run=self.run_id, case=self.case)

    @property
    def asked(self) -> AnswerSpec:
        """What keys its tasks.

        Raises
        ------
        WorkspaceError
            If only another version of Yule can compute with it.
        """
        if self.answer is None:
            raise WorkspaceError(
                f"{self.run_id} was made by Yule {self.versions.get('yule', 'of another version')}, and Yule "
                f"{__version__} does not know all that it was computed with. Use that version, or run {self.case} "
                "again; `yule show` and its list are as they were."
            )
        return self.answer


@contextmanager
def recording_runs(
    store: Store, graphs: Sequence[CaseGraph], *, code: str, tell_end: Callable[[Run], None]
) -> Iterator[Callable[[str], None]]:
    """Write down that cases are being run, and at the end how each ended; publish those that are finished.

    Parameters
    ----------
    store
        The workspace's store.
    graphs
        The cases' graphs.
    code
        See :class:`Run`.
    tell_end
        Is told how each run has ended.

    Yields
    ------
    Callable
        Is to be told why runs fail.
    """
    store.check_writable()
    with using_workspace(store.objects):
        runs = [describe_run(graph, code=code) for graph in graphs]
        for run in runs:
            if not _was_done(store, run):
                write_run(store, run)
        messages: list[str] = []

        def end(ending: Ending) -> None:
            for run in runs:
                tell_end(end_run(store, run, ending=ending, message="\n".join(messages)))

        try:
            yield messages.append
        except (KeyboardInterrupt, Unanswered) as error:
            with hurrying(), suppress(OSError):  # a run without an end is told as interrupted, too
                end("interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
            raise
        except BaseException as error:
            if isinstance(error, YuleError):
                messages.append(str(error))
            end("failed")
            raise
        end("failed")


def describe_run(graph: CaseGraph, *, code: str, image: str = "", launch: str = "") -> Run:
    """Describe the run of a case that begins now.

    Parameters
    ----------
    graph
        The case's graph.
    code
        The commit.
    image, launch
        See :class:`Run`.
    """
    return Run(
        run_id=graph.run_id,
        case=graph.case.name,
        question=graph.case.question,
        status="running",
        started_at=_now(),
        code=code,
        image=image,
        launch=launch,
        versions=find_installed_versions(has_torch=has_torch()),
        seed=graph.case.seed,
        resolved=graph.case.resolved,
        answer=graph.answer,
        fits=graph.find_fits(),
        outcome=from_json(ReportSpec, graph.report.report).outcome,
    )


def check_run(run: Run) -> Run:
    """Return a run whose record can be computed with; refuse one that no case could have.

    Raises
    ------
    WorkspaceError
        With all that is wrong.
    """
    check_answer(run.run_id, run.asked, outcome=run.outcome)
    return run


def report_task(run: Run) -> WriteReport:
    """Return the task whose output finishes a run."""
    outcome = run.outcome or run.asked.model.dataset.labels.table
    report = ReportSpec(case=run.case, question=run.question, resolved=run.resolved, outcome=outcome)
    return WriteReport(answer=to_json(run.asked), report=to_json(report))


def is_whole(run: Run) -> bool:
    """Say whether a run's report, list and model are there."""
    whole = find_whole(run.asked, report_task(run))
    return len(find_complete(whole)) == len(whole)


def end_run(store: Store, run: Run, *, ending: Ending, message: str = "", costs: Sequence[tuple[str, str]] = ()) -> Run:
    """Publish a run if it is finished, write down how it ended, and return that.

    Parameters
    ----------
    store
        The workspace's store.
    run
        What is known of it.
    ending
        How it ended if it is not finished.
    message
        Why, in that case.
    costs
        What it took, for its report.
    """
    is_done = is_whole(run)
    if is_done:
        run = publish_run(store, run)
    if is_done and costs:
        page = read_report(report_task(run).output().load()).render(costs)
        store.objects.write(f"{run_place(run.run_id)}/{PAGE}", page.encode())
    ended = replace(run, status="done" if is_done else ending, ended_at=_now(), message="" if is_done else message)
    write_run(store, ended)
    return ended


def publish_run(store: Store, run: Run) -> Run:
    """Put the list, the report and the model of a finished run into its folder; return what is known of it then."""
    for name, file in _list_told(run).items():
        store.objects.write(f"{run_place(run.run_id)}/{name}", file)
    return replace(run, model=keep_model(store, run))


def keep_model(store: Store, run: Run) -> dict[str, str]:
    """Put the model of a finished run into its folder; return the digests of its files by their paths in it."""
    files = _list_model(run)
    for name, file in files.items():
        store.objects.write(f"{run_place(run.run_id)}/{MODEL}/{name}", file)
    return {name: digest_file(file) for name, file in files.items()}


def list_answer(run: Run) -> dict[str, Path]:
    """Return the files of a finished run's list, report and model, by their names in its folder."""
    return _list_told(run) | {f"{MODEL}/{name}": file for name, file in _list_model(run).items()}


def _list_told(run: Run) -> dict[str, Path]:
    files = {}
    for task in (RankUsers(answer=to_json(run.asked)), report_task(run)):
        output = task.output().load()
        for name in read_record(output).files:  # whatever else lies in the folder is none of the output
            if not name.endswith(".json") or name == "report.json":
                files[name] = output / name
    return files


def _list_model(run: Run) -> dict[str, Path]:
    files = {}
    for place, bundle in find_bundles(run.asked.model).items():
        model = bundle.output().load()
        for name in sorted(read_record(model).files):
            files[PurePosixPath(place, name).as_posix()] = model / name
    return files


def find_statuses(store: Store, runs: Sequence[Run]) -> list[Status]:
    """Return how runs stand: one that no process is at work on any more is interrupted, whatever its record says.

    Parameters
    ----------
    store
        The workspace's store.
    runs
        The runs.
    """
    if not any(run.status == "running" and not run.launch for run in runs):
        return [run.status for run in runs]
    try:
        since = find_oldest_use(store.objects)
    except OSError:  # a workspace that cannot be written
        return [run.status for run in runs]
    return ["interrupted" if _is_left(run, since) else run.status for run in runs]


def run_place(run_id: str) -> str:
    """Return what the names of a run's files in the workspace begin with."""
    return f"runs/{run_id}"


def bring_run(store: Store, run_id: str) -> Path:
    """Return a folder of this machine with a run's list and report; of a bucket they are copied."""
    place = run_place(run_id)
    if not isinstance(store.objects, FolderObjects):
        for name in store.objects.list(f"{place}/"):
            if not name.startswith(f"{place}/{MODEL}/"):
                file = resolve_below(store.root, name)
                make_folder(file.parent, root=store.root)
                store.objects.download(name, file)
                restrict(file, root=store.root)
    folder = resolve_below(store.root, place)
    for file in folder.glob("*"):
        resolve_below(store.root, f"{place}/{file.name}")  # who shows a file follows its links
    return folder


def read_runs(store: Store) -> list[Run]:
    """Return all runs of a workspace that this version of Yule can read, the newest last."""
    names = [name for name in store.objects.list("runs/") if name.count("/") == 2 and name.endswith(f"/{RUN}")]
    runs = []
    with in_threads(16) as pool:
        for name, content in zip(names, pool.map(store.objects.read, names), strict=True):
            run = _parse_run(content or b"")
            if run is not None:
                problem = _find_forgery(store, run, name.split("/")[1])
                if problem:
                    tell_left_out(problem)
                else:
                    runs.append(run)
    return sorted(runs, key=lambda run: (run.started_at, run.run_id))


def read_run(store: Store, run_id: str) -> Run:
    """Return a run by its id.

    Raises
    ------
    WorkspaceError
        If it is not there, or cannot be read.
    """
    content = store.objects.read(f"{run_place(run_id)}/{RUN}") if RUN_ID.fullmatch(run_id) else None
    if content is None:
        raise WorkspaceError(
            f"There is no run {run_id!r} in the workspace. `yule runs` lists them; if it was there, its record was "
            "deleted: run its case again."
        )
    run = _parse_run(content)
    if run is None:
        raise WorkspaceError(
            f"The {RUN} of the run {run_id} is damaged, or none of Yule's: its list and report are in "
            f"{store.describe(run_place(run_id))}. Run the case again."
        )
    problem = _find_forgery(store, run, run_id)
    if problem:
        raise WorkspaceError(problem)
    return run


def find_run(store: Store, name: str) -> Run:
    """Return the run of a name, or the newest run of a case of this name.

    Raises
    ------
    WorkspaceError
        If there is none; says what comes close.
    """
    runs = read_runs(store)
    found = [run for run in runs if name in (run.run_id, run.case)]
    if found:
        return found[-1]
    if RUN_ID.fullmatch(name) and store.objects.read(f"{run_place(name)}/{RUN}") is not None:
        return read_run(store, name)
    names = [run.run_id for run in runs] + [run.case for run in runs]
    close = find_close(name, names)
    hint = f" Did you mean {close}?" if close else ""
    raise WorkspaceError(f"There is no run {name!r} in {store.describe('runs')}.{hint} `yule runs` lists them.")


def write_run(store: Store, run: Run) -> None:
    """Write down what is known of a run."""
    store.objects.write(f"{run_place(run.run_id)}/{RUN}", (redact(to_json(run)) + "\n").encode())


def _was_done(store: Store, run: Run) -> bool:
    """Say whether a run was finished before, and still is: if its repetition is killed, it stays so."""
    before = _parse_run(store.objects.read(f"{run_place(run.run_id)}/{RUN}") or b"")
    return before is not None and before.status == "done" and is_whole(run)


def _is_left(run: Run, since: datetime | None) -> bool:
    """Say whether a run began before any process that is there; whether a cluster's goes on only the cluster says."""
    is_going_on = since is not None and since.replace(microsecond=0) <= datetime.fromisoformat(run.started_at)
    return run.status == "running" and not run.launch and not is_going_on


def _parse_run(content: bytes) -> Run | None:
    """Return what is known of a run; None if it is damaged.

    Of another version's record, keys that are not known here are left out; where they are part of what it was computed
    with, all of that is, since it would mean something else.
    """
    try:
        plain: Json = json.loads(content)
    except (RecursionError, ValueError):
        return None
    if not isinstance(plain, dict):
        return None
    told = {name.name: plain[name.name] for name in fields(Run) if name.name in plain}
    computed_with = {name: told.pop(name) for name in ("answer", "outcome") if name in told}
    for known in (told | computed_with, told):
        with suppress(ExceptionGroup, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            return from_plain(Run, known)
    return None


def _find_forgery(store: Store, run: Run, folder: str) -> str:
    """Say what shows that a record is not one that Yule wrote into its folder; empty when nothing does."""
    named = {
        "run_id": run.run_id,
        "case": run.case,
        "code": run.code,
        "image": run.image,
        "launch": run.launch,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
    }
    faults = list(find_name_faults(named, run.fits, folder=folder))
    if not faults:
        return ""
    return (
        f"{store.describe(run_place(folder))}/{RUN} is forged: {'; '.join(faults[:3])}. Nothing of it is used: look "
        "who can write there, delete the folder and run the case again."
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
