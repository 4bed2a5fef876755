"""What the pages of docs/kubernetes tell people to type is typed, as it stands there."""

import ast
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sites import Site

PAGES = Path(__file__).parents[2] / "docs" / "kubernetes"
ENDLESS = ("yule tensorboard",)  # commands that a person ends


def find_blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of a page that are of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def list_blocks(language: str) -> list[object]:
    """List the blocks of all pages, as parameters of a test."""
    return [
        pytest.param(block, id=f"{page.stem}-{number}")
        for page in sorted(PAGES.glob("*.md"))
        for number, block in enumerate(find_blocks(page, language))
    ]


@pytest.fixture
def shell(site: Site, tmp_path: Path) -> Site:
    """The project of the pages, and a shell that has ``yule`` and in which a minute is short."""
    cases = site.project / "cases"
    text = (cases / "beer.yaml").read_text().replace("n_folds: 2", "n_folds: 3")
    text = text.replace("- {kind: logistic}", "- {kind: logistic}\n  - {kind: lightgbm, max_trees: 5}")
    for product in ("beer", "tea"):
        (cases / f"{product}-buyers.yaml").write_text(text.replace("beer", product))
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, line in (("yule", f'exec {site.python} -m yule "$@"'), ("sleep", "exec /bin/sleep 0.2")):
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    return replace(site, environment={**site.environment, "PATH": f"{programs}:{os.environ['PATH']}"})


def type_in(shell: Site, text: str) -> "subprocess.CompletedProcess[str]":
    """Type a block into a shell, and wait for its end."""
    return subprocess.run(
        ["bash", "-c", text], cwd=shell.project, env=shell.environment, capture_output=True, text=True, check=False
    )


def test_the_loop_for_schedulers_ends_with_the_run(shell: Site) -> None:
    loop, *_ = find_blocks(PAGES / "schedulers.md", "bash")
    ended = type_in(shell, loop)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert '"status":"running"' in ended.stdout
    assert '"status":"done"' in ended.stdout.splitlines()[-1]


def test_the_loop_for_schedulers_fails_with_the_run(shell: Site) -> None:
    if shell.stand_in is None:
        pytest.skip("a real cluster cannot be told to fail")
    loop, *_ = find_blocks(PAGES / "schedulers.md", "bash")
    shell.change("small: {cpu: 0.5", "small: {cpu: 1000")
    shell.change("^  pools:", "  driver_pool: steady\n  pools:")
    ended = type_in(shell, loop)
    assert ended.returncode == 1
    assert "more than the 400 of the whole quota" in ended.stdout.splitlines()[-1]


def test_the_sensor_of_airflow_says_not_yet_and_then_that_it_is_done(shell: Site) -> None:
    block, *_ = find_blocks(PAGES / "schedulers.md", "python")
    commands = [node.value for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Constant)]
    (submit,) = (text for text in commands if str(text).startswith("yule run"))
    (ask,) = (text for text in commands if str(text).startswith("yule status"))
    run = type_in(shell, str(submit)).stdout.splitlines()[-1]
    ask = str(ask).replace("{{ ti.xcom_pull('submit') }}", run)
    assert type_in(shell, ask).returncode == 1
    type_in(shell, f"yule status {run} --watch")
    assert type_in(shell, ask).returncode == 0
    shell.clear()
    assert type_in(shell, ask.replace(run, "beer-00000000")).returncode == 99


def test_the_commands_of_the_first_page_run_in_their_order(shell: Site) -> None:
    first, *_ = find_blocks(PAGES / "index.md", "bash")
    lines = [line for line in first.splitlines() if not line.startswith(ENDLESS)]
    assert len(lines) > 8
    failed = [(line, done.stderr) for line in lines if (done := type_in(shell, line)).returncode != 0]
    assert failed == []


@pytest.mark.parametrize("block", list_blocks("bash"))
def test_what_is_for_a_shell_is_one_that_a_shell_can_read(block: str) -> None:
    read = subprocess.run(["bash", "-n", "-c", block], capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize("block", list_blocks("python"))
def test_what_is_in_python_compiles(block: str) -> None:
    compile(block, "page", "exec")


@pytest.mark.parametrize("block", list_blocks("yaml"))
def test_settings_of_a_cluster_are_ones_that_yule_takes(block: str, tmp_path: Path) -> None:
    from yule.config.projects import read_project

    settings = list(YAML(typ="safe").load_all(block))
    if "kubernetes" not in settings[0]:
        pytest.skip("objects of others")
    head = {
        "version": 1,
        "name": "page",
        "workspace": "workspace",
        "sources": {"shop": {"kind": "files", "path": "data"}},
    }
    with (tmp_path / "project.yaml").open("w") as file:
        YAML().dump({**head, **settings[0]}, file)
    read_project(tmp_path, None, {})
