"""The API server."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from standin.state import Body, Conflict, State, matches

PATHS = {
    "/api/v1/namespaces/": ("configmaps", "events", "pods"),
    "/apis/batch/v1/namespaces/": ("jobs",),
}
JOB_FIELDS = {
    "activeDeadlineSeconds", "backoffLimit", "backoffLimitPerIndex", "completionMode", "completions", "manualSelector",
    "maxFailedIndexes", "parallelism", "podFailurePolicy", "podReplacementPolicy", "selector", "successPolicy",
    "suspend", "template", "ttlSecondsAfterFinished",
}  # fmt: skip


class Faults:
    """What the API server does wrong, until it is told otherwise."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = []
        """Answers (status, Retry-After) to the next requests, in place of the right ones."""
        self.silent_watches = False
        self.delay_seconds = 0.0
        """How late every answer comes."""
        self.forbidden: set[str] = set()
        """Verbs and kinds that are not allowed: ``create jobs``."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State
    faults: Faults
    counts: Counter[str]
    read_log: Any

    def do_GET(self) -> None:
        if not (place := self._begin("get")):
            return
        kind, name, query, rest = place
        if rest == "log":
            self._send(200, self.read_log(name, int(query.get("tailLines", "1000"))), raw=True)
        elif name:
            body = self.state.get(kind, name)
            self._send(200, body) if body else self._fail(404, f'{kind} "{name}" not found')
        elif query.get("watch"):
            self._watch(kind, query)
        else:
            with self.state.lock:
                items = self.state.list(kind, lambda body: matches(body, query.get("labelSelector", "")))
                first, limit = int(query.get("continue", 0)), int(query.get("limit", 0)) or len(items) + 1
                more = str(first + limit) if first + limit < len(items) else ""
                metadata = {"resourceVersion": str(self.state.version), "continue": more}
                answer = json.dumps({"metadata": metadata, "items": items[first : first + limit]}).encode()
            self._send(200, answer, raw=True)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/apis/authorization.k8s.io"):
            asked = body["spec"]["resourceAttributes"]
            body["status"] = {"allowed": f"{asked['verb']} {asked['resource']}" not in self.faults.forbidden}
            self._send(201, body)
            return
        if not (place := self._begin("create")):
            return
        kind, _, query, _ = place
        unknown = set(body["spec"]) - JOB_FIELDS if kind == "jobs" else set()
        if unknown:
            self._fail(400, f'strict decoding error: unknown field "spec.{min(unknown)}"')
        elif query.get("dryRun"):
            self._send(201, body)
        else:
            body.setdefault("status", {})
            try:
                self._send(201, self.state.create(kind, body))
            except Conflict:
                self._fail(409, f'{kind} "{body["metadata"]["name"]}" already exists')

    def do_DELETE(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        options = json.loads(self.rfile.read(length)) if length else {}
        if not (place := self._begin("delete")):
            return
        kind, name, _, _ = place
        body = self.state.get(kind, name)
        if body is None:
            self._fail(404, f'{kind} "{name}" not found')
        elif options.get("preconditions", {}).get("uid") not in (None, body["metadata"]["uid"]):
            self._fail(409, "the UID in the precondition does not match the UID in record")
        else:
            if kind == "jobs" and "propagationPolicy" not in options:  # the raw API's default is Orphan
                self.state.orphan(body["metadata"]["uid"])
            self.state.delete(kind, name)
            self._send(200, {"status": "Success"})

    def _begin(self, verb: str) -> tuple[str, str, dict[str, str], str] | None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        for prefix, kinds in PATHS.items():
            if parts.path.startswith(prefix):
                _, kind, name, rest = (*parts.path.removeprefix(prefix).split("/"), "", "", "")[:4]
                if kind in kinds:
                    verb = "watch" if query.get("watch") else "list" if verb == "get" and not name else verb
                    self.counts[f"{verb} {kind}"] += 1
                    time.sleep(self.faults.delay_seconds)
                    if self.faults.answers and verb != "watch":
                        status, wait = self.faults.answers.pop(0)
                        self._fail(status, "not now", {"Retry-After": wait} if wait else {})
                        return None
                    if f"{verb} {kind}" in self.faults.forbidden:
                        self._fail(403, f"{kind} is forbidden: cannot {verb}")
                        return None
                    return kind, name, query, rest
        self._fail(404, f"the server could not find {parts.path}")
        return None

    def _watch(self, kind: str, query: dict[str, str]) -> None:
        version = int(query["resourceVersion"])
        if version < self.state.oldest:
            self._fail(410, "too old resource version")
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        until = time.monotonic() + int(query.get("timeoutSeconds", 60))
        try:
            while time.monotonic() < until:
                if version < self.state.oldest:
                    self._chunk({"type": "ERROR", "object": {"code": 410, "message": "too old resource version"}})
                    break
                with self.state.lock:
                    latest, found = self.state.version, list(self.state.since(kind, version))
                for _, change, body in found:
                    if matches(body, query.get("labelSelector", "")) and not self.faults.silent_watches:
                        self._chunk({"type": change, "object": body})
                version = latest
                with self.state.changed:
                    if self.state.version == version:
                        self.state.changed.wait(0.2)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def _chunk(self, event: Body) -> None:
        line = json.dumps(event).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()

    def _fail(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        self._send(status, {"kind": "Status", "status": "Failure", "message": message, "code": status}, headers=headers)

    def _send(self, status: int, body: Any, *, raw: bool = False, headers: dict[str, str] | None = None) -> None:
        with self.state.lock:
            content = body if raw else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(state: State, faults: Faults, counts: Counter[str], read_log: Any) -> ThreadingHTTPServer:
    """Start the server on a free port."""
    attributes = {"state": state, "faults": faults, "counts": counts, "read_log": staticmethod(read_log)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), attributes))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
