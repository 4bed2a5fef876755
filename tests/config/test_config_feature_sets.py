"""Feature sets are written as they are read."""

import os
from pathlib import Path

import pytest

from yule.config.feature_sets import write_feature_set
from yule.config.projects import Project, read_project
from yule.features.auto import propose_sets
from yule.features.settings import ItemFeatures, TextFeatures

EXAMPLE = Path(__file__).parents[2] / "examples" / "complete-journey"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return the example project, with no feature set of its own."""
    (tmp_path / "features").mkdir()
    (tmp_path / "project.yaml").write_text((EXAMPLE / "project.yaml").read_text())
    (tmp_path / "downloads").symlink_to(EXAMPLE / "downloads")
    return read_project(tmp_path, None, os.environ)


def test_a_feature_set_that_is_written_is_read_as_the_same(project: Project) -> None:
    sets = [
        *read_project(EXAMPLE, None, os.environ).feature_sets.values(),
        *(feature_set for method in project.downloads.values() for feature_set in propose_sets(method, [])),
        ItemFeatures(name="items", download="purchases", item="product_id", windows=(None,), dimensions=8),
        TextFeatures(name="text", download="purchases", columns=("product_type",), terms="characters"),
    ]
    assert len(sets) > 15
    for feature_set in sets:
        (project.root / "features" / f"{feature_set.name}.yaml").write_text(write_feature_set(feature_set))
    assert read_project(project.root, None, os.environ).feature_sets == {item.name: item for item in sets}
