"""A strip of figures before and after: what it is, then, now, and the change."""

from salesnb import words
from salesnb.findings.finding import Finding, text_of
from salesnb.show.charts.marks import amount, drawn
from salesnb.show.numbers import NOT_AVAILABLE
from salesnb.show.sentence import member
from salesnb.show.text import escaped


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return the strip as a list, in the order of the rows."""
    items = "".join(_item(finding, p, lang) for p in drawn(finding))
    return f'<ul class="snb-strip" aria-label="{escaped(label)}">{items}</ul>' if items else ""


def _item(finding: Finding, position: int, lang: str) -> str:
    kpi = text_of(finding.rows["kpi"].iloc[position])
    told = (amount(finding, c, position, lang) for c in ("before", "after", "change"))
    before, after, change = (written or NOT_AVAILABLE for written in told)
    way = words.text("show", "from_to", lang, before=before, after=after)
    return (
        f'<li><span class="snb-name">{escaped(member("kpi", kpi, lang))}</span>'
        f'<span class="snb-way">{way}</span><span class="snb-change">{change}</span></li>'
    )
