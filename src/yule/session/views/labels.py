"""What the labels of a case look like."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.core.examples import Examples
    from yule.labels.summary import LabelSummary


@dataclass(frozen=True, kw_only=True)
class CaseLabels:
    """The labels of a case.

    Parameters
    ----------
    case
        The case.
    summary
        What is known of them: counts by cut-off, what was dropped.
    examples
        The labelled users themselves.
    """

    case: "Case"
    summary: "LabelSummary" = field(repr=False)
    examples: "Examples" = field(repr=False)

    def describe(self) -> Iterator[str]:
        """Tell them, over all cut-offs and one by one, and what a reader should know."""
        import numpy as np

        from yule.checks.listing import find_label_findings
        from yule.kinds import find_kind
        from yule.messages.telling import tell

        names, counts = self.case.labels.class_names, find_kind(self.case.labels).counts
        yield f"{self.case.name}: {counts.tell_all(self.summary, names)}"
        for cutoff in self.summary.cutoffs:
            is_here = self.examples.cutoffs == np.datetime64(cutoff.cutoff.replace(tzinfo=None), "us")
            labels = self.examples.labels[is_here]
            yield f"    {cutoff.cutoff:%Y-%m-%d}  {counts.tell_cutoff(cutoff, labels, names)}"
        for finding in (
            *find_label_findings(counts.divide(self.summary, self.examples, names)),
            *self.summary.findings,
        ):
            if finding.severity != "ok":
                told = tell(finding)
                yield f"    Note: {told.text if finding.check == 'labels' else told.seen}"
