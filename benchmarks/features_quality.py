"""What features are worth: plain LightGBM on four kinds of them, for questions on two logs, with many and few labels.

    benchmarks/features_quality.py BENCH [--folder FOLDER] [--questions beer,wine] [--plans quick,auto] [--labelled 200]

BENCH holds ``cj_beer/data.parquet`` and ``cdnow_buy/data.parquet``, with features that experts made by hand, and
``cdnow_buy/raw/events.parquet``. The Complete Journey is that of the example project, after ``make demo``. The last
cut-off is the test; all else is decided before it. LightGBM is fitted on five folds of the users of the cut-offs
before, each stopped by its fifth of the users, and their mean predicts. Features are computed by Yule's own tasks,
with the selection of the case fitted inside each fold.

With ``--labelled N`` only N users have a label, at the last cut-off before the test: means over draws of them. With
``--no-history`` the own history of the outcome is left out, as where labels come from a table.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from textwrap import dedent

import lightgbm
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from yule.config.cases import Case, read_case
from yule.config.projects import read_project
from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.settings import to_json
from yule.features.stacked import map_stacked
from yule.labels.observe import read_labels
from yule.metrics.scores import average_precision, neg_log_loss, roc_auc
from yule.pipeline.graph import Tables, build_graph
from yule.pipeline.training import dataset_tasks
from yule.preparation.preparation import fit_preparation, prepare, prepare_training
from yule.preparation.settings import PreparationSettings
from yule.runtime.execution import execute
from yule.runtime.plan import plan_tasks
from yule.storage.setup import configure

EXAMPLE = Path(__file__).parent.parent / "examples" / "complete-journey"

PLAIN = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
}
N_FOLDS = 5
N_RESAMPLES = 500

ORDERS = """\
version: 1
source: shop
table: orders
user: user_id
time: date
columns: {user_id: string, date: timestamp, n_cds: integer, amount: number}
"""

JOURNEY_TOTALS = """\
version: 1
download: purchases
windows: [all]
aggregates: [count, recency, {sum: sales_value}, {distinct: basket_id}]
"""
JOURNEY_QUICK = """\
version: 1
download: purchases
windows: [28 days, 91 days, all]
aggregates: [count, recency, tenure, {sum: sales_value}, {distinct: basket_id}]
shares: [{of: department, top: 12, weight: sales_value}]
"""
JOURNEY_OUTCOME = """\
version: 1
download: EVENT
where: WHERE
windows: [28 days, 91 days, all]
aggregates: [count, recency]
"""
ORDERS_TOTALS = """\
version: 1
download: orders
windows: [all]
aggregates: [count, recency, {sum: amount}]
"""
ORDERS_QUICK = """\
version: 1
download: orders
windows: [28 days, 91 days, all]
aggregates: [count, recency, tenure, {sum: amount}, {mean: amount}, {sum: n_cds}]
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a log.

    Parameters
    ----------
    log
        ``journey`` or ``orders``.
    labels
        Kind, event, condition and horizon, as in a case.
    where
        The condition once more, for the newcomer's own history of the outcome; None where the outcome is any event.
    given
        Folder with features that an expert made for this question; None where there is none.
    """

    log: str
    labels: str
    where: str | None = None
    given: str | None = None


BEER, WINE = "product_category = 'BEERS/ALES'", "product_category IN ('DOMESTIC WINE', 'IMPORTED WINE')"
QUESTIONS = {
    "beer": Question(log="journey", labels=f'event: purchases, where: "{BEER}"', where=BEER, given="cj_beer"),
    "wine": Question(log="journey", labels=f'event: purchases, where: "{WINE}"', where=WINE),
    "coupon": Question(log="journey", labels="event: redemptions", where="true"),
    "orders": Question(log="orders", labels="event: orders", given="cdnow_buy"),
    "large": Question(log="orders", labels='event: orders, where: "amount >= 40"', where="amount >= 40"),
    "soon": Question(log="orders", labels="event: orders, HORIZON: 28 days"),
}
CUTOFFS = {
    "journey": (
        "28 days",
        [f"2017-{day}" for day in ("04-02", "04-30", "05-28", "06-25", "07-23", "08-20", "09-17", "10-15", "12-03")],
    ),
    "orders": ("91 days", ["1997-12-31", "1998-04-01"]),
}
PLANS = ("totals", "quick", "auto", "given")


@dataclass(frozen=True, kw_only=True)
class Data:
    """Examples with their features, what is fitted in folds, and what it cost to compute them."""

    case: Case
    examples: Examples
    features: Features
    seconds: float

    @property
    def is_test(self) -> NDArray[np.bool_]:
        """bool (n_examples,): of the last cut-off."""
        return self.examples.cutoffs == self.examples.cutoffs.max()


def write_project(folder: Path, log: str, bench: Path) -> None:
    """Write a project over one log."""
    for name in ("downloads", "features", "cases"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if log == "journey":
        data, source = EXAMPLE / "data", "journey"
        for file in (EXAMPLE / "downloads").glob("*.yaml"):
            (folder / "downloads" / file.name).write_text(file.read_text())
        (folder / "features" / "households.yaml").write_text((EXAMPLE / "features" / "households.yaml").read_text())
    else:
        data, source = folder / "data", "shop"
        data.mkdir(exist_ok=True)
        pq.write_table(pq.read_table(bench / "cdnow_buy" / "raw" / "events.parquet"), data / "orders.parquet")
        (folder / "downloads" / "orders.yaml").write_text(ORDERS)
    totals, quick = (JOURNEY_TOTALS, JOURNEY_QUICK) if log == "journey" else (ORDERS_TOTALS, ORDERS_QUICK)
    (folder / "features" / "totals.yaml").write_text(totals)
    (folder / "features" / "quick.yaml").write_text(quick)
    sources = f"sources: {{{source}: {{kind: files, path: {data}}}}}\n"
    (folder / "project.yaml").write_text(f"version: 1\nname: {log}\nworkspace: workspace\n{sources}")


def write_case(folder: Path, name: str, plan: str) -> Path:
    """Write the case of a question with one kind of features."""
    question = QUESTIONS[name]
    horizon, cutoffs = CUTOFFS[question.log]
    population = "purchases" if question.log == "journey" else "orders"
    if plan == "auto":
        features = "{auto: [purchases, campaigns, redemptions, demographics]}" if question.log == "journey" else "auto"
    elif plan == "quick":
        sets = ["quick", *(["households"] if question.log == "journey" else [])]
        if question.where is not None:
            event = question.labels.split("event: ")[1].split(",")[0]
            text = JOURNEY_OUTCOME.replace("EVENT", event).replace("WHERE", f'"{question.where}"')
            (folder / "features" / f"own-{name}.yaml").write_text(text)
            sets.append(f"own-{name}")
        features = f"{{sets: [{', '.join(sets)}]}}"
    else:
        features = "{sets: [totals]}"
    labels = question.labels if "HORIZON" in question.labels else f"{question.labels}, HORIZON: {horizon}"
    text = f"""\
        version: 1
        question: Who?
        labels: {{{labels.replace("HORIZON", "within")}, cutoffs: [{", ".join(cutoffs)}]}}
        predict: {{cutoff: 2018-01-01, population: {population}}}
        features: {features}
        models: quick
        """
    path = folder / "cases" / f"{name}-{plan}.yaml"
    path.write_text(dedent(text).replace("2018-01-01", "2018-01-01" if question.log == "journey" else "1998-07-01"))
    return path


def compute(folder: Path, name: str, plan: str) -> Data:
    """Compute a question's features by Yule's tasks, in a workspace in which only the downloads are cached."""
    path = write_case(folder, name, plan)
    project = read_project(folder, None, {})
    configure(project.workspace, n_threads=2, fetching=to_json(project.fetching))
    case = read_case(path, project, {})
    dataset = build_graph(case, Tables(project)).answer.model.dataset
    tasks = dataset_tasks(dataset)

    def run(kind: str) -> float:
        started = time.perf_counter()
        broken = execute(
            plan_tasks([tasks[kind]]),
            workspace=project.workspace,
            fetching=to_json(project.fetching),
            n_cores=2,
            tell=lambda _: None,
        )
        assert not broken, broken
        return time.perf_counter() - started

    run("labels")
    seconds = run("stacked")
    examples = read_labels(tasks["labels"].output().load())
    return Data(case=case, examples=examples, features=map_stacked(tasks["stacked"].output().load()), seconds=seconds)


def read_given(data: Data, bench: Path, folder: str) -> Data:
    """Return the same examples with the features that an expert made; they must have the same labels."""
    task = pq.read_table(bench / folder / "raw" / "task.parquet")
    given = pq.read_table(bench / folder / "data.parquet")
    assert given["target"].equals(task["target"]) or given["target"].to_pylist() == task["target"].to_pylist()
    users = [str(user) for user in given["user_id"].to_pylist()]
    instants = task["cutoff"].to_numpy().astype("datetime64[us]")
    places = {key: place for place, key in enumerate(zip(users, instants.tolist(), strict=True))}
    keys = zip(data.examples.user_ids.tolist(), data.examples.cutoffs.astype("datetime64[us]").tolist(), strict=True)
    rows = np.array([places.get(key, -1) for key in keys])
    assert (rows >= 0).all()
    assert len(rows) == len(places)
    assert (given["target"].to_numpy()[rows] == data.examples.labels).all()
    names = [name for name in given.column_names if name not in ("user_id", "split", "target")]
    texts = [name for name in names if str(given.schema.field(name).type) in ("string", "large_string")]
    numbers = [name for name in names if name not in texts]
    vocabularies = [tuple(sorted(set(given[name].drop_null().to_pylist()))) for name in texts]
    codes = [
        [-1 if value is None else vocabulary.index(value) for value in given[name].to_pylist()]
        for name, vocabulary in zip(texts, vocabularies, strict=True)
    ]
    features = Features(
        numeric=np.stack([given[name].to_numpy().astype(np.float32) for name in numbers], axis=1)[rows],
        codes=np.array(codes, np.int32).T.reshape(len(given), len(texts))[rows],
        numeric_names=tuple(numbers),
        categorical_names=tuple(texts),
        vocabularies=tuple(vocabularies),
    )
    case = replace(data.case, preparation=PreparationSettings())
    return replace(data, case=case, features=features, seconds=0.0)


def without_history(data: Data) -> Data:
    """Return the same examples without the sets of their own history of the outcome."""
    features, own = data.features, ("auto-outcome__", "own-")
    numeric, categorical = (
        [place for place, name in enumerate(names) if not name.startswith(own)]
        for names in (features.numeric_names, features.categorical_names)
    )
    return replace(data, features=features.take_columns(numeric, categorical))


def as_matrix(features: Features) -> NDArray[np.float32]:
    """Return all features side by side; a missing category is NaN."""
    codes = np.where(features.codes < 0, np.nan, features.codes).astype(np.float32)
    return np.concatenate([features.numeric, codes], axis=1)


def fit_and_predict(data: Data, train: NDArray[np.intp], test: NDArray[np.intp], *, seed: int):
    """Return the predictions of the test rows (n_test,), seconds of selection and of fits, and features kept."""
    users = np.unique(data.examples.user_ids[train])
    fold_of = dict(zip(np.random.default_rng(seed).permutation(users), np.arange(len(users)) % N_FOLDS, strict=True))
    folds = np.array([fold_of[user] for user in data.examples.user_ids[train]])
    predicted, selecting, fitting, kept = np.zeros(len(test)), 0.0, 0.0, []
    for fold in range(N_FOLDS):
        learn, stop = train[folds != fold], train[folds == fold]
        started = time.perf_counter()
        preparation, record = fit_preparation(
            data.case.preparation,
            data.examples,
            data.features,
            train=learn,
            stop=stop,
            horizon=data.case.labels.horizon,
            seed=seed,
            n_threads=1,
        )
        kept.append(len(record.kept))
        selecting += time.perf_counter() - started
        started = time.perf_counter()
        learned = prepare_training(preparation, data.features.take(learn), data.examples.user_ids[learn])
        names = list(range(learned.numeric.shape[1], learned.numeric.shape[1] + learned.codes.shape[1]))
        options = {"categorical_feature": names, "params": {"verbose": -1}}
        known = lightgbm.Dataset(as_matrix(learned), data.examples.labels[learn], **options)
        judge = as_matrix(prepare(preparation, data.features.take(stop)))
        valid = lightgbm.Dataset(judge, data.examples.labels[stop], reference=known, **options)
        stopping = lightgbm.early_stopping(100, verbose=False)
        model = lightgbm.train({**PLAIN, "seed": seed}, known, 3000, valid_sets=[valid], callbacks=[stopping])
        predicted += model.predict(as_matrix(prepare(preparation, data.features.take(test)))) / N_FOLDS
        fitting += time.perf_counter() - started
    return predicted, selecting, fitting, float(np.mean(kept))


def score(labels: NDArray[np.float64], predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return AUC, average precision and log loss."""
    return np.array(
        [roc_auc(labels, predicted), average_precision(labels, predicted), -neg_log_loss(labels, predicted)]
    )


def resample(labels: NDArray[np.float64], *predictions: NDArray[np.float64]) -> Iterator[list[NDArray[np.float64]]]:
    """Give the scores of all predictions for the same resamples of the users."""
    random = np.random.default_rng(0)
    for _ in range(N_RESAMPLES):
        rows = random.integers(0, len(labels), len(labels))
        yield [score(labels[rows], predicted[rows]) for predicted in predictions]


def show_many(name: str, sets: dict[str, Data]) -> None:
    """Print how each kind of features does with all labels, and its distance from the last kind with an interval."""
    results = {}
    for plan, data in sets.items():
        train, test = np.flatnonzero(~data.is_test), np.flatnonzero(data.is_test)
        results[plan] = (*fit_and_predict(data, train, test, seed=0), data)
    labels = data.examples.labels[data.is_test]
    drawn = np.array(list(resample(labels, *(result[0] for result in results.values()))))
    print(f"\n{name}: {len(train):,} labels before the test, {len(test):,} users in it, {labels.mean():.1%} positive")
    header = f"{'':8}{'AUC':>7} {'(90%)':>13}{'AP':>8}{'log loss':>10}{'columns':>9}{'kept':>6}"
    print(f"{header}{'compute':>9}{'select':>8}{'fit':>7}   AUC above {list(results)[-1]}")
    for place, (plan, (predicted, selecting, fitting, kept, data)) in enumerate(results.items()):
        auc, precision, loss = score(labels, predicted)
        low, high = np.quantile(drawn[:, place, 0], [0.05, 0.95])
        gap = np.quantile(drawn[:, place, 0] - drawn[:, -1, 0], [0.05, 0.5, 0.95])
        n_columns = len(data.features.names)
        print(
            f"{plan:8}{auc:7.4f} {low:6.3f}-{high:.3f}{precision:9.4f}{loss:9.4f}{n_columns:9}{kept:6.0f}"
            f"{data.seconds:7.1f} s{selecting:6.1f} s{fitting:5.1f} s   {gap[1]:+.4f} ({gap[0]:+.4f} to {gap[2]:+.4f})",
            flush=True,
        )


def show_few(name: str, sets: dict[str, Data], n_users: int, n_draws: int) -> None:
    """Print how each kind of features does with few labels."""
    print(f"\n{name}: {n_users} labelled users, mean of {n_draws} draws (± standard error)")
    scores = {plan: [] for plan in sets}
    for draw in range(n_draws):
        for plan, data in sets.items():
            latest = data.examples.cutoffs[~data.is_test].max()
            there = np.flatnonzero(data.examples.cutoffs == latest)
            train = np.sort(np.random.default_rng(draw).permutation(there)[:n_users])
            predicted = fit_and_predict(data, train, np.flatnonzero(data.is_test), seed=draw)[0]
            scores[plan].append(score(data.examples.labels[data.is_test], predicted))
    for plan, drawn in scores.items():
        mean, error = np.mean(drawn, axis=0), np.std(drawn, axis=0, ddof=1) / np.sqrt(n_draws)
        above = np.array(drawn)[:, 0] - np.array(next(iter(scores.values())))[:, 0]
        print(
            f"{plan:8}AUC {mean[0]:.4f} ±{error[0]:.4f}  AP {mean[1]:.4f} ±{error[1]:.4f}  log loss {mean[2]:.4f}"
            f" ±{error[2]:.4f}  AUC above {next(iter(scores))} {above.mean():+.4f}"
            f" ±{above.std(ddof=1) / np.sqrt(n_draws):.4f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--folder", type=Path, help="keep what is computed here")
    parser.add_argument("--questions", default=",".join(QUESTIONS))
    parser.add_argument("--plans", default=",".join(PLANS))
    parser.add_argument("--labelled", type=int, help="users with a label; all unless given")
    parser.add_argument("--no-history", action="store_true", help="leave out the own history of the outcome")
    parser.add_argument("--draws", type=int, default=20)
    arguments = parser.parse_args()
    print(f"{datetime.now():%Y-%m-%d %H:%M}, LightGBM {lightgbm.__version__}, {N_FOLDS} folds")
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.questions.split(","):
            question = QUESTIONS[name]
            folder = (arguments.folder or Path(scratch)) / question.log
            write_project(folder, question.log, arguments.bench)
            sets = {plan: compute(folder, name, plan) for plan in arguments.plans.split(",") if plan != "given"}
            if "given" in arguments.plans and question.given is not None:
                sets["given"] = read_given(next(iter(sets.values())), arguments.bench, question.given)
            if arguments.no_history:
                sets = {plan: without_history(data) for plan, data in sets.items() if plan != "given"}
            if arguments.labelled is None:
                show_many(name, sets)
            else:
                show_few(name, sets, arguments.labelled, arguments.draws)


if __name__ == "__main__":
    main()
