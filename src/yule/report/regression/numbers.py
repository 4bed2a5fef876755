"""The numbers of a report on amounts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.checks.listing import judge_importance
from yule.metrics.amounts import neg_mae, neg_rmse, r2, spearman
from yule.metrics.gains import top_size
from yule.metrics.intervals import Interval
from yule.report.board import Metric, Metrics
from yule.report.data import ReportData
from yule.report.forecast import take_curve, take_ranges
from yule.report.head import ReportHead, make_head
from yule.report.quality import FRACTIONS
from yule.report.regression.forecast import forecast_amounts
from yule.report.regression.quality import AmountQuality, judge_amounts

RMSE = Metric(
    name="rmse",
    title="RMSE",
    compute=lambda amounts, predictions: -neg_rmse(amounts, predictions),
    form=",.5g",
    is_error=True,
)
MAE = Metric(
    name="mae",
    title="MAE",
    compute=lambda amounts, predictions: -neg_mae(amounts, predictions),
    form=",.5g",
    is_error=True,
    is_printed=False,
)
R2 = Metric(name="r2", title="R²", compute=r2, is_printed=False)
SPEARMAN = Metric(name="spearman", title="Spearman", compute=spearman)

METRICS = Metrics(columns=(RMSE, MAE, R2, SPEARMAN), by=RMSE)


@dataclass(frozen=True, kw_only=True)
class ExpectedRow:
    """What to expect of the first users of the list.

    Parameters
    ----------
    fraction, n_users
        Top fraction of the list, and how many users that is.
    expected
        Sum of their expected amounts.
    at_random
        That of as many users drawn at random.
    """

    fraction: float
    n_users: int
    expected: float
    at_random: float


@dataclass(frozen=True, kw_only=True)
class RegressionBody:
    """What a report says of amounts.

    Parameters
    ----------
    expected_total
        Sum of the expected amounts of the population.
    forecast
        What to expect of the first users of the list, for each of ``FRACTIONS``.
    expected_curve, expected_ranges
        The same at about fifty depths, with the ranges it falls in 90 times of 100; empty in reports of
        earlier versions.
    validation
        Quality on the validated users, out of fold.
    outcome
        Quality of the list itself, by what happened since; None when that is not known yet, or holds no total.
    """

    expected_total: float
    forecast: tuple[ExpectedRow, ...]
    validation: AmountQuality
    outcome: AmountQuality | None
    expected_curve: tuple[tuple[float, float], ...] = ()
    expected_ranges: tuple[Interval, ...] = ()


def compute_regression(data: ReportData) -> tuple[ReportHead, RegressionBody]:
    """Compute all numbers of a report on amounts."""
    (part,), scores = data.parts, data.scores[:, 0]
    findings = judge_importance(data.findings, {feature.meaning: feature.share for feature in part.features[:1]})
    curve = forecast_amounts(scores, data.labels, part.ensemble.predictions)
    return make_head(data, findings, METRICS, [data.labels]), RegressionBody(
        expected_total=float(scores.sum()),
        forecast=_forecast(scores),
        expected_curve=take_curve(curve),
        expected_ranges=take_ranges(curve),
        validation=judge_amounts(data.labels, part.ensemble.predictions),
        outcome=None if data.outcome is None else _judge_outcome(data.outcome, scores),
    )


def _forecast(scores: NDArray[np.float64]) -> tuple[ExpectedRow, ...]:
    expected = np.cumsum(scores)
    sizes = [top_size(fraction, len(scores)) for fraction in FRACTIONS]
    return tuple(
        ExpectedRow(
            fraction=fraction,
            n_users=size,
            expected=float(expected[size - 1]),
            at_random=float(expected[-1]) * size / len(scores),
        )
        for fraction, size in zip(FRACTIONS, sizes, strict=True)
    )


def _judge_outcome(outcome: NDArray[np.float64], scores: NDArray[np.float64]) -> AmountQuality | None:
    """Judge the list by what happened since; None when that is unknown, the same for everybody, or no total."""
    is_known = np.isfinite(outcome)
    amounts = outcome[is_known]
    return judge_amounts(amounts, scores[is_known]) if amounts.sum() > 0 and np.ptp(amounts) > 0 else None
