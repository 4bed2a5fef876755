"""A wheel that makes what is installed here importable in another environment."""

import site
import zipfile
from pathlib import Path

import yule

NAME = "here-1-py3-none-any.whl"


def write_wheel(folder: Path) -> str:
    """Write the wheel and return its name: tests install it instead of downloading the libraries anew."""
    places = "\n".join([*site.getsitepackages(), str(Path(yule.__file__).parents[1])])
    metadata = "here-1.dist-info"
    files = {
        "here.pth": places,
        f"{metadata}/METADATA": "Metadata-Version: 2.1\nName: here\nVersion: 1\n",
        f"{metadata}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{metadata}/RECORD"))
    with zipfile.ZipFile(folder / NAME, "w") as wheel:
        for name, text in {**files, f"{metadata}/RECORD": record}.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    return NAME
