"""``yule image build``, ``yule image check``, ``yule image list``."""

from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.config.projects import Project

app = typer.Typer(no_args_is_help=True, help="The container image of the project's code, one per commit.")

Code = Annotated[str, typer.Option(help="A commit, prefix, tag or branch.")]


@app.command("build")
def build(
    code: Code = "HEAD",
    base_image: Annotated[str | None, typer.Option(help="Value of the Dockerfile's argument BASE_IMAGE.")] = None,
    build_arg: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE of another argument of the Dockerfile; can be repeated.")
    ] = None,
    builder: Annotated[
        str | None, typer.Option(help="docker, buildah or gcloud; the first that works here by default.")
    ] = None,
    platform: Annotated[
        str, typer.Option(help="Operating system and processor of the cluster's nodes.")
    ] = "linux/amd64",
    again: Annotated[bool, typer.Option("--again", help="Build even if the registry has the image.")] = False,
    profile: Profile = None,
) -> None:
    """Build and push the image of a commit with docker, buildah or gcloud, whichever is there."""
    from yule.versions.builders import build_image, find_builder
    from yule.versions.registry import find_image

    project, repository, commit = _find(code, profile)
    found = find_image(repository, commit)
    if found is not None and found.revision == commit and not again:
        typer.echo(f"The registry has it; --again builds it anew.\n{found.reference}")
        return
    image = build_image(
        project.root,
        commit,
        repository,
        arguments=_read_arguments(base_image, build_arg or []),
        builder=find_builder(builder),
        platform=platform,
    )
    typer.echo(image.reference)


@app.command("check")
def check(code: Code = "HEAD", profile: Profile = None, as_json: AsJson = False) -> None:
    """Say whether the registry has the image of a commit, and its digest. Exit code 1 if not."""
    from yule.core.settings import Json, canonical_json
    from yule.versions.registry import find_image, resolve_image

    _, repository, commit = _find(code, profile)
    if as_json:
        found = find_image(repository, commit)
        row: dict[str, Json] = {
            "commit": commit,
            "repository": repository,
            "digest": found.digest if found else None,
            "image": found.reference if found else None,
            "revision": found.revision if found else None,
            "matches": found.revision == commit if found and found.revision else None,
        }
        typer.echo(canonical_json(row))
    image = resolve_image(repository, commit)  # says in words what is not as it should be
    if not as_json:
        told = "its label says so" if image.revision else "it has no label that says so"
        typer.echo(f"repository: {repository}\ndigest:     {image.digest}\ncommit:     {commit}; {told}")


@app.command("list")
def list_images(
    code: Code = "HEAD",
    profile: Profile = None,
    n_commits: Annotated[int, typer.Option("--commits", min=1, help="How many commits to look back.")] = 500,
) -> None:
    """List the commits that have an image, newest first: those that can run without a build."""
    from yule.versions.commits import list_commits
    from yule.versions.registry import list_built

    project, repository, commit = _find(code, profile)
    built = set(list_built(repository))
    told = list_commits(project.root, commit, n_commits=n_commits)
    for found, text in told.items():
        if found in built:
            typer.echo(f"{found[:12]}  {text}")
    n_others = len(built.difference(told))
    if n_others:
        typer.echo(f"and {n_others} that are not among the last {len(told)} commits of {code}")
    if not built:
        typer.echo(f"{repository} has no images. Build one: yule image build")


def _read_arguments(base_image: str | None, written: list[str]) -> dict[str, str]:
    wrong = [text for text in written if not text.partition("=")[0].isidentifier() or "=" not in text]
    if wrong:
        raise typer.BadParameter(f"--build-arg is written NAME=VALUE, not {', '.join(map(repr, wrong))}.")
    arguments = {"BASE_IMAGE": base_image} if base_image else {}
    return arguments | {name: value for name, _, value in (text.partition("=") for text in written)}


def _find(code: str, profile: str | None) -> "tuple[Project, str, str]":
    """Return the project, its image without tag, and the full hash of the commit."""
    from yule.config.finding import load_project
    from yule.session.cluster import find_image
    from yule.versions.commits import resolve_commit

    project = load_project(profile)
    return project, find_image(project).partition("@")[0], resolve_commit(project.root, code)
