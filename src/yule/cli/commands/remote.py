"""``yule run --on kubernetes``, ``yule logs``, ``yule stop``: runs on a cluster."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import Profile, RunName

if TYPE_CHECKING:
    from yule.cli.screen.progress import Screen
    from yule.config.projects import Project
    from yule.pipeline.graph import CaseGraph
    from yule.remote.launch import Launch
    from yule.runtime.kubernetes.api.protocol import Cluster


def run_on_kubernetes(
    cases: Sequence[str], profile: str | None, *, detach: bool, print_manifests: bool, snapshot: bool, as_json: bool
) -> None:
    """Submit cases to the cluster and follow them."""
    from yule.cli.code import settle_code
    from yule.cli.kustomize import format_yaml
    from yule.cli.screen.progress import Screen, print_end
    from yule.config.finding import load_cases
    from yule.core.errors import TaskFailed
    from yule.remote.submission import describe_objects
    from yule.session import cluster as clusters
    from yule.session.execution import find_setup_of
    from yule.session.graphs import build_graphs, build_run_graphs
    from yule.storage.setup import using_setup

    project, loaded = load_cases(cases, profile)
    clusters.find_cluster(project)
    settled = loaded if clusters.is_pinned(project) else settle_code(cases, project, loaded)
    screen = Screen(as_json=as_json)
    with using_setup(find_setup_of(project)):
        graphs = (build_graphs if print_manifests else build_run_graphs)(project, settled, screen)
        if not print_manifests and clusters.is_all_done(project, graphs):
            if detach:
                _print_ids([graph.run_id for graph in graphs], as_json=as_json)
            elif as_json:
                print_end(is_done=True, text="nothing to run: it is done already")
            else:
                _print_answers(project, graphs)
            return
        code = clusters.choose_code(project, graphs, snapshot=snapshot, tell=screen.note)
        launch = clusters.prepare_launch(project, graphs, code)
        if print_manifests:
            typer.echo(format_yaml(describe_objects(launch)), nl=False)
            return
        cluster = clusters.connect_project(project)
        clusters.send_launch(project, graphs, launch, cluster, screen)
        if detach:
            _print_ids(launch.runs, as_json=as_json)
            return
        is_done = _follow(project, graphs, launch, cluster, screen)
        if not as_json:
            _print_answers(project, graphs)
    if not is_done:
        raise TaskFailed("Some tasks failed. What is finished is kept: run the same command again when it is mended.")


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
    from yule.pipeline.runs.reading import find_run
    from yule.remote.logs import read_logs
    from yule.session.cluster import connect_project
    from yule.session.execution import find_setup_of
    from yule.storage.opening import open_store
    from yule.storage.setup import using_setup

    project = load_project(profile)
    store = open_store(project.workspace)
    found = find_run(store, run)
    if not found.launch:
        raise WorkspaceError(f"{found.run_id} ran on one machine, not on a cluster.")
    cluster = connect_project(project)
    with using_setup(find_setup_of(project)):
        for text in read_logs(cluster, store, found, task, n_lines=lines):
            typer.echo(text, nl=False)


def stop(run: RunName, profile: Profile = None) -> None:
    """Stop a run on the cluster. What is finished is kept."""
    from yule.config.finding import load_project
    from yule.core.patience import find_patience
    from yule.remote.standing import stop as stop_launch
    from yule.remote.stopping import find_stopping
    from yule.session.cluster import connect_project

    def tell(text: str) -> None:
        typer.echo(text or "The workspace answers again.", err=True)

    project = load_project(profile)
    cluster = connect_project(project)
    found, store = find_stopping(project, cluster, run, tell=tell, seconds=find_patience())
    stopped = stop_launch(cluster, store, found)
    typer.echo(f"Stopped: {', '.join(stopped) or f'nothing, {found.run_id} is {found.status}'}")


def _follow(
    project: "Project", graphs: "Sequence[CaseGraph]", launch: "Launch", cluster: "Cluster", screen: "Screen"
) -> bool:
    """Follow a launch; return whether all is done. An interruption leaves it alone."""
    from yule.session.cluster import follow_launch

    try:
        return follow_launch(project, graphs, launch, cluster, screen).is_done
    except KeyboardInterrupt:
        name = launch.runs[0]
        typer.echo(
            f"The run goes on in the cluster: yule status {name}, yule logs {name}, yule stop {name}.\n"
            "The same command follows it again.",
            err=True,
        )
        raise typer.Exit(130) from None


def _print_ids(run_ids: Sequence[str], *, as_json: bool) -> None:
    """Print one id a line, for whoever asks how these runs stand: a case may have newer ones."""
    from yule.core.settings import canonical_json

    for run_id in run_ids:
        typer.echo(canonical_json({"run": run_id}) if as_json else run_id)


def _print_answers(project: "Project", graphs: "Sequence[CaseGraph]") -> None:
    from yule.cli.screen.answer import print_answer
    from yule.pipeline.runs.reading import bring_run
    from yule.storage.opening import open_store

    for graph in graphs:
        if graph.is_finished():
            print_answer(bring_run(open_store(project.workspace), graph.run_id))
