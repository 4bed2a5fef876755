"""The port on the official client, which brings the kubeconfig, the logins and the certificates."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from yule import __version__
from yule.core.errors import ConfigError, Problem
from yule.core.hosts import explain_mistyped, is_mistyped, note_answer
from yule.core.outages import Outage
from yule.core.patience import Patience, Unanswered, name_cause
from yule.runtime.kubernetes.api.protocol import AlreadyThere, Body, Change, ClusterError, Kind, Listing, VersionGone

T = TypeVar("T")

REQUEST_SECONDS = (10, 20)
"""How long to wait for a connection and for an answer."""

COMMAND_SECONDS = 15.0
"""How long a request is tried again where a person waits."""

PAGE = 500  # objects in one answer of a listing
SILENCE_SECONDS = 30  # a watch that ought to have ended by so long ago is dead

_PATHS: Mapping[Kind, str] = {
    "configmaps": "/api/v1/namespaces/{}/configmaps",
    "events": "/api/v1/namespaces/{}/events",
    "pods": "/api/v1/namespaces/{}/pods",
    "jobs": "/apis/batch/v1/namespaces/{}/jobs",
    "selfsubjectaccessreviews": "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
}


class OfficialCluster:
    """A :class:`~yule.runtime.kubernetes.api.protocol.Cluster` through the official client.

    Reads, and writes that may be repeated, are tried again when the cluster does not answer or asks to wait.

    Parameters
    ----------
    api
        ``kubernetes.client.ApiClient``.
    namespace
        The namespace.
    patience_seconds
        How long a request is tried again.
    tells_outages
        Whether it says so on the standard error output when the cluster does not answer: where nobody else does.
    """

    def __init__(
        self, api: Any, *, namespace: str, patience_seconds: float = COMMAND_SECONDS, tells_outages: bool = False
    ) -> None:
        self._api = api
        self.namespace = namespace
        self._patience_seconds = patience_seconds
        self._host = urlsplit(api.configuration.host).hostname or ""
        self._outage = Outage("The API server", seconds=patience_seconds)
        self._tells_outages = tells_outages
        self._ahead = timedelta()
        """How far the cluster's clock is ahead of this machine's."""

    def create(self, kind: Kind, body: Body, *, dry_run: bool = False) -> Body:
        """See :class:`~yule.runtime.kubernetes.api.protocol.Cluster`."""
        query = "?fieldValidation=Strict" + ("&dryRun=All" if dry_run else "")

        def send() -> Body:
            response = self._request("POST", self._path(kind) + query, body)
            warning = response.headers.get("Warning")
            if dry_run and warning:
                raise ClusterError(f"the cluster warns: {warning}", status=400)
            return _read_json(response)

        return self._persist(send)

    def get(self, kind: Kind, name: str) -> Body | None:
        """See :class:`~yule.runtime.kubernetes.api.protocol.Cluster`."""
        try:
            return self._persist(lambda: _read_json(self._request("GET", f"{self._path(kind)}/{_quote(name)}")))
        except ClusterError as error:
            if error.status == 404:
                return None
            raise

    def list(self, kind: Kind, selector: str) -> Listing:
        """See :class:`~yule.runtime.kubernetes.api.protocol.Cluster`."""
        items: list[Body] = []
        more, version = "", ""
        while True:
            path = f"{self._path(kind)}?labelSelector={_quote(selector)}&limit={PAGE}"
            path += f"&continue={_quote(more)}" if more else ""
            try:
                page = self._persist(lambda path=path: _read_json(self._request("GET", path)))  # type: ignore[misc]
            except VersionGone:  # the rest of a long listing is too old: begin anew
                items, more = [], ""
                continue
            items += page["items"]
            more, version = page["metadata"].get("continue") or "", page["metadata"]["resourceVersion"]
            if not more:
                return Listing(items=tuple(items), version=version)

    def watch(self, kind: Kind, selector: str, *, version: str, seconds: int) -> Iterator[Change]:
        """See :class:`~yule.runtime.kubernetes.api.protocol.Cluster`."""
        from urllib3.exceptions import HTTPError

        path = (
            f"{self._path(kind)}?watch=true&allowWatchBookmarks=true&labelSelector={_quote(selector)}"
            f"&resourceVersion={_quote(version)}&timeoutSeconds={seconds}"
        )
        response = self._request("GET", path, read_seconds=seconds + SILENCE_SECONDS)
        try:
            for line in _lines(response):
                change = json.loads(line)
                if change["type"] == "ERROR":
                    status = change["object"]
                    _raise(status.get("code", 500), status.get("message", ""), 0.0)
                yield Change(type=change["type"], object=change["object"])
        except (HTTPError, OSError) as error:
            text = f"the watch of {kind} broke off: {name_cause(error)}"
            raise ClusterError(text) from Unanswered(text)
        finally:
            response.close()

    def delete(self, kind: Kind, name: str, *, uid: str) -> None:
        """See :class:`~yule.runtime.kubernetes.api.protocol.Cluster`."""
        # Without a policy the API would leave what the object owns behind.
        options = {"propagationPolicy": "Background", "preconditions": {"uid": uid}}
        try:
            self._persist(lambda: self._request("DELETE", f"{self._path(kind)}/{_quote(name)}", options).close())
        except ClusterError as error:
            if error.status not in (404, 409):  # 409: another object of this name by now
                raise

    def read_log(self, pod: str, *, n_lines: int) -> str:
        """See :class:`~yule.runtime.kubernetes.api.protocol.Cluster`."""
        try:
            path = f"{self._path('pods')}/{_quote(pod)}/log?tailLines={n_lines}"
            return self._persist(lambda: _read(self._request("GET", path))).decode(errors="replace")
        except ClusterError as error:
            if error.status in (400, 404):  # it has not begun, or is gone
                return ""
            raise

    def _persist(self, send: Callable[[], T]) -> T:
        """Repeat a request while the cluster does not answer or asks to wait, then give up."""
        with self._outage.watching():
            result = self._repeat(send)
        self._outage.end()
        return result

    def _repeat(self, send: Callable[[], T]) -> T:
        patience = Patience(self._patience_seconds)
        while True:
            try:
                return send()
            except ClusterError as error:
                wait_seconds = patience.next_wait() if error.is_transient else None
                if wait_seconds is None:
                    raise
                if self._tells_outages and error.status == 0:  # else it answers, but asks to come back
                    self._outage.begin(error)
                time.sleep(error.retry_after_seconds or wait_seconds)

    def now(self) -> datetime:
        """See :class:`~yule.runtime.kubernetes.api.protocol.Cluster`."""
        return datetime.now(UTC) + self._ahead

    def _path(self, kind: Kind) -> str:
        return _PATHS[kind].format(self.namespace)

    def _request(
        self, method: str, path: str, body: Body | None = None, *, read_seconds: int = REQUEST_SECONDS[1]
    ) -> Any:
        """Send a request; return urllib3's response, not yet read."""
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": f"yule/{__version__}",
        }
        try:
            _, url, headers, content, _ = self._api.param_serialize(
                method, path, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            response = self._api.rest_client.request(
                method, url, headers=headers, body=content, _request_timeout=(REQUEST_SECONDS[0], read_seconds)
            ).response
        except (HTTPError, OSError, ApiException) as error:
            text = f"the cluster at {self._api.configuration.host} cannot be reached: {name_cause(error)}"
            if is_mistyped(self._host):
                raise ClusterError(f"The cluster: {explain_mistyped(self._host, 'in the kubeconfig')}.") from None
            raise ClusterError(text) from Unanswered(text)
        note_answer(self._host)
        with suppress(TypeError, ValueError):  # from something that is no Kubernetes
            self._ahead = parsedate_to_datetime(response.headers.get("Date")) - datetime.now(UTC)
        if response.status >= 400:
            _raise_status(response)
        return response


def connect_cluster(
    *, context: str | None, namespace: str, patience_seconds: float = COMMAND_SECONDS, tells_outages: bool = False
) -> OfficialCluster:
    """Connect to a cluster the way kubectl does; inside a pod, with the pod's own account.

    Parameters
    ----------
    context
        Context of the kubeconfig; None for the current one.
    namespace
        The namespace.
    patience_seconds
        How long a request is tried again that the cluster does not answer.
    tells_outages
        See :class:`OfficialCluster`.

    Raises
    ------
    ClusterError
        If the client is not installed.
    ConfigError
        If there is no kubeconfig, or it has no such context.
    """
    try:
        from kubernetes import client, config
    except ImportError as error:
        raise ClusterError("The Kubernetes client is not installed: pip install 'yule[kubernetes]'.") from error
    configuration = client.Configuration()
    try:
        try:
            config.load_incluster_config(client_configuration=configuration)
        except config.ConfigException:
            file = os.environ.get("KUBECONFIG")  # the library would look at it only once
            config.load_kube_config(config_file=file, context=context, client_configuration=configuration)
    except config.ConfigException as error:
        message = (
            f"{str(error).rstrip('. ')}. Set KUBECONFIG to the file that names your cluster, and "
            "`kubernetes: context:` in project.yaml to one of `kubectl config get-contexts`."
        )
        raise ConfigError((Problem(file="kubeconfig", message=message),)) from error
    configuration.retries = False  # we know better what may be repeated
    configuration.connection_pool_maxsize = 8
    api = client.ApiClient(configuration)
    api.user_agent = f"yule/{__version__}"
    return OfficialCluster(api, namespace=namespace, patience_seconds=patience_seconds, tells_outages=tells_outages)


def _read_json(response: Any) -> Body:
    body: Body = json.loads(_read(response))
    return body


def _read(response: Any) -> bytes:
    """Return the whole body of an answer, which may break off."""
    from urllib3.exceptions import HTTPError

    try:
        content: bytes = response.read()
    except (HTTPError, OSError) as error:
        text = f"the cluster's answer broke off: {name_cause(error)}"
        raise ClusterError(text) from Unanswered(text)
    return content


def _lines(response: Any) -> Iterator[bytes]:
    buffer = b""
    for piece in response.stream(amt=None, decode_content=True):
        *lines, buffer = (buffer + piece).split(b"\n")
        yield from (line for line in lines if line)


def _raise_status(response: Any) -> None:
    text = _read(response).decode(errors="replace")
    try:
        message = json.loads(text).get("message", text)
    except (ValueError, AttributeError):
        message = text
    _raise(response.status, message, float(response.headers.get("Retry-After") or 0))


def _raise(status: int, message: str, retry_after_seconds: float) -> None:
    error = {409: AlreadyThere, 410: VersionGone}.get(status, ClusterError)
    told = message or f"HTTP {status}"
    raised = error(told, status=status, retry_after_seconds=retry_after_seconds)
    raise raised from (Unanswered(told) if raised.is_transient else None)


def _quote(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")
