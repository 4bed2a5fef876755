"""What BigQuery's clients raise, in one sentence and with what to do about it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from yule.core.errors import DataError
from yule.core.patience import as_cause
from yule.downloads.settings import BigQuerySource
from yule.storage.objects.gcs import is_unanswered

ROLES = {
    "readsessions": "roles/bigquery.readSessionUser",
    "jobs.create": "roles/bigquery.jobUser",
    "serviceusage": "roles/serviceusage.serviceUsageConsumer",
    "storage.": "roles/storage.objectAdmin on the bucket of the source's `export`",
}
"""The role that gives a permission, by a part of the permission's name; else it is that of reading tables."""

BUSY = ("rateLimitExceeded", "jobRateLimitExceeded", "backendError", "jobBackendError", "internalError")
"""Reasons by which BigQuery asks to come back, whatever the status."""

EXTRA = "BigQuery needs the extra: pip install 'yule[bigquery]'."
LOGIN = "log in with `gcloud auth application-default login`, or let the program run as a service account"
LOGIN_OF_PODS = (
    "give the account of the pods (`worker_service_account` of `kubernetes:`) a login of Google Cloud, or put a key "
    "file into a Secret of the cluster, mount it with `volumes` and set GOOGLE_APPLICATION_CREDENTIALS in `environment`"
)


@contextmanager
def explaining(place: str, settings: BigQuerySource) -> Iterator[None]:
    """Turn errors of the clients into DataErrors.

    Parameters
    ----------
    place
        What the person wrote, e.g. ``downloads/events.yaml``.
    settings
        Whose project it is.
    """
    try:
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError
    except ImportError as error:
        raise DataError(EXTRA) from error
    try:
        yield
    except (GoogleAPIError, GoogleAuthError, OSError) as error:  # a network fails with OSErrors of several libraries
        cause = as_cause(error, is_unanswered=_is_unanswered(error))
        raise DataError(f"{place}: {_explain(error, settings)}") from cause


def _is_unanswered(error: Exception) -> bool:
    return _reason(error) in BUSY or (is_unanswered(error) and _reason(error) != "quotaExceeded")


def _explain(error: Exception, settings: BigQuerySource) -> str:
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    if isinstance(error, api.RetryError) and isinstance(error.cause, Exception):
        return _explain(error.cause, settings)
    text = _first_line(error)
    match error:
        case auth.DefaultCredentialsError():
            sentence = f"there is no login for BigQuery: {text}; {_find_login()}"
        case auth.RefreshError() | api.Unauthorized():
            sentence = f"BigQuery does not accept the login, it may have expired: {text}; {_find_login()}"
        case api.Forbidden() | api.TooManyRequests():
            sentence = f"{text}; {_find_remedy(error, settings)}"
        case api.NotFound():
            place = "the source's `project`, `dataset` or `location` in project.yaml"
            sentence = f"{text}; correct the table's name, or {place}"
        case api.BadRequest() if _reason(error) == "bytesBilledLimitExceeded":
            sentence = f"{text}; ask for fewer columns or a shorter period, or allow more"
        case api.BadRequest():
            sentence = (
                f"BigQuery does not accept the query: {text}; correct the SQL, or what is declared of its columns"
            )
        case _:
            sentence = f"BigQuery cannot be reached or fails: {text}; check the network and try again"
    return f"{sentence}."


def _find_login() -> str:
    return LOGIN_OF_PODS if os.environ.get("YULE_POD") else LOGIN


def _find_remedy(error: Exception, settings: BigQuerySource) -> str:
    reason, text = _reason(error), str(error)
    if reason in ("quotaExceeded", "rateLimitExceeded") or "quota" in text.lower():
        return f"a quota of the project {settings.project} is used up: try again later, or have it raised"
    if reason == "accessNotConfigured" or "has not been used in project" in text:
        return f"switch on the BigQuery API of the project {settings.project}"
    if reason == "billingNotEnabled":
        return f"switch on billing of the project {settings.project}"
    role = next((role for part, role in ROLES.items() if part in text), "roles/bigquery.dataViewer on the data set")
    return f"ask an administrator of the project for {role}, or correct the name"


def _reason(error: Exception) -> str:
    from google.api_core.exceptions import GoogleAPICallError

    if not isinstance(error, GoogleAPICallError) or not error.errors:
        return ""
    first = error.errors[0]  # a mapping from REST, an error of gRPC from the Storage Read API
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


def _first_line(error: Exception) -> str:
    """Return what was said, without the request, the SQL and the job behind it."""
    from google.api_core.exceptions import GoogleAPICallError

    text = str(error.message) if isinstance(error, GoogleAPICallError) else str(error)
    text = re.sub(r"^(GET|POST|PUT|DELETE) \S+: ", "", text.strip())
    text = re.split(r"; reason: |\n", text)[0]
    return text.strip().rstrip(".:") or type(error).__name__
