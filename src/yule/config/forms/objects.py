"""What a cluster takes: names of objects, labels, variables of pods and places of volumes.

The cluster would refuse the rest, too, but only when a run is submitted, and without the line of the file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from yule.config.forms.checks import Fault
from yule.core.secrets import is_named_secret

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_VARIABLE = re.compile(r"[-._A-Za-z][-._A-Za-z0-9]*")

OWN_VARIABLES = frozenset({
    "YULE_COMMIT",
    "YULE_IGNORED_FAILURES",
    "YULE_IMAGE",
    "YULE_LAUNCH",
    "YULE_LAUNCH_NAME",
    "YULE_MANIFEST_SHA256",
    "YULE_NODE",
    "YULE_POD",
    "YULE_PREEMPTION_BUDGET",
    "YULE_WORKSPACE",
})  # fmt: skip
"""Variables that tell a pod what it is for."""

OWN_VOLUMES = ("cache", "scratch", "shared-memory")
OWN_PLACES = ("/dev/shm", "/tmp", "/var/cache/yule")
"""What every pod has anyway."""


def _is_open(text: str) -> bool:
    """Say whether a variable is still to be filled in."""
    return "${env:" in text


def check_label(text: str) -> str:
    """Refuse what names no namespace and no volume."""
    if not _LABEL.fullmatch(text) and not _is_open(text):
        raise ValueError(f"{text!r} is no name in a cluster: write at most 63 lowercase letters, digits and '-'")
    return text


def check_name(text: str) -> str:
    """Refuse what names no object of a cluster."""
    if not _NAME.fullmatch(text) and not _is_open(text):
        raise ValueError(f"{text!r} is no name in a cluster: write at most 253 lowercase letters, digits, '-' and '.'")
    return text


def check_label_value(text: str) -> str:
    """Refuse what no label can be."""
    if not _VALUE.fullmatch(text) and not _is_open(text):
        raise ValueError(f"{text!r} is no label: write at most 63 letters, digits, '-', '_' and '.'")
    return text


Label: TypeAlias = Annotated[str, AfterValidator(check_label)]
ObjectName: TypeAlias = Annotated[str, AfterValidator(check_name)]
LabelValue: TypeAlias = Annotated[str, AfterValidator(check_label_value)]


def check_place(path: str) -> str:
    """Refuse what is no place inside a pod, or one that is taken."""
    if not path.startswith("/") or ":" in path or ".." in path.split("/"):
        raise ValueError(f"{path!r} is no place in a pod: write an absolute path such as /workspace, without ':'")
    if any(f"{own}/".startswith(f"{path.rstrip('/')}/") for own in OWN_PLACES):
        raise ValueError(f"{path} is taken in every pod; choose another place")
    return path


def check_host_path(path: str) -> str:
    """Refuse what is no folder of a node."""
    if not path.startswith("/") and not _is_open(path):
        raise ValueError(f"{path!r} is no folder of a node: write an absolute path such as /srv/yule")
    return path


def find_variable_faults(variables: Mapping[str, str]) -> Iterator[Fault]:
    """Find variables that no pod can have, that Yule sets, or that show a secret to all who may look at pods."""
    for name, value in variables.items():
        at = ("environment", name)
        if not _VARIABLE.fullmatch(name):
            yield Fault(at=at, message=f"{name!r} is no name of a variable: write letters, digits and '_'")
        elif name in OWN_VARIABLES:
            yield Fault(at=at, message="Yule itself tells its pods this; leave it out")
        elif name == "YULE_LOG" and value != "json":
            yield Fault(at=at, message=f"there is no form of logs {value!r}; write json, or leave it out for lines")
        elif is_named_secret(name, value):
            message = "pods show their variables; put the value into a Secret of the cluster and name it in `secrets`"
            yield Fault(at=at, message=message)


def find_pool_name_faults(names: Iterable[str]) -> Iterator[Fault]:
    """Find names of pools that no label can be: pods tell their pool by one."""
    for name in names:
        if not name or not _VALUE.fullmatch(name):
            message = f"{name!r} cannot name a pool: write at most 63 letters, digits, '-', '_' and '.'"
            yield Fault(at=("pools", name), message=message)
