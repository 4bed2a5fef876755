"""What holds of every kind of answer; a new one joins by its lines in ``kinds_toys.py``."""

import json
import re
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
sys.path.insert(0, str(Path(__file__).parents[1] / "checks"))
from checks_toys import make_evidence, summarize, with_labels
from kinds_toys import DRAWS, LABELS, NAMES, PARTS, draw_outcome, make_data
from pages import Nesting

from yule.checks.evidence import Evidence
from yule.checks.listing import CHECKS, find_findings, find_label_findings
from yule.core.tables import read_table
from yule.kinds import KINDS, find_kind, read_kind
from yule.kinds.reports import Report, compute_report, read_report, write_report
from yule.messages.telling import tell
from yule.models.heads import fit_head, track_loss, track_valid
from yule.models.protocol import Labelled
from yule.prediction.ranking import Scores
from yule.report.board import MemberScores, Metric
from yule.report.data import PartResult, ReportData
from yule.report.files import NUMBERS, PAGE
from yule.tracking.layout import write_layout
from yule.tracking.view import deep_link

Score = TypeVar("Score", float, float | None)

each_kind = pytest.mark.parametrize("name", NAMES)


def compute(name: str, data: ReportData) -> Report:
    return compute_report(read_kind(name), data)


def read_page(page: str) -> str:
    parser = Nesting()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    return page


def with_worse(part: PartResult, order: NDArray[np.int64]) -> PartResult:
    """Return a model whose second member says of users what is right of others."""
    good, bad = part.members
    blend = part.ensemble.predictions
    return replace(part, members=(replace(good, predictions=blend), replace(bad, predictions=blend[order])))


def without_metric(report: Report, metric: Metric) -> Report:
    """Return a report as an earlier version would have written it, that had no such metric."""

    def take(member: MemberScores) -> MemberScores:
        folds = tuple(replace(fold, scores=drop(fold.scores)) for fold in member.folds)
        return replace(member, scores=drop(member.scores), folds=folds)

    def drop(scores: dict[str, Score]) -> dict[str, Score]:
        return {name: score for name, score in scores.items() if name != metric.name}

    parts = tuple(
        replace(
            part,
            board=replace(part.board, ensemble=take(part.board.ensemble), members=tuple(map(take, part.board.members))),
        )
        for part in report.head.parts
    )
    return replace(report, head=replace(report.head, parts=parts))


def test_every_kind_is_tested_and_no_two_are_for_the_same_labels() -> None:
    assert set(DRAWS) == set(NAMES)
    assert len({(kind.target, kind.supervision) for kind in KINDS}) == len(KINDS)


@each_kind
def test_a_report_comes_back_as_it_was_written(name: str, tmp_path: Path) -> None:
    report = compute(name, make_data(name))
    write_report(report, tmp_path)
    assert read_report(tmp_path) == report
    plain = json.loads((tmp_path / NUMBERS).read_text(encoding="utf-8"))
    assert plain.keys() == {"kind", "version", "head", "body"}
    assert plain["kind"] == name


@each_kind
def test_equal_data_give_equal_bytes(name: str, tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        write_report(compute(name, make_data(name)), tmp_path / place)
    for file in (NUMBERS, PAGE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@each_kind
def test_a_page_is_whole_loads_nothing_and_takes_no_text_for_html(name: str) -> None:
    page = read_page(compute(name, make_data(name)).render())
    assert not re.search(r"https?://|@import|url\(|<link|<img", page)
    for text in ("<i>comes</i>", "<u>", *(part for part in PARTS.get(name, ()) if "<" in part)):
        assert text not in page


@each_kind
@pytest.mark.parametrize(
    "heading",
    [
        "What was learned from",
        "Which models were used?",
        "What drives the score?",
        "Which features were kept?",
        "Checks and advice",
        "Behind the report",
    ],
)
def test_a_page_has_the_cards_that_all_pages_have(name: str, heading: str) -> None:
    assert heading in compute(name, make_data(name)).render()


@each_kind
def test_the_number_of_contacts_is_chosen_for_each_list(name: str) -> None:
    page = compute(name, make_data(name)).render()
    lists = re.findall(r'data-contact="(.*?)"', page)
    assert [unescape(one) for one in lists] == list(PARTS.get(name, ("",)))
    assert sorted(re.findall(r'data-marks="(.*?)"', page)) == sorted(lists)


@each_kind
def test_the_script_shows_and_asks_nothing_that_no_card_has(name: str) -> None:
    body, script = compute(name, make_data(name)).render().split("<script>")
    shown, asked = (set(re.findall(f'data-{what}="(\\w+)"', body)) for what in ("shows", "asks"))
    told = set(re.findall(r"(\w+): ", script.partition("const told = {")[2].partition("update")[0]))
    assert shown <= told
    assert asked <= set(re.findall(r'ask\("(\w+)"\)', script))


@each_kind
def test_of_all_contacted_as_much_is_expected_as_of_all(name: str) -> None:
    page = compute(name, make_data(name)).render()
    for curve in re.findall(r'data-contact="[^"]*" data-curve="(.*?)"', page):
        sizes, expected, lows, highs = np.array(json.loads(curve)).T
        assert sizes[0] == 0
        assert sizes[-1] == 300
        assert (np.diff(sizes) > 0).all()
        assert (np.diff(expected) >= 0).all()
        assert (lows <= expected + 1e-3).all()
        assert (expected <= highs + 1e-3).all()


@each_kind
def test_what_a_run_took_is_on_the_page_once_it_is_known(name: str) -> None:
    report = compute(name, make_data(name))
    assert "What the run took" not in report.render()
    page = read_page(report.render([("pods <b>", "3")]))
    assert page.index("What the run took") < page.index("</main>")
    assert "pods &lt;b&gt;" in page


@each_kind
def test_the_best_member_stands_first(name: str) -> None:
    kind = read_kind(name)
    sign = 1 if kind.metrics.by.is_error else -1
    for part in compute(name, make_data(name)).head.parts:
        values = [sign * member.scores[kind.metrics.by.name] for member in part.board.members]
        assert values == sorted(values)


@each_kind
def test_every_metric_tells_good_predictions_from_shuffled_ones(name: str) -> None:
    metrics, data = read_kind(name).metrics, make_data(name)
    shuffled = np.random.default_rng(0).permutation(len(data.labels))
    for part in compute(name, replace(data, parts=tuple(with_worse(part, shuffled) for part in data.parts))).head.parts:
        good, bad = sorted(part.board.members, key=lambda member: member.name)
        for metric in metrics.columns:
            better, worse = (member.scores[metric.name] for member in (good, bad))
            assert better < worse if metric.is_error else better > worse, (
                f"{metric.name}: is it an error, or is it not?"
            )


@each_kind
def test_every_metric_has_a_name_of_its_own(name: str) -> None:
    columns = read_kind(name).metrics.columns
    assert len({metric.name for metric in columns}) == len({metric.title for metric in columns}) == len(columns)


@each_kind
def test_a_report_of_before_a_metric_was_added_does_without_it(name: str) -> None:
    metrics, report = read_kind(name).metrics, compute(name, make_data(name))
    for metric in metrics.columns[1:]:
        if metric != metrics.by:
            older = without_metric(report, metric)
            assert f">{metric.title}<" not in read_page(older.render())
            assert metric.title not in older.tabulate().headings


@each_kind
def test_what_is_printed_fills_its_columns(name: str) -> None:
    report = compute(name, make_data(name))
    table = report.tabulate()
    assert {len(row) for row in table.rows} == {len(table.headings)}
    assert len(report.describe()) >= 3
    assert not any(word in " ".join(report.describe()) for word in ("AUC", "log loss", "RMSE"))


@each_kind
def test_what_came_of_users_is_told_or_left_out_where_it_is_not_known(name: str) -> None:
    data = make_data(name)
    read_page(compute(name, replace(data, outcome=draw_outcome(name, 300))).render())
    unknown = compute(name, replace(data, outcome=np.full(300, np.nan)))
    assert "known by now" not in " ".join(unknown.describe())
    read_page(unknown.render())


@each_kind
def test_a_fold_that_can_tell_nothing_has_no_figures(name: str, tmp_path: Path) -> None:
    data = make_data(name)
    labels = np.where(data.folds == 1, 0.0, data.labels)
    report = compute(name, replace(data, labels=labels))
    for part in report.head.parts[1:]:
        assert set(part.board.ensemble.folds[1].scores.values()) == {None}
    write_report(report, tmp_path)
    assert read_report(tmp_path) == report


@each_kind
def test_a_population_of_one_user_gives_a_whole_page(name: str) -> None:
    read_page(compute(name, make_data(name, n_users=1)).render())


@each_kind
def test_lists_are_written_as_they_are_told_of(name: str, tmp_path: Path) -> None:
    kind, values = read_kind(name), DRAWS[name](5, 1).predictions
    users = pa.chunked_array([[f"u{number}" for number in range(5)]])
    kind.rank(Scores(user_ids=users, names=PARTS.get(name, ("",)), values=values), tmp_path)
    assert {file.name for file in tmp_path.glob("*.csv")} == {one.file for one in kind.lists}
    ranked = read_table(tmp_path / "users.parquet")
    assert sorted(ranked["user_id"].to_pylist()) == users.to_pylist()
    assert ranked["rank"].to_pylist() == [1, 2, 3, 4, 5]
    assert ranked["score"].to_pylist() == sorted(ranked["score"].to_pylist(), reverse=True)


@each_kind
def test_models_of_a_user_are_brought_together_alone(name: str) -> None:
    combine, values = read_kind(name).combine, DRAWS[name](20, 1).predictions
    assert combine(values).shape == values.shape
    assert np.array_equal(combine(values)[:3], combine(values[:3]))


@each_kind
def test_labels_are_counted_in_words(name: str) -> None:
    data, counts = make_data(name), read_kind(name).counts
    names = PARTS.get(name, ())
    assert str(data.history.n_positives) in counts.tell_all(data.history, names) or names
    for cutoff in data.history.cutoffs:
        assert counts.tell_cutoff(cutoff, data.labels, names)


@each_kind
def test_a_kind_is_found_by_its_labels_and_names_a_model_for_each_column(name: str) -> None:
    assert find_kind(LABELS[name]).name == name
    names = read_kind(name).name_parts(LABELS[name])
    assert names == PARTS.get(name, ("",))
    assert len(names) == DRAWS[name](9, 1).predictions.shape[1]


def make_evidence_of(name: str) -> Evidence:
    evidence = make_evidence(100)
    labels = with_labels(evidence, draw_outcome(name, 300), LABELS[name].loss)
    return replace(labels, classes=LABELS[name].class_names)


@each_kind
def test_checks_are_made_and_told_of_each_model_or_of_all(name: str) -> None:
    kind = read_kind(name)
    made = (*kind.checks.whole, *kind.checks.each)
    assert len(set(made)) == len(made)
    assert set(made) <= set(CHECKS)
    found = find_findings(make_evidence_of(name), kind.checks)
    assert {finding.about for finding in found} <= {None, *LABELS[name].class_names}
    assert all(tell(finding).seen for finding in found)


@each_kind
def test_counts_of_labels_are_judged_for_each_model(name: str) -> None:
    counts, parts = read_kind(name).counts, LABELS[name].class_names or (None,)
    examples = make_evidence_of(name).examples
    counted = dict(counts.divide(summarize(examples), examples, LABELS[name].class_names))
    assert tuple(counted) == parts
    assert all(0 < one.n_positives < one.n_users for one in counted.values())
    assert {finding.about for finding in find_label_findings(counted.items())} == set(parts)


class Tags:
    """A tracker that keeps what curves are called."""

    def __init__(self) -> None:
        self.kept: set[str] = set()

    def log(self, tag: str, value: float, *, step: int) -> None:
        del value, step
        split, metric = tag.split("/")
        self.kept.add(f"{metric}/{split}")


@each_kind
def test_every_curve_that_tensorboard_shows_is_one_that_models_write(name: str, tmp_path: Path) -> None:
    charts, drawn, tracker = read_kind(name).charts, DRAWS[name](50, 1), Tags()
    labels, predictions = (drawn.labels > 0).astype(float), drawn.predictions[:, 0]
    head = fit_head(
        Labelled(features=make_evidence(50, n_cutoffs=1).sample.features, labels=labels, loss=LABELS[name].loss)
    )
    track_valid(tracker, head, labels, predictions, step=1)
    track_loss(tracker, head, 0.5, split="train", step=1)
    assert {chart.tag for chart in charts} <= tracker.kept
    write_layout(tmp_path, card="", charts=charts)
    (file,) = (tmp_path / "case").iterdir()
    assert all(chart.title.encode() in file.read_bytes() for chart in charts)
    assert "train" not in deep_link(6006, charts)
