"""Feature sets in their written form."""

import io
from dataclasses import fields, is_dataclass
from datetime import timedelta

from ruamel.yaml import YAML

from yule.config.forms.values import format_duration
from yule.core.settings import Json
from yule.features.settings import Aggregate, FeatureSet


def write_feature_set(feature_set: FeatureSet) -> str:
    """Return a feature set as the text of ``features/NAME.yaml``: read from there it is the same.

    >>> from yule.features.settings import ProfileFeatures
    >>> print(write_feature_set(ProfileFeatures(name="households", download="homes", columns=("age",))), end="")
    version: 1
    kind: profile
    download: homes
    columns: [age]
    """
    text = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 120
    yaml.indent(sequence=4, offset=2)
    yaml.dump(resolve_feature_set(feature_set), text)
    return text.getvalue()


def resolve_feature_set(feature_set: FeatureSet) -> dict[str, Json]:
    """Return a feature set in the written form, without what is as it is by default."""
    written = _write_fields(feature_set)
    return {"version": 1, "kind": feature_set.kind} | {key: written[key] for key in written if key != "name"}


def _write_fields(settings: object) -> dict[str, Json]:
    assert is_dataclass(settings)
    values = {field.name: (getattr(settings, field.name), field.default) for field in fields(settings)}
    return {name: _write(value) for name, (value, default) in values.items() if value != default}


def _write(value: object) -> Json:
    written: Json
    match value:
        case None:
            written = "all"
        case timedelta():
            written = format_duration(value)
        case Aggregate():
            of = value.of or value.every
            written = value.kind if of is None else {value.kind: _write(of)}
        case tuple():
            written = [_write(item) for item in value]
        case str() | int() | float():
            written = value
        case _:
            written = {**_write_fields(value)}
    return written
