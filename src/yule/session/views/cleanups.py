"""What of a workspace can go."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yule.session.views.html import make_table

if TYPE_CHECKING:
    from yule.config.projects import Project
    from yule.downloads.keeping.days.pruning import Leftover
    from yule.pipeline.runs.cleaning import Disposable


@dataclass(frozen=True, kw_only=True)
class Cleanup:
    """What of a workspace can go. Nothing is deleted before :meth:`delete` is called.

    Parameters
    ----------
    disposables
        Outputs, curves, logs, journals, copies, and the folder of a run.
    days
        Days of tables that newer ones stand in for.
    """

    disposables: "tuple[Disposable, ...]"
    days: "tuple[Leftover, ...]"
    _project: "Project" = field(repr=False)

    def list_sizes(self) -> dict[str, list[int]]:
        """Return the sizes of what can go, in bytes, by what it is."""
        sizes: dict[str, list[int]] = {}
        for one in self.disposables:
            sizes.setdefault(one.what, []).append(one.n_bytes)
        for leftover in self.days:
            sizes.setdefault("days", []).extend(folder.n_bytes for folder in leftover.folders)
        return sizes

    def delete(self) -> None:
        """Delete it. Every run can still be shown, and scores users.

        Raises
        ------
        DataError
            If a process is at work that may read it.
        """
        from yule.library.upkeep import prune
        from yule.pipeline.runs.cleaning import delete
        from yule.session.execution import bound
        from yule.storage.opening import open_store

        with bound(self._project):
            delete(open_store(self._project.workspace), self.disposables)
            prune(self._project, list(self.days))

    def _repr_html_(self) -> str:
        rows = [[what, len(sizes), sum(sizes)] for what, sizes in self.list_sizes().items()]
        return make_table(["what can go", "number", "bytes"], rows)
