"""The files people write: read, checked and explained, with every problem at its place.

Belongs here: YAML, pydantic, the written forms of project, downloads, feature sets and cases, their JSON Schemas.
Does not belong here: a setting or its default (they stand beside the code that uses them), anything that reads data.
"""
