import subprocess
import sys

HEAVY = ("gokart", "luigi", "pandas", "numpy", "pyarrow", "duckdb", "pydantic", "typer", "torch", "lightgbm")


def test_the_import_of_yule_loads_nothing_heavy() -> None:
    told = f"import sys, yule; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_project_is_opened_without_the_pipeline(tmp_path) -> None:
    (tmp_path / "project.yaml").write_text("version: 1\nname: shop\nworkspace: workspace\nsources: {}\n")
    told = (
        f"import sys, yule; yule.open_project({str(tmp_path)!r});"
        "print([name for name in ('gokart', 'luigi', 'pandas', 'torch') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "[]\n"
