"""Say why tasks are not cached."""

from collections.abc import Sequence

from yule.pipeline.graph import CaseGraph
from yule.runtime.plan import plan_tasks
from yule.session.views.plans import Explanation, Uncached
from yule.storage.explain import explain_task


def explain_graphs(graphs: Sequence[CaseGraph]) -> Explanation:
    """Say of the first tasks of cases that would run what differs from the most similar output that is cached."""
    to_run = plan_tasks([task for graph in graphs for task in graph.whole]).to_run()
    ids = {item.task.unique_id for item in to_run}
    first = [item.task for item in to_run if not ids & set(item.requires)]
    found = [(task, explain_task(task)) for task in first]
    return Explanation(
        first=tuple(
            Uncached(
                text=task.describe(),
                unique_id=task.unique_id,
                like=similar[0] if similar else None,
                differences=similar[1] if similar else (),
            )
            for task, similar in found
        ),
        n_after=len(ids) - len(first),
    )
