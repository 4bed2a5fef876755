from pathlib import Path

import pytest
from config_files import write_files

from yule.config.finding import choose_profile, find_all_cases, load_cases, load_project
from yule.core.errors import ConfigError


def test_a_project_is_found_from_a_folder_or_file_within_it(tmp_path: Path) -> None:
    root = write_files(tmp_path)
    for place in (root, root / "cases", root / "cases" / "beer.yaml"):
        assert load_project(None, place).root == root.resolve()


def test_a_profile_that_is_given_goes_before_that_of_the_environment() -> None:
    assert choose_profile("laptop", {"YULE_PROFILE": "production"}) == "laptop"
    assert choose_profile(None, {"YULE_PROFILE": "production"}) == "production"
    assert choose_profile(None, {"YULE_PROFILE": ""}) is None
    assert choose_profile(None, {}) is None


def test_the_profile_of_the_environment_is_read_by_all(tmp_path: Path) -> None:
    root = write_files(tmp_path)
    for read in (
        lambda: load_project(None, root, {"YULE_PROFILE": "nowhere"}),
        lambda: load_cases([], None, root, {"YULE_PROFILE": "nowhere"}),
    ):
        with pytest.raises(ConfigError, match="nowhere"):
            read()


def test_all_cases_are_found_without_being_in_the_folder(tmp_path: Path) -> None:
    root = write_files(tmp_path)
    assert [Path(name).stem for name in find_all_cases(root)] == ["beer"]


def test_a_case_of_another_project_is_refused_with_that_project(tmp_path: Path) -> None:
    (one, other) = (write_files(tmp_path / name) for name in ("one", "other"))
    with pytest.raises(ConfigError, match=f"is of the project {other}, and not of {one}: go there to use it"):
        load_cases([str(other / "cases" / "beer.yaml"), "beer"], None, one)


def test_a_case_that_lies_in_no_project_is_read(tmp_path: Path) -> None:
    root = write_files(tmp_path / "one")
    case = (root / "cases" / "beer.yaml").rename(tmp_path / "beer.yaml")
    (_, (read,)) = load_cases([str(case)], None, root)
    assert read.name == "beer"
