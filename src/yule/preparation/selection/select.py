"""Select features by the settings of a case."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from yule.core.errors import DataError
from yule.core.schema import leave_out
from yule.core.seeds import derive_seed
from yule.messages.message import Message
from yule.messages.values import name_one
from yule.preparation.sample import Sample
from yule.preparation.selection.duplicates import find_constants, find_duplicates
from yule.preparation.selection.groups import find_groups, score_groups
from yule.preparation.selection.record import SelectionRecord, Verdict, is_plain, judge, name_group
from yule.preparation.selection.scores import (
    find_too_low,
    score_by_gain,
    score_by_null_importance,
    score_by_permutation,
)
from yule.preparation.settings import (
    DropDuplicates,
    KeepAll,
    SelectByGain,
    SelectByNullImportance,
    SelectByPermutation,
    SelectGroups,
    Selection,
)


def select_features(
    settings: Selection, train: Sample, stop: Sample, *, horizon: timedelta, seed: int, n_threads: int
) -> SelectionRecord:
    """Choose features by the labels of training users.

    Parameters
    ----------
    settings
        How.
    train, stop
        The training rows of a fold, and those that say when to stop.
    horizon
        How far labels look ahead.
    seed, n_threads
        Of all that is random; threads change nothing.

    Returns
    -------
    SelectionRecord
        At least one feature is kept.

    Raises
    ------
    DataError
        No feature differs among the training users.
    """
    names, meanings = train.features.names, {name: train.features.meaning_of(name) for name in train.features.names}
    dropped = find_constants(train.features)
    if len(dropped) == len(names):
        raise DataError(
            f"Every feature has the same value for all {train.n_rows} rows that a fold learns from, so nothing can be "
            "learned. Look whether the feature sets read the right downloads, columns and time, and whether any row "
            "meets their conditions (`where`)."
        )
    if isinstance(settings, KeepAll):
        return SelectionRecord(method=settings.kind, features=judge(meanings, {}, {}))
    train, stop = without(train, dropped), without(stop, dropped)
    repeated = find_duplicates(train, max_correlation=settings.max_correlation, seed=derive_seed(seed, "duplicates"))
    dropped, train, stop = dropped | repeated, without(train, repeated), without(stop, repeated)
    if isinstance(settings, DropDuplicates):
        return SelectionRecord(method=settings.kind, features=judge(meanings, {}, dropped))
    groups: tuple[Verdict, ...] = ()
    if isinstance(settings, SelectGroups):
        groups, scores, too_low = _judge_groups(settings, train, stop, horizon=horizon, seed=seed, n_threads=n_threads)
    else:
        scores = _score(settings, train, stop, seed=seed, n_threads=n_threads)
        too_low = find_too_low(scores, keep=settings.keep, min_score=settings.min_score)
    return SelectionRecord(method=settings.kind, features=judge(meanings, scores, dropped | too_low), groups=groups)


def _judge_groups(
    settings: SelectGroups, train: Sample, stop: Sample, *, horizon: timedelta, seed: int, n_threads: int
) -> tuple[tuple[Verdict, ...], dict[str, float], dict[str, Message]]:
    """Return the verdicts on the groups, the gains of the features of those that are kept, and what is dropped."""
    of_feature = find_groups(train.features)

    groups = tuple(
        replace(group, dropped=None) if settings.keep_plain and group.meaning.aggregate != "share" else group
        for group in score_groups(train, min_score=settings.min_score, horizon=horizon, seed=seed, n_threads=n_threads)
    )
    reasons = {
        group.name: Message(code="dropped-with-group", values={"group": name_one(group.name)})
        for group in groups
        if not group.is_kept
    }
    grouped = {name: reasons[name_group(of)] for name, of in of_feature.items() if name_group(of) in reasons}
    scores = score_by_gain(
        without(train, grouped), without(stop, grouped), seed=derive_seed(seed, "gain"), n_threads=n_threads
    )
    others = {name: score for name, score in scores.items() if not (settings.keep_plain and is_plain(of_feature[name]))}
    by_labels = settings.rows_per_feature and max(1, train.n_telling // settings.rows_per_feature)
    limits = [limit for limit in (settings.keep, by_labels) if limit is not None]
    return groups, scores, grouped | find_too_low(others, keep=min(limits, default=None), min_score=0.0)


def _score(
    settings: SelectByGain | SelectByPermutation | SelectByNullImportance,
    train: Sample,
    stop: Sample,
    *,
    seed: int,
    n_threads: int,
) -> dict[str, float]:
    seed = derive_seed(seed, settings.kind)
    match settings:
        case SelectByGain():
            return score_by_gain(train, stop, seed=seed, n_threads=n_threads)
        case SelectByPermutation():
            return score_by_permutation(train, stop, seed=seed, n_threads=n_threads)
        case SelectByNullImportance():
            return score_by_null_importance(train, n_rounds=settings.n_rounds, seed=seed, n_threads=n_threads)


def without(sample: Sample, dropped: Mapping[str, Message]) -> Sample:
    """Return a sample without some of its features."""
    return sample.with_features(leave_out(sample.features, dropped))
