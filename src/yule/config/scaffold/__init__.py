"""New projects: what ``yule init`` writes, and how a table a person has becomes one that a project can read.

Belongs here: the files of a new project (from ``config/templates``), the guesses made of a table.
Does not belong here: reading those files (the rest of ``config``), or reading data for a run (``downloads``).
"""

from yule.config.scaffold.projects import write_project, write_project_from_table
from yule.config.scaffold.tables import prepare_table

__all__ = ["prepare_table", "write_project", "write_project_from_table"]
