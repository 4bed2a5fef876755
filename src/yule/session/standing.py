"""How runs stand: whether one goes on in a cluster, only the cluster says."""

from collections.abc import Sequence

from yule.config.projects import Project
from yule.pipeline.runs.record import Run
from yule.session.show import Show


def judge_running(project: Project, runs: Sequence[Run], show: Show) -> Sequence[Run]:
    """Return runs as they stand; where the cluster does not answer that is told, and they are as they were."""
    if project.kubernetes is None or not any(run.launch and run.status == "running" for run in runs):
        return runs
    from yule.remote.standing import judge_runs
    from yule.runtime.kubernetes.api.protocol import ClusterError
    from yule.session.cluster import connect_project

    try:
        return judge_runs(connect_project(project), runs)
    except ClusterError as error:
        show.note(f"Whether runs in the cluster go on is not known: {error}")
        return runs
