"""What drives a score: which features its members decide by."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from yule.core.meanings import Meaning, find_meaning
from yule.report.data import FeatureImportance


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
    """
    told = sum(weights[name] for name, fits in importances.items() if all(fits))
    shares: dict[str, float] = defaultdict(float)
    for name, fits in importances.items():
        for fit in fits if all(fits) else ():
            for feature, part in fit.items():
                shares[feature] += part * weights[name] / (told * len(fits)) if told else 0.0
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    features = tuple(
        FeatureImportance(name=name, meaning=find_meaning(meanings, name), share=part)
        for name, part in ordered
        if part > 0
    )
    return features, told
