"""Actions: what, by whom, until when, against which problem; at the right what it is expected to bring, low to high."""

from salesnb import words
from salesnb.findings.finding import Finding, text_of
from salesnb.show.charts.marks import amount, chart_of, drawn
from salesnb.show.charts.ranking import where_of
from salesnb.show.numbers import day_text, figure
from salesnb.show.sentence import capitalised, member
from salesnb.show.text import escaped

_RANGE = ("expected_low", "expected_high")
_SAID = ("action_id", "owner", "due", "days_overdue", "status", "problem", "evidence")
_STRONG = frozenset({"owner", "days_overdue"})
_UNSAID = frozenset({"proposed"})
"""What any action begins as; how others stand is said."""


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return the list of actions, in their order."""
    positions = drawn(finding)
    if not positions:
        return f'<p class="snb-none">{words.text("show", "no_rows", lang)}</p>'
    items = "".join(_item(finding, p, lang) for p in positions)
    return f'<ul class="snb-list snb-actions" aria-label="{escaped(label)}">{items}</ul>'


def _item(finding: Finding, position: int, lang: str) -> str:
    title = chart_of(finding).columns["title"]
    name = escaped(capitalised(member(title, text_of(finding.rows[title].iloc[position]), lang)))
    note, size = _note(finding, position, lang), _range(finding, position, lang)
    value = amount(finding, chart_of(finding).columns.get("value", ""), position, lang)
    return (
        f'<li><span class="snb-name">{name}</span><span class="snb-value">{value}</span>'
        f'<span class="snb-note">{note}</span><span class="snb-range">{size}</span></li>'
    )


def _range(finding: Finding, position: int, lang: str) -> str:
    low, high = (amount(finding, column, position, lang) for column in _RANGE)
    return words.text("show", "range", lang, low=low, high=high) if low and high else ""


def _note(finding: Finding, position: int, lang: str) -> str:
    row, parts = finding.rows.iloc[position], []
    for column in _SAID:
        code = text_of(row[column]) if column in finding.rows.columns else ""
        if not code or code in _UNSAID:
            continue
        if column == "days_overdue":
            if not code or not float(code) > 0:
                continue
            written = escaped(words.text("show", "overdue_days", lang, days=figure(float(code), "days", lang)))
        elif column == "due":
            written = escaped(words.text("show", "due", lang, day=day_text(code, lang)))
        else:
            written = escaped(capitalised(member(column, code, lang)))
        if column == "problem" and (where := where_of(finding, position, lang)):
            written += f" {escaped(where)}"
        kind = "guess" if code == "hypothesis" else "strong" if column in _STRONG or code == "overdue" else "quiet"
        parts.append(f'<span class="snb-{kind}">{written}</span>')
    return " ".join(parts)
