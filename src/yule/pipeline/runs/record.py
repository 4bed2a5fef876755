"""What is recorded of a run."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Literal, TypeAlias

from yule import __version__
from yule.core.errors import WorkspaceError
from yule.core.secrets import redact
from yule.core.settings import Json, from_plain, to_json
from yule.downloads.specs import Payer, TableSpec
from yule.pipeline.specs import AnswerSpec
from yule.storage.store import Store

RUN = "run.json"
MODEL = "model"
LEARNED = "learned"

Ending: TypeAlias = Literal["done", "failed", "interrupted"]
Status: TypeAlias = Literal["running", "done", "failed", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is known of a run; the content of ``run.json``.

    Of what another version of Yule wrote, all is read that this one knows: see :func:`parse_run`.

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


def run_place(run_id: str) -> str:
    """Return what the names of a run's files in the workspace begin with."""
    return f"runs/{run_id}"


def write_run(store: Store, run: Run) -> None:
    """Write down what is known of a run."""
    store.objects.write(f"{run_place(run.run_id)}/{RUN}", (redact(to_json(run)) + "\n").encode())


def parse_run(content: bytes) -> Run | None:
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
