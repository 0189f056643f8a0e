"""Where the figures of a first screen are proven: the section of the team's pages that holds the very same figure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

from salesnb.show.text import escaped

if TYPE_CHECKING:
    from salesnb.report.sections import Section

_LINK = re.compile(r'<a class="snb-fact" data-fact="([^"]*)"(?: href="[^"]*")?>')
_OF_A_KPI = frozenset({"actual", "after"})
"""Figures that are, for the KPI of their row, that figure itself."""


@dataclass
class Places:
    """The sections of a page that hold figures.

    ``own`` by finding, metric and dimensions: the value, and the section of the finding itself. ``elsewhere`` by metric
    and dimensions: values with the sections that are no part of a first screen.
    """

    own: dict[tuple[str, str, str], tuple[float, str]] = field(default_factory=dict)
    elsewhere: dict[tuple[str, str], list[tuple[float, str]]] = field(default_factory=dict)


def places_of(sections: Iterable[Section]) -> Places:
    """Return where the sections of a page hold which figures."""
    found = Places()
    for section in (own for whole in sections for own in (whole, *whole.folds)):
        for fact in section.facts:
            metric, dims, value = str(fact["metric"]), str(fact["dims"]), fact["value"]
            if value is None:
                continue
            found.own.setdefault((str(fact["finding"]), metric, dims), (value, section.anchor))
            if not section.behind:
                found.elsewhere.setdefault((metric, dims), []).append((value, section.anchor))
    return found


def proven(page: str, own: Places, others: Sequence[tuple[str, Places]] = (), here: str = "") -> str:
    """Return a page whose first screen leads each figure to its proof.

    That is a section further down that breaks the figure up, else one of the other pages, given by file name in their
    order, else the table of the figure itself. ``here`` is the file of ``own`` where the screen stands in another.
    """

    def led(link: re.Match[str]) -> str:
        href = _proof(unescape(link[1]), own, others, here)
        return f'<a class="snb-fact" data-fact="{link[1]}"' + (f' href="{escaped(href)}">' if href else ">")

    return _LINK.sub(led, page)


def _proof(name: str, own: Places, others: Sequence[tuple[str, Places]], here: str) -> str:
    finding, metric, dims = name.split("/", 2)
    known = own.own.get((finding, metric, dims))
    if known is None:
        return ""
    value, anchor = known
    for file, places in ((here, own), *others):
        for key in _same(metric, dims):
            for other, section in places.elsewhere.get(key, ()):
                if math.isclose(other, value, rel_tol=1e-9):
                    return f"{quote(file)}#{section}"
    return f"{quote(here)}#{anchor}"


def _same(metric: str, dims: str) -> list[tuple[str, str]]:
    """Return the names under which another finding may hold a figure; the team's own one of a KPI goes by its id."""
    parts: Mapping[str, str] = dict(pair.partition("=")[::2] for pair in dims.split("|") if pair)
    kpi = parts.get("kpi", "")
    named = [(kpi, "")] if kpi and metric in _OF_A_KPI and set(parts) <= {"kpi", "period"} else []
    return [(metric, dims), *named]
