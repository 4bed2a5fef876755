"""The Kustomize base is whole, and what a person changed in it stays."""

import json
from functools import partial
from pathlib import Path

from ruamel.yaml import YAML

from yule.cli.kustomize import write_base
from yule.runtime.kubernetes.api.protocol import Body
from yule.runtime.kubernetes.namespace import describe_namespace


def describe(max_pods: int = 10) -> list[Body]:
    """Describe a namespace."""
    return describe_namespace(
        namespace="team", driver="d", worker="w", max_pods=max_pods, max_cpu=20, max_memory_gib=40
    )


def test_the_base_holds_every_object_once(tmp_path: Path) -> None:
    assert {state for _, state in write_base(tmp_path / "base", describe())} == {"written"}
    yaml = YAML(typ="safe")
    resources = yaml.load(tmp_path / "base" / "kustomization.yaml")["resources"]
    assert sorted([*resources, "kustomization.yaml"]) == sorted(file.name for file in (tmp_path / "base").iterdir())
    objects = [body for name in resources for body in yaml.load_all((tmp_path / "base" / name).read_text())]
    as_json = partial(json.dumps, sort_keys=True)
    assert sorted(map(as_json, objects)) == sorted(map(as_json, describe()))


def test_what_a_person_changed_is_left_alone_and_the_rest_follows(tmp_path: Path) -> None:
    dict(write_base(tmp_path, describe()))
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy.read_text() + "# ours\n")
    states = dict(write_base(tmp_path, describe(max_pods=11)))
    assert states.pop("policy.yaml") == "changed"
    assert states.pop("quota.yaml") == "written"
    assert set(states.values()) == {"kept"}
    assert policy.read_text().endswith("# ours\n")
    assert "pods: '11'" in (tmp_path / "quota.yaml").read_text()
