"""Sentences, tables and charts: a finding made visible. Nothing computes here.

What draws is imported with the first finding shown: an index needs this floor's numbers and words, but no chart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import salesnb.show.sentence  # noqa: F401  # else the module, loaded later, would take the place of the function

if TYPE_CHECKING:
    from salesnb.findings.finding import Finding
    from salesnb.show.outputs import Output
    from salesnb.show.render import Scoped

__all__ = ["evidence", "masthead", "sentence"]


def sentence(finding: Finding) -> None:
    """Display the sentence that answers the section's question; its facts go with it."""
    from salesnb.show.outputs import sentence_output

    _show(sentence_output(finding))


def evidence(finding: Finding) -> None:
    """Display the chart, with its data as a table beneath, or the table that would be needed."""
    from salesnb.show.outputs import evidence_output

    _show(evidence_output(finding))


def masthead(case: Scoped) -> None:
    """Display team, period, as-of day and the days the data reach; works with anything that has a scope."""
    from salesnb.show.outputs import masthead_output

    _show(masthead_output(case))


def _show(output: Output) -> None:
    from IPython.display import display

    display(output, raw=True)
