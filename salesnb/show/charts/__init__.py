"""The forms of charts, by name. A form draws any finding that names its columns; it knows no finding."""

from collections.abc import Callable
from functools import partial

from salesnb.findings.finding import Finding
from salesnb.show.canvas import NARROW, WIDE
from salesnb.show.charts import (
    actions,
    bars,
    bridge,
    bullet,
    cards,
    chain,
    heat,
    line,
    panels,
    ranking,
    runs,
    slope,
    strip,
)

Drawing = Callable[[Finding, str, int, str], str]
Form = Callable[..., str]


def _drawn(
    drawing: Drawing, finding: Finding, lang: str, label: str, *, widths: tuple[int, ...] = (WIDE, NARROW)
) -> str:
    if not len(finding.rows):
        return ""
    return "".join(drawing(finding, lang, width, label) for width in widths)


def _built(building: Callable[[Finding, str, str], str], finding: Finding, lang: str, label: str, **_: object) -> str:
    return building(finding, lang, label)


def _nothing(finding: Finding, lang: str, label: str, **_: object) -> str:
    return ""


FORMS: dict[str, Form] = {
    "bars": partial(_drawn, bars.draw),
    "bullet": partial(_drawn, bullet.draw),
    "bridge": partial(_drawn, bridge.draw),
    "line": partial(_drawn, line.draw),
    "slope": partial(_drawn, slope.draw),
    "panels": partial(_drawn, panels.draw),
    "heat": partial(_built, heat.draw),
    "cards": partial(_built, cards.draw),
    "list": partial(_built, ranking.draw),
    "actions": partial(_built, actions.draw),
    "chain": partial(_built, chain.draw),
    "runs": runs.draw,
    "strip": partial(_built, strip.draw),
    "table": _nothing,
    "folded": _nothing,
}
"""Form name -> function of finding, language, label and, for drawn forms, the widths to draw.

``table`` shows the table alone, ``folded`` keeps even that closed until it is asked for.
"""

DRAWN = frozenset({"bars", "bullet", "bridge", "line", "slope", "panels"})
