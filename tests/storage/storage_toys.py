"""Small real tasks for the tests of the storage room."""

from pathlib import Path

import luigi

from yule.storage.task import Task


class WriteWord(Task):
    """Writes one word."""

    step = "features"

    word: luigi.Parameter[str] = luigi.Parameter()

    def write(self, folder: Path) -> None:
        (folder / "word.txt").write_text(self.word)


class Shout(Task):
    """Writes the word of another task in capitals."""

    step = "features"

    word: luigi.Parameter[str] = luigi.Parameter()
    loud: luigi.Parameter[str] = luigi.Parameter(default='{"marks":1}')

    def requires(self) -> dict[str, Task]:
        return {"word": WriteWord(word=self.word)}

    def write(self, folder: Path) -> None:
        (folder / "word.txt").write_text((self.load("word") / "word.txt").read_text().upper())
