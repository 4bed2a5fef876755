"""The written forms: what stands in the four kinds of files, where it differs from the settings it becomes.

Belongs here: pydantic models of the files, and checks of their values against each other and against the project.
Does not belong here: defaults and bounds (taken from the settings with ``like``), places, files.
"""
