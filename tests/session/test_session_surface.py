"""What is public is written down in ``surface.txt``: whoever changes it says so in the same change."""

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path

import yule
from yule import session
from yule.session.failures import TasksFailed
from yule.session.scoring import GivenTable
from yule.session.show import Show
from yule.session.views.cleanups import Cleanup
from yule.session.views.comparison import RunComparison
from yule.session.views.labels import CaseLabels
from yule.session.views.model import Model
from yule.session.views.plans import CheckedCase, Explanation, RunPlan, Uncached
from yule.session.views.predictions import Prediction
from yule.session.views.repetitions import Repetition
from yule.session.views.report import Report
from yule.session.views.users import Users

SURFACE = Path(__file__).parent / "surface.txt"
RETURNED = (
    CheckedCase,
    CaseLabels,
    RunPlan,
    Explanation,
    Uncached,
    Users,
    Report,
    Model,
    GivenTable,
    Prediction,
    Repetition,
    RunComparison,
    Cleanup,
    TasksFailed,
    Show,
)


def describe_surface() -> str:
    """Return all names and signatures that others may use."""
    public = {name: vars(session)[name] for name in yule.__all__}
    functions = [f"{name}{inspect.signature(found)}" for name, found in public.items() if inspect.isfunction(found)]
    classes = [found for found in public.values() if inspect.isclass(found)]
    return "\n".join([*functions, *(line for one in (*classes, *RETURNED) for line in _describe_class(one))]) + "\n"


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
    for one in (*(vars(session)[name] for name in yule.__all__), *RETURNED):
        assert inspect.getdoc(one)
        for name, member in vars(one).items() if inspect.isclass(one) else ():
            if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                assert inspect.getdoc(member), f"{one.__name__}.{name}"
