"""Facts about the image that pods run: the commit's tag in a registry, pinned by digest when the run is submitted."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML
from versions_toys import REVISION, make_repository, push, serve_registry

pytestmark = pytest.mark.slow

NAME = "acme/yule"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry."""
    with serve_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


@pytest.fixture
def project(tmp_path: Path, registry: str) -> Path:
    """A committed project whose image is in the registry."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))
    from made_up import write_made_up_project

    made = write_made_up_project(tmp_path / "project")
    with (made / "project.yaml").open("a") as file:
        file.write(f"image: {registry}/{NAME}\nkubernetes: {{}}\n")
    make_repository(made, {".gitignore": "workspace\n"})
    return made


def find_commit(project: Path) -> str:
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=project, check=True, capture_output=True, text=True
    ).stdout.strip()


def yule(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)


def manifests(project: Path) -> list[dict[str, Any]]:
    """Return the objects that a run would create."""
    done = yule(project, "run", "beer", "--on", "kubernetes", "--print-manifests")
    assert done.returncode == 0, done.stderr
    return list(YAML(typ="safe").load_all(done.stdout))


def find_images(bodies: list[dict[str, Any]]) -> set[str]:
    """Return all images that the objects name: of containers, in variables and notes, and in the plan."""
    jobs = [body for body in bodies if body["kind"] == "Job"]
    (plan,) = [json.loads(body["data"]["plan.json"]) for body in bodies if body["kind"] == "ConfigMap"]
    containers = [container for job in jobs for container in job["spec"]["template"]["spec"]["containers"]]
    assert len(jobs) == len(containers) == 2
    told = {item["value"] for one in containers for item in one["env"] if item["name"] == "YULE_IMAGE"}
    noted = {body["metadata"]["annotations"]["yule.dev/image"] for body in bodies}
    return {container["image"] for container in containers} | told | noted | {plan["image"]}


def test_pods_run_the_digest_that_the_tag_of_the_commit_had(project: Path, registry: str) -> None:
    commit = find_commit(project)
    first = push(registry, NAME, commit, labels={REVISION: commit, "build": "1"})
    before = manifests(project)
    assert find_images(before) == {f"{registry}/{NAME}@{first}"}
    assert f"digest:     {first}" in yule(project, "image", "check").stdout

    second = push(registry, NAME, commit, labels={REVISION: commit, "build": "2"})  # the tag moves
    after = manifests(project)
    assert find_images(after) == {f"{registry}/{NAME}@{second}"}
    assert second != first
    names = [{body["metadata"]["name"] for body in bodies} for bodies in (before, after)]
    assert not names[0] & names[1]  # what runs already is another launch, and keeps its image
    kept = httpx.get(
        f"http://{registry}/v2/{NAME}/manifests/{first}",
        headers={"Accept": "application/vnd.oci.image.manifest.v1+json"},
    )
    assert kept.json()["config"]


def test_a_tag_that_was_moved_to_another_commit_is_refused(project: Path, registry: str) -> None:
    commit = find_commit(project)
    push(registry, NAME, commit, labels={REVISION: "0" * 40})
    refused = yule(project, "run", "beer", "--on", "kubernetes", "--print-manifests")
    assert refused.returncode == 1
    assert "was built from another commit, 0000000000" in refused.stderr
    assert f"Build it again: yule image build --code {commit[:12]}" in refused.stderr
