"""One small line a group, each under a sentence of its own."""

from dataclasses import replace

from salesnb.findings.finding import Chart, Finding, Say, number_of, text_of
from salesnb.show.canvas import NARROW, WIDE
from salesnb.show.charts import line
from salesnb.show.charts.marks import chart_of, drawn
from salesnb.show.sentence import sentence_text
from salesnb.show.text import escaped


def draw(finding: Finding, lang: str, label: str, *, widths: tuple[int, ...] = (WIDE, NARROW)) -> str:
    """Return a figure a group, in the order of the rows; its title is the sentence ``say`` of its last row.

    A row without a period is all of them together: it is told, not drawn.
    Where nothing was to be expected it is that with ``_only``.
    """
    column = chart_of(finding).columns["group"]
    groups: dict[str, list[int]] = {}
    for position in drawn(finding):
        groups.setdefault(text_of(finding.rows[column].iloc[position]), []).append(position)
    return "".join(_run(finding, places, lang, widths) for places in groups.values())


def _run(finding: Finding, places: list[int], lang: str, widths: tuple[int, ...]) -> str:
    chart, last = chart_of(finding), places[-1]
    known = number_of(finding.rows[chart.columns["expected"]].iloc[last]) is not None
    key = chart.columns["say"]
    title = sentence_text(finding, Say(key if known else f"{key}_only", {"now": last}), lang)
    named = [p for p in places if text_of(finding.rows[chart.columns["x"]].iloc[p])]
    own = replace(finding, chart=Chart("line", chart.columns, rows=tuple(named), accent=(last,)))
    lines = "".join(line.draw(own, lang, width, title) for width in widths)
    caption = f'<figcaption class="snb-run">{escaped(title)}</figcaption>'
    return f'<figure class="snb-drawn">{caption}{lines}</figure>'
