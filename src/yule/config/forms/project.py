"""The written form of ``project.yaml``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from annotated_types import MinLen
from pydantic import AfterValidator, BaseModel, Field

from yule.config.forms.cluster import CheckedCluster
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.downloads.settings import FilesSource
from yule.storage.objects.opening import SCHEMES, is_bucket


def check_local(path: str) -> str:
    """Refuse addresses of object stores."""
    if "://" in path:
        raise ValueError(f"{path.split('://', 1)[0]}:// is not supported here; write a folder on this machine")
    return path


def check_workspace(path: str) -> str:
    """Refuse addresses that no workspace can have."""
    scheme, divider, rest = path.partition("://")
    if divider and scheme not in SCHEMES:
        raise ValueError(f"{scheme}:// is not supported; write a folder, gs://bucket/prefix or s3://bucket/prefix")
    if divider and not rest.strip("/"):
        raise ValueError(f"the bucket is missing: write {scheme}://bucket/prefix")
    return path


LocalPath: TypeAlias = Annotated[str, MinLen(1), AfterValidator(check_local)]
WorkspacePath: TypeAlias = Annotated[str, MinLen(1), AfterValidator(check_workspace)]


def resolve_path(root: Path, path: str) -> str:
    """Return the absolute path of what a project's file names; an address stays what it is."""
    if is_bucket(path):
        return path.rstrip("/")
    return str((root / Path(path).expanduser()).resolve())


class FilesSourceForm(BaseModel):
    """Parquet and CSV files in a folder."""

    model_config = FORM

    kind: Literal["files"] = like(FilesSource, "kind")
    path: LocalPath = Field(description="The folder, relative to this file.", examples=["data"])

    def settings(self, root: Path) -> FilesSource:
        """Return the source of a project in some folder."""
        return FilesSource(path=resolve_path(root, self.path))


class ProfileForm(BaseModel):
    """What is different elsewhere: laid over the rest of the file when the profile is chosen."""

    model_config = FORM

    workspace: WorkspacePath | None = Field(
        None, description="Where all that is computed is kept.", examples=["gs://acme-yule/audience"]
    )
    sources: Mapping[str, FilesSourceForm] = Field({}, description="Sources that lie elsewhere.")
    image: str | None = Field(None, description="The container image without tag.")
    kubernetes: CheckedCluster | None = Field(None, description="The cluster that `--on kubernetes` runs on.")


class ProjectForm(BaseModel):
    """A project: where its data come from and where its results go."""

    model_config = FORM

    version: Version = version_field()
    name: Annotated[str, MinLen(1)] = Field(description="Name of the project.", examples=["acme-audience"])
    workspace: WorkspacePath = Field(
        description="Where all that is computed is kept: a folder, relative to this file, or gs://bucket/prefix or "
        "s3://bucket/prefix.",
        examples=["workspace"],
    )
    sources: Mapping[str, FilesSourceForm] = Field(
        description="Where the data are, by name. The path of files is relative to this file.",
        examples=["{shop: {kind: files, path: data}}"],
    )
    image: str | None = Field(
        None,
        description="The container image without tag, for runs on Kubernetes.",
        examples=["europe-docker.pkg.dev/acme/yule/audience"],
    )
    kubernetes: CheckedCluster | None = Field(None, description="The cluster that `--on kubernetes` runs on.")
    profiles: Mapping[str, ProfileForm] = Field(
        {}, description="What is different elsewhere, by name; chosen with --profile."
    )
