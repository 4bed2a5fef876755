"""JSON Schemas of the written forms, for completion and checks in editors."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from yule.config.forms.case import CaseForm
from yule.config.forms.download import DownloadForm
from yule.config.forms.features import FeatureSetForm
from yule.config.forms.fields import documented_fields
from yule.config.forms.project import ProjectForm
from yule.config.forms.values import format_duration
from yule.core.settings import Json
from yule.features.settings import Aggregate

_FORMS: Mapping[str, type[BaseModel]] = {
    "project": ProjectForm,
    "download": DownloadForm,
    "features": FeatureSetForm,
    "case": CaseForm,
}


def json_schemas() -> Mapping[str, Json]:
    """Return the JSON Schema of each kind of file: ``project``, ``download``, ``features`` and ``case``.

    They describe every key. What needs the rest of the project (does a column exist?) only reading the file can tell.
    """
    return {
        kind: form.model_json_schema(schema_generator=_CaseSchema if form is CaseForm else _Schema)
        for kind, form in _FORMS.items()
    }


class _Schema(GenerateJsonSchema):
    """Describes settings by their numpydoc docstrings and writes defaults as people do."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        plain = super().dataclass_schema(schema)
        _describe(plain, schema["cls"])
        return plain

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        plain = super().model_schema(schema)
        _describe(plain, schema["cls"])
        return plain

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])  # nothing is what is left out, never what is written

    def encode_default(self, dft: Any) -> Any:
        return super().encode_default(_write_default(dft))


class _CaseSchema(_Schema):
    """Lets every key of a form be missing: it may stand in the case that is extended."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        plain = super().model_schema(schema)
        plain.pop("required", None)
        return plain


def _describe(plain: JsonSchemaValue, described: type) -> None:
    plain["description"] = (described.__doc__ or "").strip().split("\n")[0]
    for name, description in documented_fields(described).items():
        if name in plain.get("properties", {}):
            plain["properties"][name].setdefault("description", description)


def _write_default(default: object) -> object:
    match default:
        case timedelta():
            return format_duration(default)
        case Aggregate():
            return default.kind if default.of is None else {default.kind: default.of}
        case tuple():
            return ["all" if item is None else _write_default(item) for item in default]
    return asdict(default) if is_dataclass(default) and not isinstance(default, type) else default
