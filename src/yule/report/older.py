"""Reports of earlier versions: features and their groups told what they mean by their names."""

from yule.core.settings import Json

FEATURE = {"name", "share", "by_member", "description"}
VERDICT = {"name", "n_kept", "n_folds", "score", "dropped"}
"""What was said of a feature, and of what became of it in a selection."""


def renew_meanings(plain: Json) -> Json:
    """Return the plain data of a report in which every feature says what it means: of an older one, that it is unknown.

    >>> renew_meanings({"features": [{"name": "age", "share": 1.0, "by_member": [], "description": ""}]})
    {'features': [{'name': 'age', 'share': 1.0, 'by_member': [], 'meaning': {'column': 'age'}}]}
    """
    if isinstance(plain, list):
        return [renew_meanings(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    renewed = {name: renew_meanings(item) for name, item in plain.items()}
    if renewed.keys() in (FEATURE, VERDICT):
        renewed.pop("description", "")
        renewed["meaning"] = {"column": renewed["name"]}
    return renewed
