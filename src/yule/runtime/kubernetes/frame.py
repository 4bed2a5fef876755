"""What the objects of a launch have in common."""

from dataclasses import dataclass

from yule.runtime.kubernetes.settings import ClusterSettings


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What the objects of a launch have in common.

    Parameters
    ----------
    launch
        Ten hexadecimal digits that name the launch.
    project
        The project's name.
    image
        The image by digest.
    commit
        The commit the image was built from, in full.
    workspace
        The workspace.
    settings
        The cluster's settings.
    """

    launch: str
    project: str
    image: str
    commit: str
    workspace: str
    settings: ClusterSettings

    @property
    def name(self) -> str:
        """Name of the plan, and what all names begin with."""
        return f"yule-{self.launch}"

    @property
    def anchor(self) -> str:
        """Name of the driver's Job."""
        return name_anchor(self.launch)


def name_anchor(launch: str) -> str:
    """Return the name of a launch's anchor, the driver's Job."""
    return f"yule-{launch}-driver"
