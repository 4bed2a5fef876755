"""``yule run --on kubernetes``, ``yule logs``, ``yule stop``: runs on a cluster."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from yule.cli.options import Profile, RunName


def run_on_kubernetes(
    cases: Sequence[str], profile: str | None, *, detach: bool, print_manifests: bool, snapshot: bool, as_json: bool
) -> None:
    """Submit cases to the cluster and follow them."""
    from yule.cli.code import settle_code
    from yule.cli.kustomize import format_yaml
    from yule.cli.screen.answer import print_results
    from yule.cli.screen.progress import Screen, print_end
    from yule.config.finding import load_cases
    from yule.core.errors import TaskFailed
    from yule.session import cluster as clusters

    project, loaded = load_cases(cases, profile)
    clusters.find_cluster(project)
    settled = loaded if clusters.is_pinned(project) else settle_code(cases, project, loaded)
    screen = Screen(as_json=as_json)
    if print_manifests:
        typer.echo(format_yaml(clusters.describe_launch(project, settled, screen, snapshot=snapshot)), nl=False)
        return
    sent = clusters.send_cases(project, settled, screen, snapshot=snapshot)
    if detach:
        _print_ids(sent.run_ids, as_json=as_json)
        return
    with _leaving_runs_alone(sent.run_ids[0]):
        results = list(clusters.wait_for(project, sent, screen).values())
    if as_json and sent.launch is None:
        print_end(is_done=True, text="nothing to run: it is done already")
    if not as_json:
        print_results(results)
    if any(one.error is not None for one in results):
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
    from yule.cli.screen.progress import open_session

    typer.echo(open_session(profile).logs(run, task, lines=lines), nl=False)


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


@contextmanager
def _leaving_runs_alone(run_id: str) -> Iterator[None]:
    """Let an interruption end the waiting, not the runs."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            f"The run goes on in the cluster: yule status {run_id}, yule logs {run_id}, yule stop {run_id}.\n"
            "The same command follows it again.",
            err=True,
        )
        raise typer.Exit(130) from None


def _print_ids(run_ids: Sequence[str], *, as_json: bool) -> None:
    """Print one id a line, for whoever asks how these runs stand: a case may have newer ones."""
    from yule.core.settings import canonical_json

    for run_id in run_ids:
        typer.echo(canonical_json({"run": run_id}) if as_json else run_id)
