"""The numbers of a report on a yes or no."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.checks.listing import judge_result
from yule.metrics.intervals import Interval
from yule.metrics.scores import average_precision
from yule.report.board import Metric, Metrics
from yule.report.data import ReportData
from yule.report.forecast import ForecastRow, forecast_curve, forecast_top, take_curve, take_ranges
from yule.report.head import ReportHead, make_head
from yule.report.quality import AUC, LOG_LOSS, N_HISTOGRAM_BINS, Quality, judge, judge_outcome

PRECISION = Metric(name="average_precision", title="average precision", compute=average_precision, is_printed=False)

METRICS = Metrics(columns=(AUC, PRECISION, LOG_LOSS), by=LOG_LOSS)


@dataclass(frozen=True, kw_only=True)
class ScoreBin:
    """Share of the ranked users with a probability in [low, high)."""

    low: float
    high: float
    users: float


@dataclass(frozen=True, kw_only=True)
class BinaryBody:
    """What a report says of a yes or no.

    Parameters
    ----------
    expected_positives
        Sum of the probabilities of the population.
    forecast
        What to expect from the first users of the list, for each of ``FRACTIONS``.
    expected_curve, expected_ranges
        Users contacted, positives expected among them, at about fifty depths; the ranges they fall in 90 times of 100.
    spread
        How the probabilities of the population are spread.
    validation
        Quality on the validated users, out of fold.
    outcome
        Quality of the list itself, by what happened since; None when that is not known yet, or the same for everybody.
    """

    expected_positives: float
    forecast: tuple[ForecastRow, ...]
    expected_curve: tuple[tuple[float, float], ...]
    expected_ranges: tuple[Interval, ...]
    spread: tuple[ScoreBin, ...]
    validation: Quality
    outcome: Quality | None


def compute_binary(data: ReportData) -> tuple[ReportHead, BinaryBody]:
    """Compute all numbers of a report on a yes or no."""
    (part,), scores = data.parts, data.scores[:, 0]
    validation = judge(data.labels, part.ensemble.predictions)
    curve = forecast_curve(scores, validation)
    importance = {feature.meaning: feature.share for feature in part.features[:1]}
    findings = judge_result(data.findings, validation.roc_auc, importance)
    return make_head(data, findings, METRICS, [data.labels]), BinaryBody(
        expected_positives=float(scores.sum()),
        forecast=forecast_top(scores, validation),
        expected_curve=take_curve(curve),
        expected_ranges=take_ranges(curve),
        spread=_spread(scores),
        validation=validation,
        outcome=None if data.outcome is None else judge_outcome(data.outcome, scores),
    )


def _spread(scores: NDArray[np.float64]) -> tuple[ScoreBin, ...]:
    counts, edges = np.histogram(scores, bins=N_HISTOGRAM_BINS, range=(0.0, max(float(scores.max()), 1e-6)))
    return tuple(
        ScoreBin(low=low, high=high, users=share)
        for low, high, share in zip(
            edges[:-1].tolist(), edges[1:].tolist(), (counts / len(scores)).tolist(), strict=True
        )
    )
