"""Learning curves: which of them are laid side by side while models are fitted."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The curves of all members and folds of one metric.

    Parameters
    ----------
    title
        What people read.
    tag
        What the curves are called: ``log_loss/valid`` of the users kept aside, ``log_loss/train`` of the others.
    """

    title: str
    tag: str

    @property
    def is_of_users_kept_aside(self) -> bool:
        """Whether it tells how good a model is, and not how well it remembers."""
        return self.tag.endswith("/valid")


CHANCES = (
    Chart(title="Log loss, users kept aside", tag="log_loss/valid"),
    Chart(title="Log loss, training users", tag="log_loss/train"),
    Chart(title="AUC, users kept aside", tag="auc/valid"),
)
"""Of models that say how likely something is."""

AMOUNTS = (
    Chart(title="RMSE, users kept aside", tag="rmse/valid"),
    Chart(title="RMSE, training users", tag="rmse/train"),
)
"""Of models that say how much."""
