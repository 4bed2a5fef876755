"""Small real tasks for the tests of the runtime."""

import os
import signal
import time
from pathlib import Path

import luigi

from yule.core.errors import DataError
from yule.core.patience import Unanswered
from yule.storage.opening import open_store
from yule.storage.target import FolderTarget
from yule.storage.task import Task


class Number(Task):
    """Writes a number after some time."""

    step = "features"

    number: luigi.IntParameter = luigi.IntParameter()
    seconds: luigi.FloatParameter = luigi.FloatParameter(default=0.0)

    def write(self, folder: Path) -> None:
        print(f"number {self.number}")
        time.sleep(self.seconds)
        (folder / "number.txt").write_text(str(self.number))


class Away(FolderTarget):
    """An output that is asked for in an outage."""

    def verify(self) -> None:
        raise Unanswered("S3: no answer")


class Unreachable(Number):
    """Reads a number in an outage."""

    def output(self) -> Away:
        return Away(open_store(self.workspace_directory), Number(number=self.number).output().key)


class Sum(Task):
    """Adds the numbers from 0 up to some number."""

    step = "features"

    n: luigi.IntParameter = luigi.IntParameter()
    seconds: luigi.FloatParameter = luigi.FloatParameter(default=0.0)

    def requires(self) -> list[Task]:
        return [Number(number=number, seconds=self.seconds) for number in range(self.n)]

    def write(self, folder: Path) -> None:
        total = sum(int((part / "number.txt").read_text()) for part in self.load())
        (folder / "sum.txt").write_text(str(total))


class Fail(Task):
    """Fails in a way of one's choice, after a number."""

    step = "features"

    how: luigi.Parameter[str] = luigi.Parameter()

    def requires(self) -> list[Task]:
        return [Number(number=7)]

    def write(self, folder: Path) -> None:
        match self.how:
            case "user":
                raise DataError("The column beer is missing.")
            case "secret":
                print(f"connecting with {os.environ['PGPASSWORD']}")
                raise RuntimeError(f"password {os.environ['PGPASSWORD']} refused")
            case "bug":
                print("this was printed before the bug")
                raise ZeroDivisionError
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "killed once":
                marker = Path(self.workspace_directory) / "killed"
                if not marker.exists():
                    marker.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
            case "full":
                raise OSError(28, "No space left on device", str(folder))
            case "away":
                raise DataError("The source cannot be reached.") from ConnectionRefusedError()
            case "away twice":
                tries = Path(self.workspace_directory) / "tries"
                n_tries = len(tries.read_text()) if tries.exists() else 0
                if n_tries < 2:
                    tries.write_text("x" * (n_tries + 1))
                    raise ConnectionResetError(104, "Connection reset by peer")


class Both(Task):
    """Needs something that fails and something that does not."""

    step = "features"

    how: luigi.Parameter[str] = luigi.Parameter()

    def requires(self) -> list[Task]:
        return [Fail(how=self.how), Number(number=8)]

    def write(self, folder: Path) -> None:
        (folder / "both.txt").write_text("both")


class Takeaway(Task):
    """Deletes a number that others need, the first time; then needs it itself."""

    step = "features"

    number: luigi.IntParameter = luigi.IntParameter()

    def requires(self) -> Task:
        return Number(number=self.number)

    def write(self, folder: Path) -> None:
        marker = Path(self.workspace_directory) / "taken"
        if not marker.exists():
            marker.touch()
            Number(number=self.number).output().remove()
        (folder / "number.txt").write_text((self.load() / "number.txt").read_text())


class Forgetful(Task):
    """Writes a file that the disk does not keep."""

    step = "features"

    def write(self, folder: Path) -> None:
        (folder / "kept.txt").write_text("kept")

    def run(self) -> None:
        super().run()
        store = open_store(self.workspace_directory)
        (store.root / self.output().key / "kept.txt").write_text("")


class ReadForgetful(Task):
    """Reads what is not kept."""

    step = "features"

    def requires(self) -> Task:
        return Forgetful()

    def write(self, folder: Path) -> None:
        (folder / "kept.txt").write_text((self.load() / "kept.txt").read_text())
