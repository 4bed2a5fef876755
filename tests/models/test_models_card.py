"""Tests of the card of a saved model: it is spelt as it always was."""

from pathlib import Path

import pytest

from yule.models.card import ModelCard, read_card, write_card
from yule.models.categories import Categories
from yule.models.heads import Head, LogLossHead, SquaredErrorHead

WRITTEN = '{"categories":{"names":[],"values":[]},"head":HEAD,"importance":{"age":1.0},"kind":"mlp","n_steps":3}'


@pytest.mark.parametrize(
    ("head", "written"),
    [
        (LogLossHead(), '{"center":0.0,"outcome":"yes_no","spread":1.0}'),
        (SquaredErrorHead(center=7.5, spread=2.0), '{"center":7.5,"outcome":"amount","spread":2.0}'),
    ],
)
def test_a_card_is_written_and_read_as_by_every_version(tmp_path: Path, head: Head, written: str) -> None:
    nothing = Categories(names=(), values=())
    card = ModelCard(kind="mlp", head=head, n_steps=3, importance={"age": 1.0}, categories=nothing)
    write_card(card, tmp_path)
    assert (tmp_path / "model.json").read_text() == WRITTEN.replace("HEAD", written)
    assert read_card(tmp_path) == card
