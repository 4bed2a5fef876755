"""Mutated files: each is read, or refused with messages that have their place; none is half understood.

``YULE_FUZZ=10000`` tries so many; the suite tries a few.
"""

import io
import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest
from config_files import FILES, load_case, load_project
from ruamel.yaml import YAML

from yule.config.cases import Case
from yule.config.feature_sets import write_feature_set
from yule.config.projects import Project
from yule.core.errors import ConfigError, Problem

N_MUTANTS = int(os.environ.get("YULE_FUZZ", "150"))

WORDS = (
    *("", "~", "null", "true", "no", "0", "-1", "1", "7", "1e400", ".inf", ".nan", "1e-3", "0x1F", "1_000", "9" * 400),
    *(
        "[]",
        "{}",
        "[1]",
        "{a: 1}",
        "[[[]]]",
        "'",
        '"',
        "'x'",
        '"\\x00"',
        '"\\u202e"',
        '"\\ud800"',
        '"a\\nb"',
        "é",
        "東京",
    ),
    *("28 days", "0 days", "-1 days", "999999 weeks", "1 dayss", "2017-02-30", "9999-12-31", "0001-01-01", "12:30:00"),
    *(
        "all",
        "quick",
        "auto",
        "*x",
        "&x 1",
        "!!int a",
        "!!python/none",
        "!x y",
        "<<",
        "? a",
        "| x",
        ">",
        "@a",
        "%a",
        "`",
    ),
    *("../x", "/etc/passwd", "C:\\\\x", "s3://", "gs://b", "postgresql://u:hunter2@h/d", "${env:HOME}", "${", "$(ls)"),
    *("1; DROP TABLE x", "a' OR '1'='1", "read_text('/etc/passwd')", "purchases", "households", "shop", "user_id"),
)
CHARACTERS = "\x00\x07\x1b\t\r\n\x85\u2028\u202e\ufeff :-#&*!|>'\"%@`{}[],?~\\é0a"


def _change_line(lines: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(lines))
    line = lines[place]
    match chance.randrange(8):
        case 0:
            return lines[:place] + lines[place + 1 :]
        case 1:
            return [*lines[:place], line, line, *lines[place + 1 :]]
        case 2:
            return [*lines[:place], " " * chance.randrange(1, 5) + line, *lines[place + 1 :]]
        case 3:
            return [*lines[:place], line.lstrip(), *lines[place + 1 :]]
        case 4:
            other = chance.randrange(len(lines))
            swapped = list(lines)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            return swapped
        case 5:
            return [*lines[:place], f"{line.split(':')[0]}: {chance.choice(WORDS)}", *lines[place + 1 :]]
        case 6:
            return [*lines[:place], f"{line} {chance.choice(WORDS)}", *lines[place + 1 :]]
        case _:
            return lines[: place + 1]


def _change_character(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    match chance.randrange(4):
        case 0:
            return text[:place] + chance.choice(CHARACTERS) + text[place:]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + chance.choice(CHARACTERS) + text[place + 1 :]
        case _:
            return text[:place]


def _change_structure(text: str, chance: random.Random) -> str:
    """Change a value, a key or the shape of a part, and write the document anew."""
    yaml = YAML(typ="safe", pure=True)
    document = yaml.load(text)
    parts: list[tuple[object, object]] = []
    _collect(document, parts)
    where, key = chance.choice(parts)
    value = where[key]  # type: ignore[index]
    word = yaml.load(
        chance.choice(("1", "-1", "1.5", "x", "[]", "{}", "[x, x]", "null", "true", "2017-01-01", "28 days"))
    )
    match chance.randrange(6):
        case 0:
            where[key] = word  # type: ignore[index]
        case 1:
            where[key] = [value]  # type: ignore[index]
        case 2:
            where[key] = {"kind": value}  # type: ignore[index]
        case 3:
            del where[key]  # type: ignore[attr-defined]
        case 4 if isinstance(where, dict):
            where[f"{key}{chance.choice('sx_ ')}"] = where.pop(key)
        case _ if isinstance(value, list):
            value.append(value[0] if value else word)
        case _:
            where[key] = {"a": value, "b": word}  # type: ignore[index]
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _collect(value: object, parts: list[tuple[object, object]]) -> None:
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    for key in keys:
        parts.append((value, key))
        _collect(value[key], parts)  # type: ignore[index]


def mutate(text: str, chance: random.Random) -> str:
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        how = chance.randrange(3)
        if how == 0 and text:
            text = "\n".join(_change_line(text.split("\n"), chance))
        elif how == 1:
            text = _change_character(text, chance)
        else:
            with suppress(Exception):  # it is no YAML any more
                text = _change_structure(text, chance)
    return text


def _read(root: Path) -> tuple[Project, Case]:
    environment = {"SHOP_DATA": "data"}
    return load_project(root, "production", environment), load_case(root, environment=environment)


def _find_faults(problem: Problem, root: Path) -> list[str]:
    faults = []
    if not problem.line:
        faults.append("no line")
    if not (root / problem.file).exists():
        faults.append("no such file")
    words = ("Input should", "validation error", "<class", "Traceback", "function-", "pydantic", "NoneType", "loc=")
    faults += [f"says {word}" for word in words if word in problem.message]
    if not problem.message or "\n" in problem.message:
        faults.append("not one line")
    if "hunter2" in str(problem):
        faults.append("a secret")
    return faults


def _find_nonsense(root: Path, read: tuple[Project, Case]) -> list[str]:
    """Say what was accepted and is not what it says when it is written down and read again."""
    project, case = read
    (root / "cases/again.yaml").write_text(case.resolved, encoding="utf-8")
    for name, feature_set in project.feature_sets.items():
        (root / f"features/{name}.yaml").write_text(write_feature_set(feature_set), encoding="utf-8")
    try:
        again = load_project(root, "production", {"SHOP_DATA": "data"}), load_case(root, "again")
    except ConfigError as error:
        return [f"written down, it is refused: {error}"]
    finally:
        (root / "cases/again.yaml").unlink()
    faults = []
    if again[0].feature_sets != project.feature_sets:
        faults.append("feature sets are other ones when written down")
    if vars(again[1]) | {"name": "", "resolved": ""} != vars(case) | {"name": "", "resolved": ""}:
        faults.append("the case is another one when written down")
    return faults


def judge(root: Path, seed: int) -> tuple[str, str]:
    """Try one mutant: return ``accepted``, ``refused`` or ``WRONG``, and the mutant with what is wrong."""
    chance = random.Random(seed)
    file = sorted(FILES)[seed % len(FILES)]
    texts = {name: dedent(text) for name, text in FILES.items()}
    texts[file] = mutate(texts[file], chance)
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode("utf-8", errors="surrogatepass"))
    told = f"seed {seed}, {file}:\n{texts[file]}\n"
    try:
        faults, verdict = _find_nonsense(root, _read(root)), "accepted"
    except ConfigError as error:
        faults, verdict = [f"{fault}: {p}" for p in error.problems for fault in _find_faults(p, root)], "refused"
    except Exception as error:
        faults, verdict = [f"{type(error).__name__}: {error}"], ""
    return ("WRONG", f"{told}-> {'; '.join(faults)}") if faults else (verdict, told)


def test_mutated_files_are_read_or_refused_with_places(tmp_path: Path) -> None:
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(N_MUTANTS):
        verdict, told = judge(tmp_path, seed)
        verdicts[verdict] += 1
        wrong += [told] if verdict == "WRONG" else []
    print(dict(verdicts))
    assert not wrong, "\n\n".join(wrong[:5])
    assert verdicts["refused"] > verdicts["accepted"] > 0


def test_the_files_as_they_are_are_accepted(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    assert _find_nonsense(tmp_path, _read(tmp_path)) == []


Mutate = Callable[[str, random.Random], str]


@pytest.mark.parametrize("how", [_change_character, _change_structure, mutate])
def test_mutants_are_the_same_every_time(how: Mutate) -> None:
    text = dedent(FILES["cases/beer.yaml"])
    assert how(text, random.Random(1)) == how(text, random.Random(1))
