"""``yule kubernetes manifests``."""

from pathlib import Path
from typing import Annotated

import typer

from yule.cli.options import Profile, read_path

app = typer.Typer(no_args_is_help=True, help="What a cluster needs before the first run.")


@app.callback()
def _group() -> None:
    """Make this a group, for there will be more commands."""


@app.command("manifests")
def manifests(
    max_pods: Annotated[int, typer.Option(min=1, help="Pods at once in the namespace.")] = 200,
    max_cpu: Annotated[int, typer.Option(min=1, help="Cores that all pods may ask for.")] = 400,
    max_memory: Annotated[int, typer.Option(min=1, help="Memory that all pods may ask for, in GiB.")] = 1600,
    kustomize: Annotated[
        Path | None,
        typer.Option(
            parser=read_path,
            metavar="DIR",
            help="A folder to write a Kustomize base into; files that somebody has changed are left alone.",
        ),
    ] = None,
    profile: Profile = None,
) -> None:
    """Print the namespace, its accounts, what they may do, and a quota: for kubectl apply -f -."""
    from yule.cli.kustomize import format_yaml, write_base
    from yule.config.finding import load_project
    from yule.runtime.kubernetes.namespace import describe_namespace
    from yule.session.cluster import find_cluster

    settings = find_cluster(load_project(profile))
    bodies = describe_namespace(
        namespace=settings.namespace,
        driver=settings.service_account,
        worker=settings.worker_service_account,
        max_pods=max_pods,
        max_cpu=max_cpu,
        max_memory_gib=max_memory,
    )
    if kustomize is None:
        typer.echo(format_yaml(bodies), nl=False)
        return
    texts = {
        "written": "written",
        "kept": "as it was",
        "changed": "left alone: somebody has changed it. Delete it to have it written anew.",
    }
    for name, state in write_base(kustomize, bodies):
        typer.echo(f"{kustomize / name}: {texts[state]}")
