"""Whatever somebody writes in place of a model's files, to load it and to predict with it runs no code of theirs."""

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from test_models_contract import MEMBERS

from yule.testing.models import USERS, context

PREDICT = """
import sys
from pathlib import Path
import numpy as np
from yule.core.dataset import Features
from yule.models.members import load_model
folder = Path(sys.argv[1])
features = Features(numeric=np.zeros((2, 6), np.float32), codes=np.zeros((2, 2), np.int32),
    numeric_names=("signal", "spend", "tiny", "gaps", "noise", "noise2"), categorical_names=("plan", "city"),
    vocabularies=(("basic", "free", "gold"), ("city00",)))
print(load_model(folder).predict(features, n_threads=1))
"""


class Payload:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def _pickled(mark: Path) -> bytes:
    return pickle.dumps(Payload(mark))


def _torch_saved(mark: Path) -> bytes:
    import torch

    buffer = io.BytesIO()
    torch.save({"weights": Payload(mark)}, buffer)
    return buffer.getvalue()


def _numpy_saved(mark: Path) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Payload(mark)], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def _yaml_tag(mark: Path) -> bytes:
    return f"!!python/object/apply:os.system ['touch {mark}']\n".encode()


def _source(mark: Path) -> bytes:
    return f"__import__('os').system('touch {mark}')\n".encode()


FORGERIES = (_pickled, _torch_saved, _numpy_saved, _yaml_tag, _source)
KINDS = {member.kind: (member, loss) for member, loss in MEMBERS}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_loading_a_forged_model_runs_no_code(kind: str, tmp_path: Path) -> None:
    member, loss = KINDS[kind]
    users, mark = USERS[loss], tmp_path / "ran"
    model = member.fit(users.train, users.stop, context=context())
    folders = []
    for forge in FORGERIES:
        folder = tmp_path / forge.__name__
        folder.mkdir()
        model.save(folder)
        for file in folder.iterdir():
            if file.name != "model.json":
                file.write_bytes(forge(mark))
        folders.append(folder)
        if len(list(folder.iterdir())) == 1:  # a model that is all in its card
            (folder / "model.json").write_bytes(forge(mark))
    for folder in folders:  # each in a process of its own: a library may crash on such bytes
        done = subprocess.run(
            [sys.executable, "-c", PREDICT, str(folder)], capture_output=True, check=False, timeout=120
        )
        assert done.returncode != 0
        assert not mark.exists(), folder.name


@pytest.mark.parametrize("forge", FORGERIES)
def test_the_forgeries_would_run_where_they_are_trusted(forge: Callable[[Path], bytes], tmp_path: Path) -> None:
    import torch

    mark = tmp_path / "ran"
    content = forge(mark)
    match forge.__name__:
        case "_pickled":
            pickle.loads(content)
        case "_torch_saved":
            torch.load(io.BytesIO(content), weights_only=False)
        case "_numpy_saved":
            np.load(io.BytesIO(content), allow_pickle=True)
        case "_source":
            eval(content)
        case _:
            pytest.skip("needs a loader that Yule does not have")
    assert mark.exists()
