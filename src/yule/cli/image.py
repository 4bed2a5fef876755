"""``yule image build``, ``yule image check``."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(no_args_is_help=True, help="The container image of the project's code, one per commit.")

Code = Annotated[str, typer.Option(help="A commit, prefix, tag or branch.")]
Profile = Annotated[str | None, typer.Option(help="Profile of project.yaml, e.g. production.")]


@app.command("build")
def build(
    code: Code = "HEAD",
    base_image: Annotated[str | None, typer.Option(help="Value of the Dockerfile's argument BASE_IMAGE.")] = None,
    profile: Profile = None,
) -> None:
    """Build and push the image of a commit with docker, buildah or gcloud, whichever is there."""
    from yule.versions.builders import build_image
    from yule.versions.registry import resolve_image

    root, repository, commit = _find(code, profile)
    build_image(root, commit, repository, base_image=base_image)
    typer.echo(resolve_image(repository, commit).reference)


@app.command("check")
def check(
    code: Code = "HEAD",
    profile: Profile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to the standard output, for scripts.")] = False,
) -> None:
    """Say whether the registry has the image of a commit, and its digest."""
    from yule.core.settings import canonical_json
    from yule.versions.registry import resolve_image

    _, repository, commit = _find(code, profile)
    image = resolve_image(repository, commit)
    if as_json:
        typer.echo(canonical_json({"commit": commit, "image": image.reference, "revision": image.revision}))
    else:
        told = "its label says so" if image.revision else "it has no label that says so"
        typer.echo(f"{image.reference}\nof the commit {commit}; {told}")


def _find(code: str, profile: str | None) -> "tuple[Path, str, str]":
    """Return the repository's folder, the image without tag, and the full hash of the commit."""
    from yule.cli.cases import load_project
    from yule.cli.remote import find_image
    from yule.versions.commits import find_root, resolve_commit

    project = load_project(profile)
    root = find_root(project.root)
    return root, find_image(project).partition("@")[0], resolve_commit(root, code)
