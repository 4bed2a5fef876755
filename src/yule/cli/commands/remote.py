"""``yule run --on kubernetes``, ``yule logs``, ``yule stop``: runs on a cluster."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import Profile, RunName

if TYPE_CHECKING:
    from yule.config.projects import Project
    from yule.pipeline.graph import CaseGraph
    from yule.remote.launch import Launch
    from yule.runtime.kubernetes.api.protocol import Cluster
    from yule.runtime.kubernetes.settings import ClusterSettings
    from yule.storage.store import Store


def run_on_kubernetes(
    cases: Sequence[str], profile: str | None, *, detach: bool, print_manifests: bool, snapshot: bool, as_json: bool
) -> None:
    """Submit cases to the cluster and follow them."""
    from yule.cli.code import settle_code
    from yule.cli.commands.run import build_graphs, build_run_graphs
    from yule.cli.kustomize import format_yaml
    from yule.cli.screen.progress import print_end
    from yule.config.finding import load_cases
    from yule.pipeline.fetching import describe_fetching
    from yule.pipeline.runs import read_runs
    from yule.remote.submission import check_cluster, describe_objects, is_driven, plan_launch, submit
    from yule.runtime.kubernetes.api.client import connect_cluster
    from yule.runtime.plan import plan_tasks
    from yule.storage.opening import open_store

    project, loaded = load_cases(cases, profile)
    settings = find_cluster(project)
    is_pinned = "@sha256:" in find_image(project)
    settled = loaded if is_pinned else settle_code(cases, project, loaded)
    graphs = build_graphs(project, settled) if print_manifests else build_run_graphs(project, settled)
    store = open_store(project.workspace)
    done = {run.run_id for run in read_runs(store) if run.status == "done"}
    if (
        not print_manifests
        and done >= {graph.run_id for graph in graphs}
        and all(graph.is_finished() for graph in graphs)
    ):
        if detach:
            _print_ids([graph.run_id for graph in graphs], as_json=as_json)
        elif as_json:
            print_end(is_done=True, text="nothing to run: it is done already")
        else:
            _print_answers(graphs, store)
        return
    commit, image = _choose_code(project, graphs, snapshot=snapshot)
    goals = [goal for graph in graphs for goal in graph.goals]
    launch = plan_launch(
        graphs,
        project=project.name,
        workspace=project.workspace,
        image=image,
        commit=commit,
        fetching=describe_fetching(project, plan_tasks([goal.task for goal in goals]), goals),
        settings=settings,
        notify=project.notify,
    )
    if print_manifests:
        typer.echo(format_yaml(describe_objects(launch)), nl=False)
        return
    store.check_writable()
    cluster = connect_cluster(context=settings.context, namespace=settings.namespace)
    check_cluster(cluster, launch)
    if not is_driven(cluster, launch):  # what the pods of a driver have asked for is on the bill already
        _bring_tables(project, graphs, as_json=as_json)
    is_new = submit(cluster, launch, graphs, store)
    names = ", ".join(launch.runs)
    typer.echo(f"{names}: {'submitted' if is_new else 'is running already'} as yule-{launch.name}", err=True)
    if detach:
        _print_ids(launch.runs, as_json=as_json)
    else:
        _follow(project, graphs, launch, cluster, as_json=as_json)


def logs(
    run: RunName,
    task: Annotated[
        str | None, typer.Argument(help="A fit such as lightgbm/fold-2, a task's family or unique id; else the driver.")
    ] = None,
    lines: Annotated[int, typer.Option(min=1, help="How many of the last lines.")] = 200,
    profile: Profile = None,
) -> None:
    """Print what the driver or a task of a run has written."""
    from yule.config.finding import load_project
    from yule.core.errors import WorkspaceError
    from yule.pipeline.runs import find_run
    from yule.remote.logs import read_logs
    from yule.storage.opening import open_store

    project = load_project(profile)
    store = open_store(project.workspace)
    found = find_run(store, run)
    if not found.launch:
        raise WorkspaceError(f"{found.run_id} ran on one machine, not on a cluster.")
    cluster = connect_project(project)
    for text in read_logs(cluster, store, found, task, n_lines=lines):
        typer.echo(text, nl=False)


def stop(run: RunName, profile: Profile = None) -> None:
    """Stop a run on the cluster. What is finished is kept."""
    from yule.config.finding import load_project
    from yule.core.patience import find_patience
    from yule.remote.standing import stop as stop_launch
    from yule.remote.stopping import find_stopping

    def tell(text: str) -> None:
        typer.echo(text or "The workspace answers again.", err=True)

    project = load_project(profile)
    cluster = connect_project(project)
    found, store = find_stopping(project, cluster, run, tell=tell, seconds=find_patience())
    stopped = stop_launch(cluster, store, found)
    typer.echo(f"Stopped: {', '.join(stopped) or f'nothing, {found.run_id} is {found.status}'}")


def find_cluster(project: "Project") -> "ClusterSettings":
    """Return the project's cluster.

    Raises
    ------
    ConfigError
        If it has none.
    """
    from yule.core.errors import ConfigError, Problem

    if project.kubernetes is None:
        message = "there is no `kubernetes:`; say which cluster runs are to go to, e.g. kubernetes: {namespace: yule}"
        raise ConfigError((Problem(file="project.yaml", message=message),))
    return project.kubernetes


def connect_project(project: "Project") -> "Cluster":
    """Connect to the project's cluster."""
    from yule.runtime.kubernetes.api.client import connect_cluster

    settings = find_cluster(project)
    return connect_cluster(context=settings.context, namespace=settings.namespace)


def find_image(project: "Project") -> str:
    """Return the project's image.

    Raises
    ------
    ConfigError
        If it has none.
    """
    from yule.core.errors import ConfigError, Problem

    if project.image is None:
        message = "there is no `image:`; name the container image without tag, e.g. image: registry.example/acme/yule"
        raise ConfigError((Problem(file="project.yaml", message=message),))
    return project.image


def _choose_code(project: "Project", graphs: "Sequence[CaseGraph]", *, snapshot: bool) -> tuple[str, str]:
    """Return the commit of the cases and its image by digest."""
    from yule.cli.code import own_folders
    from yule.versions.commits import list_dirty, refuse_dirty, resolve_commit, take_snapshot
    from yule.versions.registry import resolve_image

    image = find_image(project)
    asked, own = graphs[0].case.code, own_folders(project)
    if "@sha256:" in image:  # pinned by hand
        return asked or "", image
    if asked:
        commit = asked
    elif snapshot and list_dirty(project.root, apart_from=own):
        commit = take_snapshot(project.root, apart_from=own)
        typer.echo(f"snapshot {commit}; its image: yule image build --code {commit[:12]}", err=True)
    else:
        refuse_dirty(project.root, apart_from=own)
        commit = resolve_commit(project.root, "HEAD")
    return commit, resolve_image(image, commit).reference


def _bring_tables(project: "Project", graphs: "Sequence[CaseGraph]", *, as_json: bool) -> None:
    """Bring the tables of this machine's files to the workspace, which pods cannot read.

    Those of warehouses are fetched by pods: what they read is shown before, and refused if it is over a budget.
    """
    from yule.cli.execution import print_fetches, raise_broken, run_tasks
    from yule.downloads.sources.engines import is_of_this_machine
    from yule.pipeline.fetching import Goal, find_downloads, preview_fetches
    from yule.runtime.plan import plan_tasks

    here = {name for name, settings in project.sources.items() if is_of_this_machine(settings)}
    goals = [goal for graph in graphs for goal in graph.goals]
    plan = plan_tasks([goal.task for goal in goals])
    fetches = preview_fetches(project, plan, goals, sources=project.sources.keys() - here)
    if not as_json:
        print_fetches(fetches)
    own = [
        Goal(task=task, payer=graph.payer) for graph in graphs for task in find_downloads(plan_tasks(graph.whole), here)
    ]
    if own:
        raise_broken(run_tasks(project, own, as_json=as_json))


def _follow(
    project: "Project", graphs: "Sequence[CaseGraph]", launch: "Launch", cluster: "Cluster", *, as_json: bool
) -> None:
    from yule.cli.screen.board import Board
    from yule.cli.screen.progress import show_progress
    from yule.core.errors import TaskFailed
    from yule.remote.following import follow
    from yule.runtime.plan import plan_tasks
    from yule.storage.opening import open_store

    store = open_store(project.workspace)
    fits = {graph.case.name: graph.find_fits() for graph in graphs}
    try:
        with show_progress(
            Board(plan_tasks([task for graph in graphs for task in graph.whole]), fits), as_json=as_json
        ) as tell:
            ended = follow(cluster, launch, store, tell)
    except KeyboardInterrupt:
        name = launch.runs[0]
        typer.echo(
            f"The run goes on in the cluster: yule status {name}, yule logs {name}, yule stop {name}.\n"
            "The same command follows it again.",
            err=True,
        )
        raise typer.Exit(130) from None
    if not as_json:
        _print_answers(graphs, store)
    if not ended.is_done:
        raise TaskFailed("Some tasks failed. What is finished is kept: run the same command again when it is mended.")


def _print_ids(run_ids: Sequence[str], *, as_json: bool) -> None:
    """Print one id a line, for whoever asks how these runs stand: a case may have newer ones."""
    from yule.core.settings import canonical_json

    for run_id in run_ids:
        typer.echo(canonical_json({"run": run_id}) if as_json else run_id)


def _print_answers(graphs: "Sequence[CaseGraph]", store: "Store") -> None:
    from yule.cli.screen.answer import print_answer
    from yule.pipeline.runs import bring_run

    for graph in graphs:
        if graph.is_finished():
            print_answer(bring_run(store, graph.run_id))
