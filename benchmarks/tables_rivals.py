"""Other systems, run in an environment of their own by ``tables.py``: fit one and keep it, or score a table with it.

    tables_rivals.py fit SYSTEM MODEL TRAIN SECONDS SEED
    tables_rivals.py predict SYSTEM MODEL TABLE SCORES

MODEL is a folder, tables are Parquet. Each system gets the table as pandas reads it, with texts as categories where it
does not take texts itself, and is told no more than what its own documents ask for: AUC as metric, the seconds, two
threads.
"""

import pickle
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

THREADS = 2
TARGET, ROW = "target", "row"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a system is asked: rows and their labels, 0 or 1, where to keep the model, for how long, with what seed."""

    train: pd.DataFrame
    labels: NDArray[np.int64]
    folder: Path
    seconds: int
    seed: int

    @property
    def n_folds(self) -> int:
        """Five, or as many as there are of the rarer answer."""
        return int(min(5, self.labels.sum(), (1 - self.labels).sum()))


def read(path: str) -> pd.DataFrame:
    """Return the table without numbers of rows."""
    return pd.read_parquet(path).drop(columns=[ROW])


def keep(model: object, folder: Path) -> None:
    (folder / "model.pkl").write_bytes(pickle.dumps(model))


def kept(folder: Path) -> object:
    return pickle.loads((folder / "model.pkl").read_bytes())


class Plain:
    """Categories by the values of the training rows, dates as numbers: what plain learners can read."""

    def __init__(self, train: pd.DataFrame) -> None:
        self.categories = {
            name: pd.Index(train[name].dropna().astype(str).unique()) for name in train if self._is_text(train[name])
        }

    def __call__(self, table: pd.DataFrame) -> pd.DataFrame:
        table = table.copy()
        for name in table:
            if name in self.categories:
                table[name] = pd.Categorical(table[name].astype(str), categories=self.categories[name])
            else:
                table[name] = table[name].astype("int64" if table[name].dtype.kind == "M" else "float64")
        return table

    def _is_text(self, column: pd.Series) -> bool:
        return column.dtype.kind not in "iufbM"


def fit_lightgbm(ask: Ask) -> None:
    """Five folds with early stopping, their mean."""
    import lightgbm
    from sklearn.model_selection import StratifiedKFold

    plain = Plain(ask.train)
    values = plain(ask.train)
    settings = {"objective": "binary", "learning_rate": 0.05, "num_threads": THREADS, "seed": ask.seed, "verbose": -1}
    models = []
    for known, held in StratifiedKFold(ask.n_folds, shuffle=True, random_state=ask.seed).split(values, ask.labels):
        data = lightgbm.Dataset(values.iloc[known], ask.labels[known])
        stop = lightgbm.Dataset(values.iloc[held], ask.labels[held], reference=data)
        callbacks = [lightgbm.early_stopping(100, verbose=False)]
        models.append(lightgbm.train(settings, data, 2000, valid_sets=[stop], callbacks=callbacks))
    keep((plain, models), ask.folder)


def predict_lightgbm(table: pd.DataFrame, folder: Path) -> NDArray[np.float64]:
    plain, models = kept(folder)
    values = plain(table)
    return np.mean([model.predict(values, num_threads=THREADS) for model in models], axis=0)


def fit_logistic(ask: Ask) -> None:
    """One-hot categories, medians for what is missing, penalty by cross-validation."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    plain = Plain(ask.train)
    numbers = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=5), make_column_selector(dtype_include="category")),
    )
    model = make_pipeline(columns, LogisticRegressionCV(cv=ask.n_folds, scoring="neg_log_loss", max_iter=1000))
    keep((plain, model.fit(plain(ask.train), ask.labels)), ask.folder)


def predict_logistic(table: pd.DataFrame, folder: Path) -> NDArray[np.float64]:
    plain, model = kept(folder)
    return model.predict_proba(plain(table))[:, 1]


def fit_flaml(ask: Ask) -> None:
    from flaml import AutoML

    model = AutoML()
    model.fit(
        ask.train,
        ask.labels,
        task="classification",
        metric="roc_auc",
        time_budget=ask.seconds,
        n_jobs=THREADS,
        seed=ask.seed,
        verbose=0,
    )
    keep(model, ask.folder)


def predict_flaml(table: pd.DataFrame, folder: Path) -> NDArray[np.float64]:
    return kept(folder).predict_proba(table)[:, 1]


def fit_autogluon(ask: Ask, presets: str = "medium_quality") -> None:
    from autogluon.tabular import TabularPredictor

    predictor = TabularPredictor(label=TARGET, eval_metric="roc_auc", path=str(ask.folder / "autogluon"), verbosity=0)
    predictor.fit(
        ask.train.assign(**{TARGET: ask.labels}), presets=presets, time_limit=ask.seconds, num_cpus=THREADS, num_gpus=0
    )


def fit_autogluon_best(ask: Ask) -> None:
    fit_autogluon(ask, "best_quality")


def predict_autogluon(table: pd.DataFrame, folder: Path) -> NDArray[np.float64]:
    from autogluon.tabular import TabularPredictor

    return TabularPredictor.load(str(folder / "autogluon")).predict_proba(table)[1].to_numpy()


def fit_lightautoml(ask: Ask) -> None:
    from lightautoml.automl.presets.tabular_presets import TabularAutoML
    from lightautoml.tasks import Task

    model = TabularAutoML(
        task=Task("binary"),
        timeout=ask.seconds,
        cpu_limit=THREADS,
        reader_params={"n_jobs": THREADS, "random_state": ask.seed},
    )
    model.fit_predict(ask.train.assign(**{TARGET: ask.labels}), roles={"target": TARGET})
    keep(model, ask.folder)


def predict_lightautoml(table: pd.DataFrame, folder: Path) -> NDArray[np.float64]:
    return kept(folder).predict(table).data[:, 0]


def fit_mljar(ask: Ask) -> None:
    from supervised import AutoML

    AutoML(
        results_path=str(ask.folder / "mljar"),
        total_time_limit=ask.seconds,
        n_jobs=THREADS,
        random_state=ask.seed,
        eval_metric="auc",
        ml_task="binary_classification",
        verbose=0,
    ).fit(ask.train, ask.labels)


def predict_mljar(table: pd.DataFrame, folder: Path) -> NDArray[np.float64]:
    from supervised import AutoML

    return AutoML(results_path=str(folder / "mljar")).predict_proba(table)[:, 1]


FIT = {
    "lightgbm": fit_lightgbm,
    "logistic": fit_logistic,
    "flaml": fit_flaml,
    "autogluon-medium": fit_autogluon,
    "autogluon-best": fit_autogluon_best,
    "lightautoml": fit_lightautoml,
    "mljar": fit_mljar,
}
PREDICT = {
    "lightgbm": predict_lightgbm,
    "logistic": predict_logistic,
    "flaml": predict_flaml,
    "autogluon-medium": predict_autogluon,
    "autogluon-best": predict_autogluon,
    "lightautoml": predict_lightautoml,
    "mljar": predict_mljar,
}


def main() -> None:
    action, system, model, table, *more = sys.argv[1:]
    if action == "fit":
        train, (seconds, seed) = read(table), map(int, more)
        labels = train.pop(TARGET).to_numpy()
        FIT[system](Ask(train=train, labels=labels, folder=Path(model), seconds=seconds, seed=seed))
    else:
        pd.DataFrame({"p": PREDICT[system](read(table), Path(model))}).to_parquet(more[0])


if __name__ == "__main__":
    main()
