"""The written form of ``project.yaml``."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from annotated_types import MinLen
from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag

from yule.config.forms.cluster import CheckedCluster
from yule.config.forms.download import Bytes
from yule.config.forms.fields import FORM, Version, like, version_field
from yule.core.addresses import is_private
from yule.core.secrets import has_secret, redact
from yule.downloads.settings import BigQuerySource, DuckDBSource, FilesSource, PostgresSource, SnowflakeSource
from yule.downloads.specs import Budget
from yule.storage.objects.opening import SCHEMES, is_bucket


def check_local(path: str) -> str:
    """Refuse addresses of object stores."""
    _check_home(path)
    if "://" in path:
        raise ValueError(f"{path.split('://', 1)[0]}:// is not supported here; write a folder on this machine")
    return path


def check_workspace(path: str) -> str:
    """Refuse addresses that no workspace can have."""
    _check_home(path)
    scheme, divider, rest = path.partition("://")
    if divider and scheme not in SCHEMES:
        raise ValueError(f"{scheme}:// is not supported; write a folder, gs://bucket/prefix or s3://bucket/prefix")
    if divider and not rest.strip("/"):
        raise ValueError(f"the bucket is missing: write {scheme}://bucket/prefix")
    return path


def check_notify(address: str) -> str:
    """Refuse addresses that others could read what is sent to."""
    if not is_private(re.sub(r"^\$\{env:[A-Za-z_][A-Za-z0-9_]*\}$", "https://variable", address)):
        raise ValueError("write an https address, or ${env:NAME} for a variable that holds one")
    if redact(address, {}) != address and not has_secret(address):  # which is told of every value alike
        raise ValueError("this holds a key; write ${env:NAME}, which is filled in where the request is made")
    return address


def check_image(image: str) -> str:
    """Refuse a digest that is none."""
    if "@" in image and not re.fullmatch(r"[^@]+@sha256:[0-9a-f]{64}", image):
        raise ValueError("what stands behind @ is no digest: write sha256: and its 64 digits, or the image without tag")
    return image


def _check_home(path: str) -> None:
    if path.startswith("~"):
        try:
            Path(path).expanduser()
        except RuntimeError:
            raise ValueError("there is no home folder for '~' here; write the path out") from None


def check_address(address: str) -> str:
    """Refuse addresses that are none of PostgreSQL, or carry a name or a password."""
    if not re.fullmatch(r"postgresql://[^\s/@?]+(:\d+)?/[^\s/@?]+", address):
        raise ValueError(
            "write postgresql://HOST:PORT/DATABASE, without name and password: they come from PGUSER and PGPASSWORD, "
            "or from ~/.pgpass"
        )
    return address


def check_export(place: str) -> str:
    """Refuse places that BigQuery cannot export to."""
    if not re.fullmatch(r"gs://[^\s/]+(/\S+)?", place):
        raise ValueError("write gs://bucket/prefix: BigQuery exports to Cloud Storage only")
    return place


LocalPath: TypeAlias = Annotated[str, MinLen(1), AfterValidator(check_local)]
ImageName: TypeAlias = Annotated[str, AfterValidator(check_image)]
NotifyAddress: TypeAlias = Annotated[str, AfterValidator(check_notify)]
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


class DuckDBSourceForm(BaseModel):
    """Tables and views of a DuckDB database in one file."""

    model_config = FORM

    kind: Literal["duckdb"] = like(DuckDBSource, "kind")
    path: LocalPath = Field(description="The file, relative to this one.", examples=["data/shop.duckdb"])

    def settings(self, root: Path) -> DuckDBSource:
        """Return the source of a project in some folder."""
        return DuckDBSource(path=resolve_path(root, self.path))


class PostgresSourceForm(BaseModel):
    """A PostgreSQL database."""

    model_config = FORM

    kind: Literal["postgres"] = like(PostgresSource, "kind")
    address: Annotated[str, AfterValidator(check_address)] = like(
        PostgresSource, "address", example="postgresql://db.example:5432/shop"
    )

    def settings(self, root: Path) -> PostgresSource:
        """Return the source; it lies nowhere in the project."""
        del root
        return PostgresSource(address=self.address)


class BigQuerySourceForm(BaseModel):
    """Tables of BigQuery."""

    model_config = FORM

    kind: Literal["bigquery"] = like(BigQuerySource, "kind")
    project: Annotated[str, MinLen(1)] = like(BigQuerySource, "project", example="acme-analytics")
    location: str | None = like(BigQuerySource, "location")
    dataset: str | None = like(BigQuerySource, "dataset")
    export: Annotated[str, AfterValidator(check_export)] | None = like(BigQuerySource, "export")

    def settings(self, root: Path) -> BigQuerySource:
        """Return the source; it lies nowhere in the project."""
        del root
        export = self.export.rstrip("/") if self.export else None
        return BigQuerySource(project=self.project, location=self.location, dataset=self.dataset, export=export)


class SnowflakeSourceForm(BaseModel):
    """A database of Snowflake."""

    model_config = FORM

    kind: Literal["snowflake"] = like(SnowflakeSource, "kind")
    account: Annotated[str, MinLen(1)] = like(SnowflakeSource, "account", example="acme-eu1")
    database: Annotated[str, MinLen(1)] = like(SnowflakeSource, "database", example="ANALYTICS")
    schema_: str = Field("PUBLIC", alias="schema", description="Schema of tables that are named without one.")
    warehouse: str | None = like(SnowflakeSource, "warehouse")
    role: str | None = like(SnowflakeSource, "role")

    def settings(self, root: Path) -> SnowflakeSource:
        """Return the source; it lies nowhere in the project."""
        del root
        return SnowflakeSource(
            account=self.account,
            database=self.database,
            schema=self.schema_,
            warehouse=self.warehouse,
            role=self.role,
        )


def find_kind(written: object) -> str:
    """Return the kind of a source; a folder of files need not say its own."""
    return str(written.get("kind", "files")) if isinstance(written, dict) else "files"


AnySource: TypeAlias = Annotated[
    Annotated[FilesSourceForm, Tag("files")]
    | Annotated[DuckDBSourceForm, Tag("duckdb")]
    | Annotated[PostgresSourceForm, Tag("postgres")]
    | Annotated[BigQuerySourceForm, Tag("bigquery")]
    | Annotated[SnowflakeSourceForm, Tag("snowflake")],
    Discriminator(find_kind),
]


class BudgetForm(BaseModel):
    """How many bytes sources may read: what costs more is refused before anything is read."""

    model_config = FORM

    download: Bytes | None = like(Budget, "download")
    run: Bytes | None = like(Budget, "run")
    month: Bytes | None = like(Budget, "month")

    def settings(self) -> Budget:
        """Return the budget."""
        return Budget(download=self.download, run=self.run, month=self.month)


class ProfileForm(BaseModel):
    """What is different elsewhere: laid over the rest of the file when the profile is chosen."""

    model_config = FORM

    workspace: WorkspacePath | None = Field(
        None, description="Where all that is computed is kept.", examples=["gs://acme-yule/audience"]
    )
    sources: Mapping[str, AnySource] = Field({}, description="Sources that lie elsewhere.")
    budget: BudgetForm | None = Field(None, description="How many bytes sources may read.")
    image: ImageName | None = Field(None, description="The container image without tag.")
    notify: NotifyAddress | None = Field(None, description="Where the end of a run is told.")
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
    sources: Mapping[str, AnySource] = Field(
        description="Where the data are, by name. The path of files is relative to this file.",
        examples=["{shop: {kind: files, path: data}}"],
    )
    libraries: tuple[str, ...] = Field(
        (),
        description="Python packages whose folder `downloads` holds methods that several projects share.",
        examples=["[acme_downloads]"],
    )
    budget: BudgetForm | None = Field(
        None, description="How many bytes sources may read.", examples=["{run: 100 GB, month: 2 TB}"]
    )
    image: ImageName | None = Field(
        None,
        description="The container image without tag, for runs on Kubernetes.",
        examples=["europe-docker.pkg.dev/acme/yule/audience"],
    )
    kubernetes: CheckedCluster | None = Field(None, description="The cluster that `--on kubernetes` runs on.")
    notify: NotifyAddress | None = Field(
        None,
        description="An https address that is sent how each run has ended, as JSON of run, case, status, message and "
        "text. ${env:NAME} is filled in where it is sent from: on this machine, or in the driver's pod.",
        examples=["${env:YULE_NOTIFY}"],
    )
    profiles: Mapping[str, ProfileForm] = Field(
        {}, description="What is different elsewhere, by name; chosen with --profile."
    )
