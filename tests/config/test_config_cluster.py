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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  namespace: Yule_Team\n", "kubernetes.namespace: 'Yule_Team' is no name in a cluster"),
        ("  secrets: [Warehouse_Login]\n", "kubernetes.secrets[0]: 'Warehouse_Login' is no name in a cluster"),
        ("  service_account: me@x.iam\n", "kubernetes.service_account: 'me@x.iam' is no name"),
        ("  priority_class: High Prio\n", "kubernetes.priority_class: 'High Prio' is no name"),
        ("  pools: {My Pool: {cpu: 1}}\n", "kubernetes.pools.My Pool: 'My Pool' cannot name a pool"),
        (f"  pools: {{{'a' * 64}: {{cpu: 1}}}}\n", "cannot name a pool: write at most 63"),
        ("  pools: {a: {node_selector: {pool: a b}}}\n", "kubernetes.pools.a.node_selector.pool: 'a b' is no label"),
        ("  pools: {a: {cpu: 0.0001}}\n", "kubernetes.pools.a.cpu: no pod can ask for 0.0001 cores"),
        ("  pools: {a: {cpu: 1000000}}\n", "no pod can ask for 1e+06 cores"),
        ("  pools: {a: {memory: 1MiB}}\n", "kubernetes.pools.a.memory: no pod of Yule even starts with 1MiB"),
        ("  environment: {YULE_LOG: yaml}\n", "environment.YULE_LOG: there is no form of logs 'yaml'; write json"),
        ("  environment: {A B: x}\n", "kubernetes.environment.A B: 'A B' is no name of a variable"),
        ("  volumes: [{name: a, mount_path: key, secret: b}]\n", "volumes[0].mount_path: 'key' is no place in a pod"),
        ("  volumes: [{name: a, mount_path: /tmp, secret: b}]\n", "/tmp is taken in every pod"),
        ("  volumes: [{name: a, mount_path: /a, host_path: b}]\n", "volumes[0].host_path: 'b' is no folder of a node"),
        ("  volumes: [{name: cache, mount_path: /a, secret: b}]\n", "there is a volume 'cache' in the pods already"),
    ],
)
def test_what_a_cluster_would_refuse_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_cluster(tmp_path, text)
    assert message in str(caught.value)


def test_two_volumes_have_two_names_and_two_places(tmp_path: Path) -> None:
    one = "{name: a, mount_path: /a, secret: s}"
    with pytest.raises(ConfigError) as caught:
        read_cluster(tmp_path, f"  volumes: [{one}, {one}]\n")
    assert "volumes[1].name: there is a volume 'a' in the pods already" in str(caught.value)
    assert "volumes[1].mount_path: there is a volume at /a already" in str(caught.value)


def test_a_password_in_the_variables_of_pods_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="put the value into a Secret of the cluster"):
        read_cluster(tmp_path, "  environment: {PGPASSWORD: correct-horse-7}\n")


def test_the_path_of_a_key_is_no_secret(tmp_path: Path) -> None:
    settings = read_cluster(tmp_path, "  environment: {GOOGLE_APPLICATION_CREDENTIALS: /etc/warehouse/key.json}\n")
    assert settings.environment == {"GOOGLE_APPLICATION_CREDENTIALS": "/etc/warehouse/key.json"}


def test_what_yule_tells_its_pods_cannot_be_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"environment\.YULE_WORKSPACE: Yule itself tells its pods this"):
        read_cluster(tmp_path, "  environment: {YULE_WORKSPACE: /elsewhere}\n")


def test_names_may_be_variables_that_are_not_set_here(tmp_path: Path) -> None:
    profiles = "profiles: {production: {kubernetes: {namespace: '${env:YULE_TEST_TEAM}'}}}\n"
    assert read_cluster(tmp_path, "  namespace: team\n" + profiles).namespace == "team"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  steps: {trian: default}\n", "kubernetes.steps.trian: unknown key 'trian' (did you mean 'train'?)"),
        ("  pools: {a: {tolerations: [{key: b, effect: No}]}}\n", "'No' is not one of NoSchedule, PreferNoSchedule"),
        ("  pools: {a: {tolerations: [{kee: b}]}}\n", "unknown key 'kee'; choose from effect, key, operator, value"),
    ],
)
def test_what_may_be_chosen_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_cluster(tmp_path, text)
    assert message in str(caught.value)


def test_a_digest_that_is_none_is_refused(tmp_path: Path) -> None:
    text = PROJECT.replace("acme/yule\nkubernetes", "acme/yule@sha256:12\nkubernetes") + "  namespace: team\n"
    (tmp_path / "project.yaml").write_text(text)
    with pytest.raises(ConfigError, match="image: what stands behind @ is no digest"):
        read_project(tmp_path, None, {})


@pytest.mark.parametrize(
    "address",
    ["https://hooks.slack.com/services/T01/B04/a8Sd0fKj2lQw9eRt7yUi", "https://acme.example/x?token=a8Sd0fKj"],
)
def test_an_address_that_is_a_key_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="which is filled in where the request is made") as caught:
        read_cluster(tmp_path, f"  namespace: team\nnotify: {address}\n")
    assert "a8Sd0fKj" not in str(caught.value)
