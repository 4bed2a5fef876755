"""A Kustomize base of the namespace: files of which people change some, which are left alone from then on."""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from yule.runtime.kubernetes.api.protocol import Body

_FILES: Mapping[str, str] = {
    "Namespace": "namespace.yaml",
    "ServiceAccount": "accounts.yaml",
    "Role": "roles.yaml",
    "RoleBinding": "roles.yaml",
    "ResourceQuota": "quota.yaml",
    "NetworkPolicy": "policy.yaml",
}

_HEAD = "# Written by `yule kubernetes manifests`, which leaves it alone once it is changed. sha256: "


def write_base(folder: Path, bodies: Sequence[Body]) -> Iterator[tuple[str, Literal["written", "kept", "changed"]]]:
    """Write the files of a base, apart from those that a person has changed.

    Parameters
    ----------
    folder
        Where to; it is made if it is not there.
    bodies
        The objects of the namespace.

    Yields
    ------
    tuple
        A file's name, and whether it was written, kept as it was, or left alone since somebody has changed it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents: dict[str, list[object]] = {}
    for body in bodies:
        contents.setdefault(_FILES[body["kind"]], []).append(body)
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(contents),
    }
    contents["kustomization.yaml"] = [kustomization]
    for name, objects in contents.items():
        text = format_yaml(objects)
        file = folder / name
        found = file.read_text(encoding="utf-8") if file.exists() else None
        if found is not None and not _is_ours(found):
            yield name, "changed"
        elif found == _sign(text):
            yield name, "kept"
        else:
            file.write_text(_sign(text), encoding="utf-8")
            yield name, "written"


def format_yaml(objects: Sequence[object]) -> str:
    """Return objects of a cluster as YAML."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.width = 120
    stream = io.StringIO()
    yaml.dump_all(objects, stream)
    return stream.getvalue()


def _sign(text: str) -> str:
    return f"{_HEAD}{hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def _is_ours(found: str) -> bool:
    _, _, text = found.partition("\n")
    return found == _sign(text)
