"""Answer cases on the project's cluster: choose the code, bring what pods cannot read, submit, and follow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.errors import ConfigError, Problem, TaskFailed, WorkspaceError, YuleError
from yule.pipeline.fetching import Goal, describe_fetching, find_downloads, preview_fetches
from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs.progress import describe_tasks
from yule.pipeline.runs.reading import read_run, read_runs
from yule.pipeline.runs.record import Run
from yule.remote.following import follow
from yule.remote.launch import Launch
from yule.remote.logs import read_logs
from yule.remote.submission import check_cluster, describe_objects, is_driven, plan_launch, submit
from yule.runtime.events import RunEnded
from yule.runtime.kubernetes.api.client import connect_cluster
from yule.runtime.kubernetes.api.protocol import Body, Cluster
from yule.runtime.kubernetes.settings import ClusterSettings
from yule.runtime.plan import plan_tasks
from yule.session.code import own_folders, require_code
from yule.session.execution import bound, find_setup_of, raise_broken, run_tasks
from yule.session.graphs import build_graphs, build_run_graphs, sort_by_due
from yule.session.show import Show
from yule.session.views.results import CaseResult
from yule.session.views.runs import view_runs
from yule.session.words import describe_fetch
from yule.storage.opening import open_store
from yule.versions.commits import list_dirty, refuse_dirty, resolve_commit, take_snapshot
from yule.versions.registry import resolve_image


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Cases that were sent to a cluster.

    Parameters
    ----------
    graphs
        Their graphs.
    launch
        What drives them there; None where nothing was to be done any more.
    """

    graphs: Sequence[CaseGraph]
    launch: Launch | None

    @property
    def run_ids(self) -> list[str]:
        """Ids of their runs, in the order of the cases."""
        return [graph.run_id for graph in self.graphs]


def run_on_cluster(
    project: Project, cases: Sequence[Case], faults: Mapping[str, YuleError], show: Show
) -> dict[str, CaseResult]:
    """Answer cases on the project's cluster and wait for it; return what came of each, by their names.

    What interrupts this interrupts the waiting alone: the runs go on in the cluster, and the same follows them again.

    Parameters
    ----------
    project, cases, show
        The project, its cases, and who is told.
    faults
        Further cases, which cannot be read.
    """
    results = wait_for(project, send_cases(project, settle(project, cases), show), show) if cases else {}
    return results | {case: CaseResult(case=case, error=error) for case, error in faults.items()}


def settle(project: Project, cases: Sequence[Case]) -> Sequence[Case]:
    """Return cases with the code that runs; where an image is pinned by hand, it decides."""
    return cases if is_pinned(project) else require_code(project, cases)


def send_cases(project: Project, cases: Sequence[Case], show: Show, *, snapshot: bool = False) -> Sent:
    """Submit cases to the project's cluster, unless all is done.

    Parameters
    ----------
    project, cases, show
        The project, its cases with their code, and who is told.
    snapshot
        Commit what is not committed to a place of its own.
    """
    with bound(project):
        graphs = build_run_graphs(project, cases, show)
        if is_all_done(project, graphs):
            return Sent(graphs=graphs, launch=None)
        launch = prepare_launch(project, graphs, choose_code(project, graphs, snapshot=snapshot, tell=show.note))
        send_launch(project, graphs, launch, connect_project(project), show)
        return Sent(graphs=graphs, launch=launch)


def wait_for(project: Project, sent: Sent, show: Show) -> dict[str, CaseResult]:
    """Tell all that happens until a launch is over; return what came of each case, by their names."""
    with bound(project):
        if sent.launch is not None:
            follow_launch(project, sent.graphs, sent.launch, connect_project(project), show)
        done = {graph.run_id for graph in sent.graphs if graph.is_finished()}
    runs = view_runs(find_setup_of(project), lambda store: [read_run(store, run_id) for run_id in sent.run_ids])
    return {
        run.case: CaseResult(case=run.case, run=run)
        if run.run_id in done
        else CaseResult(case=run.case, error=TaskFailed(run.record.message or "Some tasks failed."))
        for run in runs
    }


def describe_launch(project: Project, cases: Sequence[Case], show: Show, *, snapshot: bool = False) -> list[Body]:
    """Return what would be created in the cluster for cases."""
    with bound(project):
        graphs = build_graphs(project, cases, show)
        code = choose_code(project, graphs, snapshot=snapshot, tell=show.note)
        return describe_objects(prepare_launch(project, graphs, code))


def read_run_logs(project: Project, run: Run, task: str | None, *, n_lines: int) -> str:
    """Return what the driver or a task of a run has printed.

    Raises
    ------
    WorkspaceError
        If it was not on a cluster, or no such task has printed anything.
    """
    if not run.launch:
        raise WorkspaceError(f"{run.run_id} ran on one machine, not on a cluster.")
    cluster = connect_project(project)
    with bound(project):
        return "".join(read_logs(cluster, open_store(project.workspace), run, task, n_lines=n_lines))


def is_all_done(project: Project, graphs: Sequence[CaseGraph]) -> bool:
    """Say whether the runs of graphs are recorded as done and still are."""
    done = {run.run_id for run in read_runs(open_store(project.workspace)) if run.status == "done"}
    return done >= {graph.run_id for graph in graphs} and all(graph.is_finished() for graph in graphs)


def choose_code(
    project: Project,
    graphs: Sequence[CaseGraph],
    *,
    snapshot: bool = False,
    tell: Callable[[str], None] = print,
) -> tuple[str, str]:
    """Return the commit of the cases and its image by digest.

    Parameters
    ----------
    project, graphs
        The project and its graphs.
    snapshot
        Commit what is not committed to a place of its own.
    tell
        Is told of that.
    """
    image = find_image(project)
    asked, own = graphs[0].case.code, own_folders(project)
    if is_pinned(project):
        return asked or "", image
    if asked:
        commit = asked
    elif snapshot and list_dirty(project.root, apart_from=own):
        commit = take_snapshot(project.root, apart_from=own)
        tell(f"snapshot {commit}; its image: yule image build --code {commit[:12]}")
    else:
        refuse_dirty(project.root, apart_from=own)
        commit = resolve_commit(project.root, "HEAD")
    return commit, resolve_image(image, commit).reference


def prepare_launch(project: Project, graphs: Sequence[CaseGraph], code: tuple[str, str]) -> Launch:
    """Freeze what is to be run, of a commit and its image."""
    commit, image = code
    goals = [goal for graph in graphs for goal in graph.goals]
    return plan_launch(
        sort_by_due(graphs),
        project=project.name,
        workspace=project.workspace,
        image=image,
        commit=commit,
        fetching=describe_fetching(project, plan_tasks([goal.task for goal in goals]), goals),
        settings=find_cluster(project),
        notify=project.notify,
    )


def send_launch(project: Project, graphs: Sequence[CaseGraph], launch: Launch, cluster: Cluster, show: Show) -> bool:
    """Submit a launch, with the tables of this machine's files, if the cluster takes it; return whether it is new."""
    store = open_store(project.workspace)
    store.check_writable()
    check_cluster(cluster, launch)
    if not is_driven(cluster, launch):  # what the pods of a driver have asked for is on the bill already
        _bring_tables(project, graphs, show)
    is_new = submit(cluster, launch, graphs, store)
    names = ", ".join(launch.runs)
    show.note(f"{names}: {'submitted' if is_new else 'is running already'} as yule-{launch.name}")
    return is_new


def follow_launch(
    project: Project, graphs: Sequence[CaseGraph], launch: Launch, cluster: Cluster, show: Show
) -> RunEnded:
    """Tell all that happens in a launch until it is over."""
    graphs = sort_by_due(graphs)
    plan = plan_tasks([task for graph in graphs for task in graph.whole])
    with show.follow(plan, [describe_tasks(graph) for graph in graphs]) as tell:
        return follow(cluster, launch, open_store(project.workspace), tell)


def connect_project(project: Project) -> Cluster:
    """Connect to the project's cluster."""
    settings = find_cluster(project)
    return connect_cluster(context=settings.context, namespace=settings.namespace)


def find_cluster(project: Project) -> ClusterSettings:
    """Return the project's cluster.

    Raises
    ------
    ConfigError
        If it has none.
    """
    if project.kubernetes is None:
        message = "there is no `kubernetes:`; say which cluster runs are to go to, e.g. kubernetes: {namespace: yule}"
        raise ConfigError((Problem(file="project.yaml", message=message),))
    return project.kubernetes


def find_image(project: Project) -> str:
    """Return the project's image.

    Raises
    ------
    ConfigError
        If it has none.
    """
    if project.image is None:
        message = "there is no `image:`; name the container image without tag, e.g. image: registry.example/acme/yule"
        raise ConfigError((Problem(file="project.yaml", message=message),))
    return project.image


def is_pinned(project: Project) -> bool:
    """Say whether the project's image is pinned by hand: then it decides the code."""
    return "@sha256:" in find_image(project)


def _bring_tables(project: Project, graphs: Sequence[CaseGraph], show: Show) -> None:
    """Bring the tables of this machine's files to the workspace, which pods cannot read.

    Those of warehouses are fetched by pods: what they read is shown before, and refused if it is over a budget.
    """
    here = {name for name, settings in project.sources.items() if settings.is_of_this_machine}
    goals = [goal for graph in graphs for goal in graph.goals]
    plan = plan_tasks([goal.task for goal in goals])
    for fetch in preview_fetches(project, plan, goals, sources=project.sources.keys() - here):
        show.note(describe_fetch(fetch))
    own = [
        Goal(task=task, payer=graph.payer) for graph in graphs for task in find_downloads(plan_tasks(graph.whole), here)
    ]
    if own:
        raise_broken(run_tasks(project, own, show))
