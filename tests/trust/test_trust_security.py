"""SECURITY.md and docs/strange-inputs.md: each sentence has its tests, and what no other room tests is tested here."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.jobs import driver_job, plan_map, work_job
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.namespace import describe_namespace
from yule.runtime.kubernetes.settings import ClusterSettings, Pool
from yule.storage.record import Record, digest_files, verify, write_record
from yule.storage.setup import Setup

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "SECURITY.md"
STRANGE = ROOT / "docs" / "strange-inputs.md"

BODIES = describe_namespace(
    namespace="yule", driver="yule-driver", worker="yule-worker", max_pods=10, max_cpu=20, max_memory_gib=40
)
ROLES = {body["metadata"]["name"]: body["rules"] for body in BODIES if body["kind"] == "Role"}
FRAME = Frame(
    launch="0123456789",
    project="acme",
    image=f"registry.example/acme/yule@sha256:{'0' * 64}",
    commit="0" * 40,
    workspace="gs://acme/yule",
    settings=ClusterSettings(
        pools={"any": Pool(name="any")}, steps={"train": "any"}, driver_pool="any", secrets=("warehouse",)
    ),
)
MANIFEST = Manifest(
    setup=Setup(workspace="w", n_threads=1, fetching="{}"), step="train", pool="any", tier=0, attempt=0, batches=((),)
)
PODS = {
    "driver": driver_job(FRAME, ("beer-1",))["spec"]["template"]["spec"],
    "worker": work_job(FRAME, "uid", MANIFEST, "0" * 64, parallelism=1)["spec"]["template"]["spec"],
}


def _sentences() -> list[str]:
    return re.findall(r"^- .*?-->", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _named_tests(sentence: str) -> list[str]:
    (named,) = re.findall(r"<!-- (.*?) -->", sentence)
    return [name.strip() for name in named.split(",")]


def _list_tests() -> set[str]:
    return {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }


def test_every_sentence_names_tests_that_are_there() -> None:
    there = _list_tests()
    sentences = _sentences()
    assert len(sentences) == len(re.findall(r"^- ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)) > 20
    for sentence in sentences:
        assert _named_tests(sentence)
        assert set(_named_tests(sentence)) <= there, sentence


def test_every_strange_input_names_tests_that_are_there() -> None:
    rows = re.findall(r"^\| (?!input|what happens|---).*\|$", STRANGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row.rsplit("|", 2)[1])
        assert named, row
        assert set(named) <= _list_tests(), row


def test_whoever_may_write_the_workspace_can_change_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user,score\nann,0.9\n")
    record = Record(
        family="RankUsers",
        module="yule",
        unique_id="0" * 32,
        parameters={},
        requires=(),
        seconds=0.0,
        versions={},
        files=digest_files(tmp_path),
    )
    write_record(tmp_path, record)
    (tmp_path / "users.csv").write_text("user,score\nbob,0.9\n")
    write_record(tmp_path, replace(record, files=digest_files(tmp_path)))
    verify(tmp_path, unique_id=record.unique_id)


def test_whoever_may_read_the_workspace_sees_the_users(tmp_path: Path) -> None:
    import pyarrow as pa

    from yule.core.tables import read_table, write_table

    write_table(pa.table({"user_id": ["ann"]}), tmp_path / "table.parquet")
    assert read_table(tmp_path / "table.parquet")["user_id"].to_pylist() == ["ann"]


def test_workers_may_do_nothing_with_the_cluster() -> None:
    bound = [subject["name"] for body in BODIES if body["kind"] == "RoleBinding" for subject in body["subjects"]]
    assert "yule-worker" not in bound
    (account,) = [body for body in BODIES if body["metadata"]["name"] == "yule-worker"]
    assert account["automountServiceAccountToken"] is False
    assert PODS["worker"]["serviceAccountName"] == "yule-worker"
    assert PODS["worker"]["automountServiceAccountToken"] is False


def _rights(role: str) -> dict[str, set[str]]:
    return {resource: set(rule["verbs"]) for rule in ROLES[role] for resource in rule["resources"]}


READ = {"get", "list", "watch"}


def test_the_driver_may_do_what_it_needs_in_its_namespace() -> None:
    assert _rights("yule-driver") == {
        "jobs": READ | {"create", "delete"},
        "pods": READ,
        "pods/log": {"get"},
        "events": READ,
    }
    assert PODS["driver"]["serviceAccountName"] == "yule-driver"


def test_people_may_submit_and_stop() -> None:
    driver, people = _rights("yule-driver"), _rights("yule-submitter")
    assert {key: rights for key, rights in people.items() if rights != driver.get(key)} == {
        "configmaps": {"create", "get"}
    }
    assert plan_map(FRAME, "uid", "{}")["kind"] == "ConfigMap"


def test_no_role_reads_secrets_or_reaches_beyond_its_namespace() -> None:
    assert not {"secrets", "*"} & {resource for role in ROLES for resource in _rights(role)}
    assert not {"*"} & {verb for role in ROLES for verbs in _rights(role).values() for verb in verbs}
    assert not [body["kind"] for body in BODIES if body["kind"].startswith("Cluster")]
    assert {body["metadata"]["namespace"] for body in BODIES if body["kind"] != "Namespace"} == {"yule"}


@pytest.mark.parametrize("kind", PODS)
def test_pods_run_without_root_and_without_rights(kind: str) -> None:
    pod = PODS[kind]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["command"][:2] == ["python", "-m"]
    assert "@sha256:" in container["image"]
    assert BODIES[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_pod_can_be_reached() -> None:
    (policy,) = [body for body in BODIES if body["kind"] == "NetworkPolicy"]
    assert policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}


def test_secrets_go_to_all_pods_as_environment() -> None:
    for pod in PODS.values():
        assert pod["containers"][0]["envFrom"] == [{"secretRef": {"name": "warehouse"}}]


def test_parquet_that_brings_a_pickled_type_runs_no_code(tmp_path: Path) -> None:
    import pickle

    import pyarrow as pa

    from yule.core.tables import read_table, write_table

    mark = tmp_path / "ran"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {mark}",)

    metadata = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": pickle.dumps(Payload()),
    }
    schema = pa.schema([pa.field("user_id", pa.string(), metadata=metadata)])
    write_table(pa.table({"user_id": ["ann"]}, schema=schema), tmp_path / "table.parquet")
    assert read_table(tmp_path / "table.parquet").num_rows == 1
    assert not mark.exists()


def test_a_log_that_is_a_link_is_not_written(tmp_path: Path) -> None:
    from yule.runtime.worker import _print_into

    (tmp_path / "bashrc").write_text("mine")
    (tmp_path / "log").symlink_to("bashrc")
    with pytest.raises(OSError, match="symbolic link"):
        _print_into(tmp_path / "log")
    assert (tmp_path / "bashrc").read_text() == "mine"


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"fit": "x"}', b"[" * 100_000])
def test_what_was_learned_about_memory_stops_nobody(tmp_path: Path, content: bytes) -> None:
    from yule.runtime.kubernetes.placement import read_learned
    from yule.storage.objects.folder import FolderObjects

    objects = FolderObjects(tmp_path)
    objects.write("learned/memory.json", content)
    assert read_learned(objects) == {}
