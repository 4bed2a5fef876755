"""Which features the folds of a case kept."""

from pathlib import Path

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.settings import to_json
from yule.pipeline.graph import Tables, build_graph
from yule.pipeline.training import fold_preparations
from yule.preparation.selection.record import MergedSelection, merge_selections, read_selection
from yule.runtime.damage import remove_damaged
from yule.session.execution import bound
from yule.session.show import Show


def find_selection(project: Project, case: Case, show: Show) -> MergedSelection | None:
    """Return which features the folds of a case kept, and why; None when some have not chosen yet."""
    with bound(project):
        graph = build_graph(case, Tables(project))
        tasks = list(fold_preparations(to_json(graph.answer.model.dataset)))
        for fault in remove_damaged(tasks):
            show.note(fault)
        if not all(task.complete() for task in tasks):
            return None
        return merge_selections([read_selection(Path(task.output().load())) for task in tasks])
