"""Sentences, tables and charts: a finding made visible. Nothing computes here.

What draws is imported with the first finding shown: an index needs this floor's numbers and words, but no chart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import salesnb.show.sentence  # noqa: F401  # else the module, loaded later, would take the place of the function
from salesnb.cell_end import shown_of
from salesnb.data.case import Case
from salesnb.errors import ScopeError, problem
from salesnb.findings.finding import Finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from salesnb.scope import Scope
    from salesnb.show.outputs import Output
    from salesnb.show.render import Scoped

__all__ = ["evidence", "figure", "masthead", "sentence", "theme"]


def sentence(*findings: Finding) -> None:
    """Display the sentence that answers the section's question, of several findings one each; facts go with it."""
    from salesnb.show.outputs import sentence_output

    for finding in findings:
        _show(sentence_output(_finding(finding)), finding.scope)


def evidence(*findings: Finding) -> None:
    """Display the chart, with its data as a table beneath, or the table that would be needed; of several, in order."""
    from salesnb.show.outputs import evidence_output

    for finding in findings:
        _show(evidence_output(_finding(finding)), finding.scope)


def masthead(case: Scoped) -> None:
    """Display team, period, as-of day and the days the data reach; works with anything that has a scope."""
    from salesnb.show.looks import put_on
    from salesnb.show.outputs import masthead_output

    put_on(chinese="zh" in case.scope.langs)
    _show(masthead_output(case), case.scope)


def figure(finding: Finding, lang: str = "") -> Figure:
    """Return the finding's chart as a figure of matplotlib's in the kit's look, to change and to save.

    ``lang`` is that of its text, ``en`` or ``zh``; empty: the first of the finding's own.
    Raises ScopeError for a finding without a chart of marks.
    """
    from salesnb.show.figures import figure_of

    return figure_of(_finding(finding), lang or finding.scope.langs[0])


def theme() -> None:
    """Put the kit's look, with Chinese letters, on your own charts; the masthead has done so, until you change it."""
    from salesnb.show.looks import put_on

    put_on()


def _finding(given: object) -> Finding:
    """Return what is given where it is a finding; raise ScopeError for anything else, e.g. a finding's rows."""
    if not isinstance(given, Finding):
        raise ScopeError(problem("not_finding", found=type(given).__name__))
    return given


def _show(output: Output, scope: Scope) -> None:
    from IPython.display import display

    from salesnb.show.notebook import in_notebook

    display(in_notebook(output, scope.langs), raw=True)


@shown_of.register
def _(finding: Finding) -> dict[str, Any]:
    from salesnb.show.brief import finding_brief
    from salesnb.show.notebook import in_notebook

    return in_notebook(finding_brief(finding), finding.scope.langs)


@shown_of.register
def _(case: Case) -> dict[str, Any]:
    from salesnb.show.brief import case_brief
    from salesnb.show.notebook import in_notebook

    return in_notebook(case_brief(case), case.scope.langs)
