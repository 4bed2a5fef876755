import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import change_part
from report_toys import make_data

from yule.core.meanings import Meaning
from yule.kinds import BINARY
from yule.kinds.reports import Report, compute_report, read_report, write_report
from yule.labels.summary import LabelSummary
from yule.messages.finding import Finding
from yule.messages.message import Message
from yule.messages.values import Texts
from yule.metrics.gains import gains_table
from yule.metrics.scores import average_precision, neg_log_loss, roc_auc
from yule.preparation.selection.record import SelectionRecord, judge, merge_selections
from yule.report.data import Fact, FeatureImportance, MemberResult, ReportData
from yule.report.quality import FRACTIONS

VOID = {"meta", "input", "br"}


@pytest.fixture(scope="module")
def report() -> Report:
    return compute(make_data(n_users=60, n_validated=60))


def compute(data: ReportData) -> Report:
    return compute_report(BINARY, data)


class Reader(HTMLParser):
    """Reads a page strictly: every element that begins must end, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read_page(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    return reader


def write(data: ReportData, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    write_report(compute(data), folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_is_whole_and_loads_nothing(tmp_path: Path) -> None:
    page = write(make_data(), tmp_path)
    reader = read_page(page)
    assert not re.search(r"https?://|@import|url\(", page)
    assert not {"src", "href", "srcset", "onclick", "onload"} & reader.attributes
    assert "nan" not in re.findall(r"[a-z]+", reader.text.lower().split("(() =>")[0])


def test_the_card_says_its_numbers_without_a_script(tmp_path: Path) -> None:
    data = make_data()
    page = write(data, tmp_path)
    assert f'<b data-shows="expected">{data.scores[:50].sum():.0f}</b>' in page
    assert ".scripted { display: none; }" in page


HOSTILE = "</title><script>alert(1)</script>\"'&<b>"
NOTED = Finding(check="labels", code="classes-near", severity="warn", values={"near": Texts((HOSTILE,))})


def test_a_report_tells_what_was_kept_in_how_many_folds_and_why() -> None:
    records = [
        SelectionRecord(
            method="gain",
            features=judge(
                {name: Meaning(column=name) for name in ("age", "town")},
                {"age": 0.75},
                {"town": reason} if reason else {},
            ),
        )
        for reason in (Message(code="dropped-constant"), None)
    ]
    data = change_part(make_data(), selection=merge_selections(records))
    text = read_page(compute(data).render()).text
    assert "2 of 2 features were kept in some fold" in text
    assert "1 of 2" in text
    assert "always the same" in text
    assert "Which features were kept?" not in read_page(compute(make_data()).render()).text


def test_text_of_people_is_never_taken_for_html() -> None:
    data = make_data(question=HOSTILE)
    members = data.parts[0].members
    named = change_part(
        data,
        members=(replace(members[0], name=HOSTILE, kind=HOSTILE), members[1]),
        features=(
            FeatureImportance(name=HOSTILE, meaning=Meaning(feature_set=HOSTILE, column=HOSTILE), share=0.6),
            FeatureImportance(name="b", meaning=Meaning(aggregate="share", value=HOSTILE), share=0.1),
        ),
    )
    hostile = replace(
        named,
        case=HOSTILE,
        run_id=HOSTILE,
        resolved=HOSTILE,
        facts=(Fact(name=HOSTILE, value=HOSTILE),),
        history=replace(data.history, findings=(NOTED,)),
    )
    reader, plain = read_page(compute(hostile).render()), read_page(compute(data).render())
    assert reader.tags.count("script") == plain.tags.count("script") == 1
    assert reader.text.count("alert(1)") >= 10


@given(question=st.text(min_size=1, max_size=60))
@settings(deadline=None, max_examples=15)
def test_any_question_gives_a_whole_page(report: Report, question: str) -> None:
    read_page(replace(report, head=replace(report.head, question=question)).render())


def test_equal_data_give_equal_bytes(tmp_path: Path) -> None:
    write(make_data(), tmp_path / "a")
    write(make_data(), tmp_path / "b")
    for name in ("report.html", "report.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_numbers_agree_with_the_metrics(tmp_path: Path) -> None:
    data = make_data()
    write(data, tmp_path)
    plain = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    blend = data.parts[0].ensemble.predictions
    head, body = plain["head"], plain["body"]
    assert (plain["kind"], plain["version"]) == ("binary", 4)
    assert head["horizon"] == 28 * 86_400
    assert body["expected_positives"] == pytest.approx(data.scores.sum())
    scores = head["parts"][0]["board"]["ensemble"]
    assert scores["scores"]["roc_auc"] == roc_auc(data.labels, blend)
    assert scores["scores"]["average_precision"] == average_precision(data.labels, blend)
    assert scores["scores"]["log_loss"] == -neg_log_loss(data.labels, blend)
    rows = data.folds == 2
    assert scores["folds"][2]["scores"]["roc_auc"] == roc_auc(data.labels[rows], blend[rows])
    gains = gains_table(data.labels, blend, FRACTIONS)
    assert [row["hits"] for row in body["validation"]["gains"]] == [row.hits for row in gains]
    assert data.outcome is not None
    held = gains_table(data.outcome, data.scores[:, 0], FRACTIONS)
    assert [row["hits"] for row in body["outcome"]["gains"]] == [row.hits for row in held]


def test_the_numbers_come_back_as_they_were_written(tmp_path: Path) -> None:
    write(make_data(), tmp_path)
    assert read_report(tmp_path) == compute(make_data())


def test_a_fold_of_one_kind_has_no_metrics_of_its_own(tmp_path: Path) -> None:
    data = make_data(n_users=20, n_validated=20, n_members=1, n_folds=10)
    labels = np.zeros(20)
    labels[:3] = 1.0
    read_page(write(replace(data, labels=labels), tmp_path))
    folds = read_report(tmp_path).head.parts[0].board.ensemble.folds
    assert [None in fold.scores.values() for fold in folds] == [False] * 3 + [True] * 7
    assert set(folds[9].scores.values()) == {None}


def test_users_whose_outcome_is_unknown_are_left_out_of_it(tmp_path: Path) -> None:
    data = make_data()
    assert data.outcome is not None
    outcome = np.where(np.arange(500) < 100, np.nan, data.outcome)
    write(replace(data, outcome=outcome), tmp_path)
    found = read_report(tmp_path).body.outcome
    assert found is not None
    assert found.n_users == 400
    assert found.n_positives == data.outcome[100:].sum()
    write(replace(data, outcome=np.full(500, np.nan)), tmp_path)
    assert read_report(tmp_path).body.outcome is None


def test_a_run_with_little_to_tell_gives_a_whole_page(tmp_path: Path) -> None:
    data = make_data(n_users=20, n_validated=20, n_members=1, n_folds=2)
    bare = replace(
        change_part(data, features=(), told_weight=0.0),
        outcome=None,
        facts=(),
        run_id="",
        is_later=False,
        history=LabelSummary(cutoffs=data.history.cutoffs[:1]),
    )
    text = read_page(write(bare, tmp_path)).text
    assert "Checked against what happened" not in text
    assert "None of the members in the blend can tell" in text
    assert "In a later period" not in text


@pytest.mark.parametrize("score", [1e-12, 0.5, 1 - 1e-12])
def test_a_population_of_equal_scores_gives_a_whole_page(tmp_path: Path, score: float) -> None:
    data = replace(make_data(), scores=np.full((1, 1), score), outcome=None)
    read_page(write(data, tmp_path))


def test_seven_members_on_ten_folds_fit_the_page(tmp_path: Path) -> None:
    page = write(make_data(n_validated=2000, n_members=7, n_folds=10), tmp_path)
    assert page.count('class="ring"') == 8 * 10
    assert len(page) < 200_000


def test_a_million_users_take_seconds_and_a_small_page(tmp_path: Path) -> None:
    data = make_data(n_users=1_000_000, n_validated=20_000)
    started = time.process_time()
    page = write(replace(data, outcome=None), tmp_path)
    assert time.process_time() - started < 3
    assert len(page) < 500_000
    assert len((tmp_path / "report.json").read_bytes()) < 500_000


def test_members_stand_in_the_order_of_their_log_loss() -> None:
    data = make_data()
    worse = MemberResult(name="worse", kind="mlp", weight=0.0, predictions=np.full(500, 0.5))
    report = compute(change_part(data, members=(worse, *data.parts[0].members)))
    assert report.head.parts[0].board.members[-1].name == "worse"
    assert "left out" in report.render()
