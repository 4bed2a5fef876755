"""What a person sees of the program when the machine, the terminal or the locale is in its way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

YULE = [sys.executable, "-m", "yule"]
PROJECT = "version: 1\nname: shop\nworkspace: workspace\nsources: {shop: {path: data}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project.yaml").write_text(PROJECT)
    return tmp_path


def _run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*YULE, *arguments], cwd=folder, env={**os.environ, **variables}, capture_output=True, check=False, timeout=60
    )


def test_no_control_character_reaches_the_terminal(project: Path) -> None:
    done = _run(project, "check", "beer\x1b]0;title\x07\r\u202e\x9b31m")
    assert done.returncode == 2
    told = done.stderr.decode()
    assert "beer\\u001b]0;title\\u0007\\u000d\\u202e\\u009b31m" in told
    assert all(character.isprintable() or character == "\n" for character in told)


def test_escape_sequences_are_shown_in_a_pipe_too(project: Path) -> None:
    (project / "downloads").mkdir()
    text = 'version: 1\nsource: shop\ntable: t.csv\nuser: u\ncolumns: {u: string, "beer\\e[2J": string}\n'
    (project / "downloads" / "t.yaml").write_text(text)
    assert b"beer\\u001b[2J" in _run(project, "downloads", "show", "t").stdout


def test_a_known_secret_is_not_told(project: Path) -> None:
    (project / "project.yaml").write_text(PROJECT.replace("path: data", "path: data, hunter2: 1"))
    done = _run(project, "runs", PGPASSWORD="hunter2")
    assert done.returncode == 2
    assert b"hunter2" not in done.stderr
    assert b"*******" in done.stderr


@pytest.mark.parametrize("variables", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"}])
@pytest.mark.parametrize("utf8", ["0", "1"])
def test_text_of_any_language_is_read_and_told_in_any_locale(
    project: Path, variables: dict[str, str], utf8: str
) -> None:
    (project / "project.yaml").write_text(PROJECT + "größe: 東京\n", encoding="utf-8")
    done = _run(project, "runs", PYTHONUTF8=utf8, **variables)
    assert done.returncode == 2
    assert "größe: 東京" in done.stderr.decode()


def test_a_terminal_that_has_not_a_character_gets_its_number(project: Path) -> None:
    (project / "project.yaml").write_text(PROJECT + "größe: 東京\n", encoding="utf-8")
    done = _run(project, "runs", PYTHONIOENCODING="latin-1")
    assert done.returncode == 2
    assert "größe: \\u6771\\u4eac" in done.stderr.decode("latin-1")


def test_a_current_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    script = f"mkdir {gone}; cd {gone}; rmdir {gone}; exec {' '.join(YULE)} check"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.decode() == "yule: .: the current folder is gone; go to another one\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_end_no_command(project: Path, closed: str) -> None:
    (project / "notes").mkdir()
    script = f"exec {' '.join(YULE)} schema --out notes {closed}"
    done = subprocess.run(["sh", "-c", script], cwd=project, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    for file in (project / "notes").iterdir():
        assert file.read_text().startswith("{")


def test_a_reader_that_is_gone_gets_no_traceback(project: Path) -> None:
    script = f"{' '.join(YULE)} runs --help | true"
    done = subprocess.run(["bash", "-c", script], cwd=project, capture_output=True, check=False, timeout=60)
    assert done.stderr == b""


@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.3, 0.5])
def test_ctrl_c_in_the_first_second_is_no_traceback(project: Path, seconds: float) -> None:
    code = "import sys; print(flush=True); from yule.cli.main import main; sys.argv = ['yule', 'downloads']; main()"
    started = subprocess.Popen([sys.executable, "-c", code], cwd=project, stdout=-1, stderr=-1)
    assert started.stdout is not None
    started.stdout.readline()
    time.sleep(seconds)
    started.send_signal(signal.SIGINT)
    _, told = started.communicate(timeout=60)
    assert b"Traceback" not in told
    assert started.returncode in (0, 130)


def test_an_interruption_that_a_module_wraps_into_its_own_error_is_no_traceback(project: Path) -> None:
    code = (
        "import sys, yule.cli.app, yule.cli.main as main\n"
        "def app():\n"
        "    raise RuntimeError('Error calling __set_name__') from KeyboardInterrupt()\n"
        "yule.cli.app.app = app\n"
        "main.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (130, b"")


def test_running_out_of_memory_is_a_sentence(project: Path) -> None:
    (project / "sitecustomize.py").write_text(
        "import yule.config.projects as p\np.read_project = lambda *_: bytes(1 << 60)\n"
    )
    done = _run(
        project, "downloads", PYTHONPATH=os.pathsep.join(filter(None, [str(project), os.environ.get("PYTHONPATH")]))
    )
    assert done.returncode == 4
    assert done.stderr.startswith(b"yule: Memory ran out.")


def test_a_machine_without_a_home_folder_needs_none(project: Path) -> None:
    (project / "project.yaml").write_text(PROJECT.replace("workspace: workspace", "workspace: ~/workspace"))
    done = _run(project, "runs", HOME="")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["a b", "it's", 'say "x"', "100%", "größe 東京", "two\nlines", "e\u0301", "[a]*?"])
def test_a_project_may_lie_anywhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "project.yaml").write_text(PROJECT)
    done = _run(folder, "runs")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--detach"], "--detach: for runs on a cluster; add --on kubernetes"),
        (["--print-manifests", "--snapshot"], "--print-manifests and --snapshot: for runs on a cluster"),
        (["--on", "kubernetes", "--repair", "--cores", "2"], "--cores and --repair: for runs on this machine"),
    ],
)
def test_options_of_the_other_place_are_refused(project: Path, options: list[str], told: str) -> None:
    done = _run(project, "run", "beer", *options)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.decode().split())


def test_after_a_mistake_in_the_project_nothing_else_is_printed(project: Path) -> None:
    cluster = "kubernetes: {pools: {cpu: {memory: 8}}}\n"
    (project / "project.yaml").write_text(PROJECT + cluster)
    told = _run(project, "run", "beer", "--on", "kubernetes").stderr.decode()
    assert told.splitlines()[-1].strip(" |") == "^"
