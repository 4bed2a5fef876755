"""A launch: one or more runs on a cluster, frozen when they are submitted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from yule.core.settings import canonical_json
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.settings import ClusterSettings


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What a driver is told.

    Parameters
    ----------
    name
        Ten hexadecimal digits: equal runs of equal code in one workspace have the same, so that submitting them again
        finds them.
    project
        The project's name.
    workspace
        The workspace, as pods reach it.
    image
        The image by digest.
    commit
        The commit, in full.
    fetching
        See :class:`~yule.runtime.messages.Setup`.
    runs
        Ids of the runs.
    reports
        Unique ids of their reports, in the same order. A run's record lies in the workspace, where anybody who may
        write it can change it; this is kept by the cluster, and says what was submitted.
    settings
        The cluster's settings.
    notify
        Where the end of a run is told; references to variables are filled in by the driver.
    """

    name: str
    project: str
    workspace: str
    image: str
    commit: str
    fetching: str
    runs: tuple[str, ...]
    reports: tuple[str, ...] = ()
    settings: ClusterSettings
    notify: str | None = None

    @property
    def frame(self) -> Frame:
        """What the launch's objects have in common."""
        return Frame(
            launch=self.name,
            project=self.project,
            image=self.image,
            commit=self.commit,
            workspace=self.workspace,
            settings=self.settings,
        )


def name_launch(run_ids: Sequence[str], *, workspace: str, image: str, commit: str) -> str:
    """Name a launch by what it runs, and where its outputs go.

    >>> name_launch(["beer-1"], workspace="s3://acme/yule", image="yule@sha256:0", commit="4f2c")
    '6cb9f2129d'
    """
    plain = canonical_json([*sorted(run_ids), workspace, image, commit])
    return hashlib.sha256(plain.encode()).hexdigest()[:10]
