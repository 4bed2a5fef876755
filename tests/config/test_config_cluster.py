from pathlib import Path

import pytest

from yule.config.projects import read_project
from yule.core.errors import ConfigError
from yule.runtime.kubernetes.settings import ClusterSettings

PROJECT = """\
version: 1
name: acme
workspace: s3://acme/yule
sources: {}
image: registry.example/acme/yule
kubernetes:
"""


def read_cluster(folder: Path, text: str) -> ClusterSettings:
    (folder / "project.yaml").write_text(PROJECT + text)
    settings = read_project(folder, None, {}).kubernetes
    assert settings is not None
    return settings


def test_two_pools_and_a_steady_one(tmp_path: Path) -> None:
    settings = read_cluster(
        tmp_path,
        """\
  preset: gke
  pools:
    cpu: {cpu: 4, memory: 8GiB, spot: true, price: {cpu: 0.01, memory: 0.001}}
    memory: {cpu: 2, memory: [16GiB, 32GiB], spot: true}
    steady: {cpu: 4, memory: [8GiB, 64 GiB]}
  steps: {features: memory}
  on_demand: steady
  deadline: 2 hours
  spot_wait: 3 minutes
""",
    )
    assert settings.pools["memory"].memory_mib == (16384, 32768)
    assert settings.pools["cpu"].node_selector == {"cloud.google.com/gke-spot": "true"}
    assert settings.pools["steady"].node_selector == {}
    assert (settings.steps["features"], settings.steps["train"]) == ("memory", "cpu")
    assert settings.on_demand == {"cpu": "steady", "memory": "steady"}
    assert settings.driver_pool == "steady"
    assert settings.deadline_seconds == 7200
    assert settings.spot_wait_seconds == 180


def test_without_pools_there_is_one(tmp_path: Path) -> None:
    settings = read_cluster(tmp_path, "  namespace: team\n")
    assert set(settings.steps.values()) == {"default"}
    assert settings.pools["default"].memory_mib[0] == 4096
    assert settings.spot_wait_seconds == 600


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  steps: {train: gpu}\n", "kubernetes.steps.train: there is no pool 'gpu'"),
        ("  on_demand: steady\n", "kubernetes.on_demand: there is no pool 'steady'"),
        ("  pools: {cpu: {spot: true}}\n  on_demand: cpu\n", "kubernetes.on_demand: the pool 'cpu' is spot"),
        ("  pools: {a: {spot: true}}\n  on_demand: {a: a}\n", "kubernetes.on_demand.a: the pool 'a' is spot"),
        ("  pools: {cpu: {memory: 8GB}}\n", "a size is written like 8GiB or 512MiB, not '8GB'"),
        ("  pools: {cpu: {memory: [8GiB, 4GiB]}}\n", "the sizes must ascend"),
        ("  spot_wait: 90\n", "kubernetes.spot_wait: a time is written like '10 minutes' or '2 hours', not 90"),
        ("  max_pod: 3\n", "max_pods"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_cluster(tmp_path, text)
    assert message in str(caught.value)


def test_a_volume_is_of_one_kind_and_a_secret_is_one(tmp_path: Path) -> None:
    settings = read_cluster(tmp_path, "  volumes: [{name: key, mount_path: /key, secret: warehouse-key}]\n")
    assert settings.volumes[0].secret == "warehouse-key"
    two = "{name: two, mount_path: /two, claim: a, secret: b}"
    with pytest.raises(ConfigError) as refused:
        read_cluster(tmp_path, f"  volumes: [{{name: one, mount_path: /one}}, {two}]\n")
    assert "the volume one has no place; write one of `claim`, `host_path` and `secret`" in str(refused.value)
    assert "the volume two has claim and secret" in str(refused.value)
