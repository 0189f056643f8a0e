"""A strip of figures before and after: what it is, then, now, and the change."""

from decimal import Decimal

from salesnb import words
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.show.charts.marks import amount, drawn
from salesnb.show.numbers import MINUS, NOT_AVAILABLE, figure
from salesnb.show.sentence import member
from salesnb.show.text import escaped


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return the strip as a list, in the order of the rows."""
    items = "".join(_item(finding, p, lang) for p in drawn(finding))
    return f'<ul class="snb-strip" aria-label="{escaped(label)}">{items}</ul>' if items else ""


def _item(finding: Finding, position: int, lang: str) -> str:
    kpi = text_of(finding.rows["kpi"].iloc[position])
    told = (amount(finding, c, position, lang) for c in ("before", "after"))
    before, after = (written or NOT_AVAILABLE for written in told)
    change = _change(finding, position, lang) or NOT_AVAILABLE
    way = words.text("show", "from_to", lang, before=before, after=after)
    return (
        f'<li><span class="snb-name">{escaped(member("kpi", kpi, lang))}</span>'
        f'<span class="snb-way">{way}</span><span class="snb-change">{change}</span></li>'
    )


def _change(finding: Finding, position: int, lang: str) -> str:
    """Return the change; a rate's with two decimals where it is not what the rounded rates beside it differ by."""
    before, after, change = (number_of(finding.rows[c].iloc[position]) for c in ("before", "after", "change"))
    if None in (before, after, change) or finding.unit("change", position) != "points":
        return amount(finding, "change", position, lang)
    shown = [Decimal(figure(v, "rate", "en").replace(MINUS, "-").rstrip("%")) for v in (before, after)]
    apart = shown[1] - shown[0] != Decimal(figure(change, "points", "en").replace(MINUS, "-").split()[0])
    return amount(finding, "change", position, lang, fine=apart)
