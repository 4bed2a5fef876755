import json
from dataclasses import fields

from yule.config.schemas import json_schemas
from yule.models.gbdt.light_gbm import LightGBM


def test_there_is_a_schema_for_every_kind_of_file():
    assert list(json_schemas()) == ["project", "download", "features", "case"]
    assert json.loads(json.dumps(json_schemas())) == json_schemas()


def test_every_key_is_described():
    def find_silent(schema: object, path: str) -> list[str]:
        if isinstance(schema, list):
            return [name for item in schema for name in find_silent(item, path)]
        if not isinstance(schema, dict):
            return []
        silent = [
            f"{path}.{name}"
            for name, value in schema.get("properties", {}).items()
            if not {"description", "$ref"} & set(value) and name != "kind"
        ]
        return silent + [name for key, value in schema.items() for name in find_silent(value, f"{path}.{key}")]

    assert [name for kind, schema in json_schemas().items() for name in find_silent(schema, kind)] == []


def test_settings_show_their_defaults_bounds_and_descriptions():
    definition = json_schemas()["case"]["$defs"]["LightGBM"]
    assert list(definition["properties"]) == [field.name for field in fields(LightGBM)]
    assert definition["properties"]["kind"]["const"] == "lightgbm"
    assert definition["properties"]["num_leaves"]["minimum"] == 2
    assert definition["properties"]["num_leaves"]["default"] == LightGBM().num_leaves
    assert definition["properties"]["num_leaves"]["description"] == "Leaves per tree."
    assert definition["additionalProperties"] is False


def test_defaults_are_shown_as_people_write_them():
    windows = json_schemas()["features"]["$defs"]["EventFeaturesForm"]["properties"]["windows"]
    assert windows["default"] == ["28 days", "91 days", "all"]


def test_a_case_may_leave_out_what_it_extends():
    assert "required" not in json_schemas()["case"]
    assert "required" in json_schemas()["download"]
