"""Sentences, tables and charts: a finding made visible. Nothing computes here."""

from __future__ import annotations

from IPython.display import display

from salesnb.findings.finding import Finding
from salesnb.show.bundle import Bundle, evidence_bundle, masthead_bundle, sentence_bundle
from salesnb.show.render import Scoped

__all__ = ["evidence", "masthead", "sentence"]


def sentence(finding: Finding) -> None:
    """Display the sentence that answers the section's question; its facts go with it."""
    _show(sentence_bundle(finding))


def evidence(finding: Finding) -> None:
    """Display the chart, with its data as a table beneath, or the table that would be needed."""
    _show(evidence_bundle(finding))


def masthead(case: Scoped) -> None:
    """Display team, period, as-of day and the days the data reach; works with anything that has a scope."""
    _show(masthead_bundle(case))


def _show(bundle: Bundle) -> None:
    display(bundle, raw=True)
