"""Facts about what has to be installed: networks alone need torch."""

import subprocess
import sys
from pathlib import Path

import pytest

from yule.core.errors import DataError
from yule.core.libraries import find_installed_versions
from yule.models.card import ModelCard, write_card
from yule.models.categories import Categories
from yule.models.heads import LogLossHead
from yule.models.members import find_uninstalled, load_model
from yule.models.neural.needs import has_torch
from yule.training.portfolios import portfolio

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None; from yule.cli.main import main; main()"


def test_members_that_lack_their_library_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_uninstalled(portfolio("best")) == []
    monkeypatch.setitem(sys.modules, "torch", None)
    assert find_uninstalled(portfolio("quick")) == []
    assert find_uninstalled(portfolio("best")) == ["mlp", "mlp_second", "mlp_wide"]


def test_a_network_without_torch_says_what_to_install_and_is_not_taken_for_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = ModelCard(
        kind="mlp", head=LogLossHead(), n_steps=1, importance={}, categories=Categories(names=(), values=())
    )
    write_card(card, tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(DataError, match=r"need torch, which is not installed here: install it with pip install 'yule"):
        load_model(tmp_path)


def test_a_run_without_torch_records_no_version_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "torch" in find_installed_versions(has_torch=has_torch())
    monkeypatch.setitem(sys.modules, "torch", None)
    assert find_installed_versions(has_torch=has_torch()).keys() >= {"yule", "lightgbm"}
    assert "torch" not in find_installed_versions(has_torch=has_torch())


@pytest.mark.parametrize(("command", "code"), [(["check", "--no-data"], 0), (["run"], 1)])
def test_commands_say_what_to_install_before_anything_is_computed(
    tmp_path: Path, command: list[str], code: int
) -> None:
    sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))
    from made_up import write_made_up_project

    project = write_made_up_project(tmp_path / "project")
    case = project / "cases" / "beer.yaml"
    case.write_text(case.read_text().split("models:")[0] + "models: standard\n")
    asked = [sys.executable, "-c", WITHOUT_TORCH, *command, "beer"]
    done = subprocess.run(asked, cwd=project, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert "mlp cannot be trained here without torch: install it with pip install 'yule[neural]'" in said
    assert not (project / "workspace" / "cache").exists()
