"""New projects: what ``yule init`` writes, and how a table a person has becomes one that a project can read.

Belongs here: the files of a new project (from ``config/templates``), the guesses made of a table.
Does not belong here: reading those files (the rest of ``config``), or reading data for a run (``downloads``).
"""

from yule.config.scaffold.preparing import Prepared, Unusable, prepare_table
from yule.config.scaffold.projects import Made, write_project, write_project_from_table

__all__ = ["Made", "Prepared", "Unusable", "prepare_table", "write_project", "write_project_from_table"]
