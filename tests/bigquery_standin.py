"""A stand-in for the parts of BigQuery that the emulator leaves out: bytes, limits, labels, tables read, refusals.

It is the HTTP session of Google's own client, and gives the same answer to every query.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

CHANGED_AT = 1_704_067_200_000


@dataclass(frozen=True, kw_only=True)
class StandInTable:
    """A table that can be asked about.

    Parameters
    ----------
    name
        ``PROJECT.DATASET.TABLE``.
    columns
        Type by column.
    kind
        ``TABLE``, ``VIEW`` or ``EXTERNAL``.
    view
        The SQL of a view.
    n_rows, changed_at
        Its size, and the milliseconds of its last change.
    partitioned_by
        The column that it is partitioned by; empty when it is not.
    """

    name: str
    columns: dict[str, str]
    kind: str = "TABLE"
    view: str = ""
    n_rows: int = 3
    changed_at: int = CHANGED_AT
    partitioned_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An error that is answered once.

    Parameters
    ----------
    status, reason, message
        As BigQuery says them.
    path
        Which requests it answers: those whose path contains this.
    n_times
        How often.
    """

    status: int
    reason: str
    message: str
    path: str = "/jobs"
    n_times: int = 1


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request that was made."""

    method: str
    path: str
    body: dict[str, Any]

    @property
    def is_dry_run(self) -> bool:
        """Whether it asks for a query without running it."""
        return bool(self.body.get("configuration", {}).get("dryRun"))

    @property
    def is_run(self) -> bool:
        """Whether it runs a query."""
        return self.method == "POST" and not self.is_dry_run

    @property
    def sql(self) -> str:
        """The query."""
        return str(self.body["configuration"]["query"]["query"])


@dataclass(kw_only=True)
class StandIn:
    """The stand-in; a session for ``bigquery.Client(_http=...)``.

    Parameters
    ----------
    tables
        The tables there are.
    n_bytes
        What every query reads.
    reads
        Names of the tables that every query reads.
    columns, rows
        The answer to every query: type by column, and values as text.
    n_rows
        How many rows it has, if not all of them come at once.
    destination
        Table that holds the answer, ``PROJECT.DATASET.TABLE``.
    statement
        What kind of statement every query is.
    refusals
        Errors that are answered instead; an exception is raised.
    asked
        The requests that were made.
    """

    is_mtls: ClassVar[bool] = False  # asked of a session unless an emulator is named

    tables: Sequence[StandInTable] = ()
    n_bytes: int = 0
    reads: Sequence[str] = ()
    columns: dict[str, str] = field(default_factory=dict)
    rows: Sequence[Sequence[str | None]] = ()
    n_rows: int | None = None
    destination: str = "p.results.anon"
    statement: str = "SELECT"
    refusals: list[Refusal | Exception] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def client(self) -> bigquery.Client:
        """Return a client that talks to it."""
        return bigquery.Client(project="p", credentials=AnonymousCredentials(), _http=self)  # type: ignore[arg-type]

    def runs(self) -> list[Request]:
        """Return the queries that were run."""
        return [request for request in self.asked if request.is_run]

    def dry_runs(self) -> list[Request]:
        """Return the queries that were only looked at."""
        return [request for request in self.asked if request.is_dry_run]

    def request(self, method: str, url: str, data: str | None = None, **_: object) -> requests.Response:
        """Answer a request."""
        parts = urlsplit(url)
        request = Request(method=method, path=parts.path, body=json.loads(data or "{}"))
        self.asked.append(request)
        for place, refusal in enumerate(self.refusals):
            if isinstance(refusal, Exception):
                raise refusal
            if refusal.path in parts.path and not request.is_dry_run:
                left = replace(refusal, n_times=refusal.n_times - 1)
                self.refusals[place : place + 1] = [left] if left.n_times else []
                return _refuse(refusal)
        return self._answer(request, parse_qs(parts.query))

    def _answer(self, request: Request, options: dict[str, list[str]]) -> requests.Response:
        if request.method == "POST":
            return self._run(request)
        if "/tables/" in request.path and not request.path.endswith("/data"):
            return self._describe(request.path)
        n_rows = len(self.rows) if self.n_rows is None else self.n_rows
        is_last = "pageToken" in options or len(self.rows) == n_rows
        return _respond(
            {
                **({} if is_last else {"pageToken": "more"}),
                "jobReference": {"projectId": "p", "jobId": request.path.rsplit("/", 1)[-1], "location": "EU"},
                "jobComplete": True,
                "schema": {"fields": _fields(self.columns)},
                "totalRows": str(n_rows),
                "rows": [{"f": [{"v": value} for value in row]} for row in self.rows],
            }
        )

    def _run(self, request: Request) -> requests.Response:
        job = dict(request.body)
        query = job["configuration"]["query"]
        limit = query.get("maximumBytesBilled")
        if limit is not None and not request.is_dry_run and int(limit) < self.n_bytes:
            text = f"Query exceeded limit for bytes billed: {limit}. {self.n_bytes} or higher required."
            return _refuse(Refusal(status=400, reason="bytesBilledLimitExceeded", message=text))
        if not request.is_dry_run:
            query["destinationTable"] = _reference(self.destination)
        job["status"] = {"state": "DONE"}
        job["statistics"] = {
            "totalBytesProcessed": str(self.n_bytes),
            "query": {
                "statementType": self.statement,
                "totalBytesProcessed": str(self.n_bytes),
                "referencedTables": [_reference(name) for name in self.reads],
                "schema": {"fields": _fields(self.columns)},
            },
        }
        return _respond(job)

    def _describe(self, path: str) -> requests.Response:
        _, project, _, dataset, _, name = path.rsplit("/projects", maxsplit=1)[-1].split("/")
        full = ".".join((project, dataset, name))
        table = next((table for table in self.tables if table.name == full), None)
        if table is None:
            text = f"Not found: Table {project}:{dataset}.{name}"
            return _refuse(Refusal(status=404, reason="notFound", message=text))
        return _respond(
            {
                "id": f"{project}:{dataset}.{name}",
                "tableReference": _reference(full),
                "type": table.kind,
                "etag": "e",
                "numRows": str(table.n_rows),
                "numBytes": "99",
                "lastModifiedTime": str(table.changed_at),
                "schema": {"fields": _fields(table.columns)},
                **({"view": {"query": table.view}} if table.view else {}),
                **(
                    {"timePartitioning": {"type": "DAY", "field": table.partitioned_by}} if table.partitioned_by else {}
                ),
            }
        )


def _fields(columns: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in columns.items()]


def _reference(name: str) -> dict[str, str]:
    project, dataset, table = name.split(".")
    return {"projectId": project, "datasetId": dataset, "tableId": table}


def _refuse(refusal: Refusal) -> requests.Response:
    error = {"message": refusal.message, "reason": refusal.reason, "domain": "global"}
    content = {"error": {"code": refusal.status, "message": refusal.message, "errors": [error]}}
    return _respond(content, status=refusal.status)


def _respond(content: dict[str, Any], *, status: int = 200) -> requests.Response:
    response = requests.Response()
    response.request = requests.Request("POST", "https://bigquery.example/").prepare()
    response.status_code = status
    response.headers["content-type"] = "application/json"
    response._content = json.dumps(content).encode()
    return response
