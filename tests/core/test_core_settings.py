"""Facts about settings as JSON: what keys are made of."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from yule.core.settings import ADDED, from_json, to_json


@dataclass(frozen=True, kw_only=True)
class Spice:
    name: str
    heat: int = field(default=0, metadata=ADDED)
    from_: tuple[str, ...] = field(default=(), metadata=ADDED)


@dataclass(frozen=True, kw_only=True)
class Dish:
    spice: Spice
    others: tuple[Spice, ...] = ()
    by_name: dict[str, Spice] = field(default_factory=dict)
    choice: Spice | None = None
    notes: list[str] = field(default_factory=list, metadata=ADDED)
    rest: timedelta | None = field(default=None, metadata=ADDED)


SPICES = st.builds(
    Spice, name=st.text(max_size=3), heat=st.integers(0, 2), from_=st.lists(st.text(max_size=2), max_size=2).map(tuple)
)
DISHES = st.builds(
    Dish,
    spice=SPICES,
    others=st.lists(SPICES, max_size=2).map(tuple),
    by_name=st.dictionaries(st.text(max_size=2), SPICES, max_size=2),
    choice=SPICES | st.none(),
    notes=st.lists(st.text(max_size=2), max_size=2),
    rest=st.none() | st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
)


@given(DISHES)
def test_settings_come_back_from_their_json(dish: Dish) -> None:
    assert from_json(Dish, to_json(dish)) == dish


def test_what_is_added_is_left_out_at_its_default_wherever_settings_stand() -> None:
    salt = Spice(name="salt")
    plain = Dish(spice=salt, others=(salt,), by_name={"a": salt}, choice=salt)
    assert to_json(plain) == (
        '{"by_name":{"a":{"name":"salt"}},"choice":{"name":"salt"},"others":[{"name":"salt"}],"spice":{"name":"salt"}}'
    )


@given(DISHES)
def test_what_is_added_keys_when_it_is_said(dish: Dish) -> None:
    assert to_json(dish) != to_json(replace(dish, notes=[*dish.notes, "hot"]))
    assert to_json(dish) != to_json(replace(dish, spice=replace(dish.spice, heat=dish.spice.heat + 1)))


def test_who_reads_settings_again_is_given_the_same_ones() -> None:
    text = to_json(Spice(name="salt"))
    assert from_json(Spice, text) is from_json(Spice, text)
