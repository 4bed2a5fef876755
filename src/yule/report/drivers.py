"""What drives a score: which features its members decide by."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from yule.core.meanings import Meaning, find_meaning
from yule.report.data import FeatureImportance, MemberShare


def weigh_importances(
    importances: Mapping[str, Sequence[Mapping[str, float]]],
    weights: Mapping[str, float],
    meanings: Mapping[str, Meaning],
) -> tuple[tuple[FeatureImportance, ...], float]:
    """Average the importances of the members' fits by the members' weights in the ensemble.

    Parameters
    ----------
    importances
        For each member the shares of the features in the decisions of its fits; a fit that cannot tell has none.
    weights
        Of the members.
    meanings
        What the features mean.

    Returns
    -------
    features
        The strongest first; those that decide nothing are left out.
    told
        The weight of the members that can tell.

    >>> fits = {"trees": [{"age": 1.0}, {"age": 0.5, "town": 0.5}], "network": [{}, {}]}
    >>> features, told = weigh_importances(fits, {"trees": 0.5, "network": 0.5}, {})
    >>> {feature.name: feature.share for feature in features}, told
    ({'age': 0.75, 'town': 0.25}, 0.5)
    >>> features[1].by_member
    (MemberShare(member='trees', share=0.25),)
    """
    by_member = {name: _average(fits) for name, fits in importances.items() if all(fits)}
    told = sum(weights[name] for name in by_member)
    shares: dict[str, float] = defaultdict(float)
    for name, of_member in by_member.items():
        for feature, part in of_member.items():
            shares[feature] += part * weights[name] / told if told else 0.0
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    features = tuple(
        FeatureImportance(
            name=name,
            meaning=find_meaning(meanings, name),
            share=part,
            by_member=tuple(
                MemberShare(member=member, share=of_member.get(name, 0.0)) for member, of_member in by_member.items()
            ),
        )
        for name, part in ordered
        if part > 0
    )
    return features, told


def _average(fits: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean share of each feature over the fits of a member."""
    shares: dict[str, float] = defaultdict(float)
    for fit in fits:
        for feature, part in fit.items():
            shares[feature] += part / len(fits)
    return shares
