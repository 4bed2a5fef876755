"""What is public is written down in ``surface.txt``: whoever changes it says so in the same change."""

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import yule
from yule import RunView, Session, session, testing
from yule.session.failures import CasesFailed, TasksFailed
from yule.session.scoring import GivenTable
from yule.session.show import Show
from yule.session.views.answers import Answer
from yule.session.views.cleanups import Cleanup
from yule.session.views.comparison import RunComparison
from yule.session.views.labels import CaseLabels
from yule.session.views.model import Model
from yule.session.views.plans import CheckedCase, Explanation, RunPlan, Uncached
from yule.session.views.predictions import Prediction
from yule.session.views.repetitions import Repetition
from yule.session.views.report import Report
from yule.session.views.results import CaseResult
from yule.session.views.shelf import CaseModel, MemberFits, Shelf, TakenModels
from yule.session.views.users import Users

SURFACE = Path(__file__).parent / "surface.txt"
RETURNED = (
    CheckedCase,
    CaseLabels,
    RunPlan,
    Explanation,
    Uncached,
    CaseResult,
    Users,
    Report,
    Model,
    GivenTable,
    Prediction,
    Answer,
    Repetition,
    Shelf,
    TakenModels,
    CaseModel,
    MemberFits,
    RunComparison,
    Cleanup,
    TasksFailed,
    CasesFailed,
    Show,
)


def describe_surface() -> str:
    """Return all names and signatures that others may use."""
    public = {name: vars(session)[name] for name in yule.__all__}
    functions = [f"{name}{inspect.signature(found)}" for name, found in public.items() if inspect.isfunction(found)]
    classes = [found for found in public.values() if inspect.isclass(found)]
    described = [line for one in (*classes, *RETURNED) for line in _describe_class(one)]
    return "\n".join([*functions, *described, *_list_contracts()]) + "\n"


def _list_contracts() -> Iterator[str]:
    """List what a contract suite asks of a subclass, and what it tries: one more test may fail the suite of others."""
    for one in (vars(testing)[name] for name in testing.__all__):
        yield f"\nyule.testing.{one.__name__}"
        yield from sorted(f"    {name}" for name in vars(one) if not name.startswith("_") and name != "pytestmark")


def _describe_class(one: type) -> Iterator[str]:
    yield f"\n{one.__name__}"
    for field in dataclasses.fields(one) if dataclasses.is_dataclass(one) else ():
        if not field.name.startswith("_"):
            yield f"    {field.name}: {_write(field.type)}"
    for name, member in vars(one).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield f"    {name}: {_write(inspect.signature(member.fget).return_annotation)}"
        elif inspect.isfunction(member):
            yield f"    {name}{inspect.signature(member)}"


def _write(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def test_the_public_surface_is_the_one_on_record() -> None:
    assert describe_surface() == SURFACE.read_text(), "If that is meant, write the new text into surface.txt."


def test_all_that_is_public_is_documented() -> None:
    contracts = [vars(testing)[name] for name in testing.__all__]
    for one in (*(vars(session)[name] for name in yule.__all__), *RETURNED, *contracts):
        assert inspect.getdoc(one)
        if one in contracts:  # their tests are sentences
            continue
        for name, member in vars(one).items() if inspect.isclass(one) else ():
            if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                assert inspect.getdoc(member), f"{one.__name__}.{name}"


def test_what_is_public_is_found_where_it_is_said_to_be() -> None:
    for name in yule.__all__:
        assert getattr(yule, name) is vars(session)[name]
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        yule.nothing  # noqa: B018  # it is the asking that raises


def test_what_takes_or_may_refuse_something_says_what() -> None:
    for one in (Session, Model, Users, RunView):
        for name, member in vars(one).items():
            if name.startswith("_") or not inspect.isfunction(member):
                continue
            documented = inspect.getdoc(member) or ""
            if len(inspect.signature(member).parameters) > 2:
                assert "Parameters\n---" in documented, f"{one.__name__}.{name}"
            if name in (
                "check",
                "plan",
                "run",
                "predict",
                "ask",
                "judge",
                "rerun",
                "load_run",
                "logs",
                "find_unneeded",
                "to_pandas",
            ):
                assert "Raises\n---" in documented, f"{one.__name__}.{name}"
