"""A title read back: every number in it recomputed from the plain rows that the output carries.

Nothing of the finding but its rows is used. Which template was filled is told by the title's own text; which row a
number should come from is told by what its place in the template means ("the worst is the member with the lowest
gap"), worked out here a second time; what the number is, by reading it as a reader would, with its K, 万, % or points.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from salesnb import words
from salesnb.metrics import metrics
from tests.title_rows import Rows
from tests.title_rules import RULES

SLOT = re.compile(r"\{([a-z_]+)(?:\.([a-z_]+))?(?::([a-z-]+))?\}")
NUMBER = re.compile(r"([+\u2212]?)([\d,]+)(?:\.(\d+))?(B|M|K|亿|万|%| pts|个百分点)?")
SCALES = {"B": 1e9, "M": 1e6, "K": 1e3, "亿": 1e8, "万": 1e4, "%": 0.01, " pts": 0.01, "个百分点": 0.01, None: 1.0}
OF_UNIT = {"money": {"B", "M", "K", "亿", "万", None}, "rate": {"%"}, "score": {"%"}, "points": {" pts", "个百分点"}}


@dataclass(frozen=True)
class Written:
    """One slot as a title fills it."""

    role: str
    column: str
    style: str
    text: str


def plain(markup: str) -> str:
    """Return the text of HTML as a reader sees it."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", markup)).replace("\u00a0", " ")).strip()


def read(title: str, finding: str, lang: str) -> tuple[str, list[Written]]:
    """Find the sentence of the catalogue that reads as a title does; return its key and how its slots are filled."""
    stage, word = finding.split(".")
    found = []
    for key, text in _templates(stage, word, lang):
        slots = list(SLOT.finditer(text))
        if match := _pattern(text).fullmatch(title):
            found.append(
                (key, [Written(s[1], s[2] or "", s[3] or "", t) for s, t in zip(slots, match.groups(), strict=True)])
            )
    assert found, f"no sentence of {finding} reads: {title}"
    return max(found, key=lambda pair: len(pair[1]) * 1000 - sum(len(w.text) for w in pair[1]))


PARTS = {"review.verdict": ("cash", "problem")}
"""Sentences that follow another of their finding, by finding."""


@cache
def _templates(stage: str, word: str, lang: str) -> list[tuple[str, str]]:
    """Return all sentences of a finding with their keys, those of two parts as well."""
    node = words.catalogue(stage)[word]
    own = {k: v[lang] for k, v in node.items() if k not in {"question", "prose"} and lang in v}
    gap = " " if lang == "en" else ""
    parts = PARTS.get(f"{stage}.{word}", ())
    return [*own.items(), *((f"{key}+{p}", text + gap + own[p]) for p in parts for key, text in own.items())]


_FIGURE = r"([+\u2212]?[\d,]+(?:\.\d+)?(?:B|M|K|亿|万|%| pts|个百分点)?|\u2013)"
_NAME = "(.+?)"


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts, end = [], 0
    for slot in SLOT.finditer(template):
        parts.append(_text(template, end, slot.start()) + (_FIGURE if slot[2] in metrics() else _NAME))
        end = slot.end()
    # A name may bring along the stop that ends the sentence: Co., Ltd.
    whole = "".join(parts) + _text(template, end, len(template))
    return re.compile(whole.replace(_NAME + r"\.", _NAME + r"\.?"))


_ONE = {"were": "was", "are": "is", "have": "has", "carry": "carries"}


def _text(template: str, begin: int, end: int) -> str:
    """What stands between two slots; of a single one, nouns and verbs may stand in the singular."""
    text = re.escape(template[begin:end])
    if not begin:
        return text
    text = re.sub(r"^(\\ (?:[a-z]+\\ )?[a-z]{2,})s\b", r"\1s?", text)
    return re.sub(r"\b(were|are|have|carry)\b", lambda m: f"(?:{m[1]}|{_ONE[m[1]]})", text, count=1)


def check(title: str, given: dict[str, Any], lang: str) -> int:
    """Recompute every number of a title from the plain rows; return how many there were."""
    rows = Rows(given)
    key, slots = read(title, rows.finding, lang)
    numbers, right = 0, {}
    for slot in slots:
        if rows.kinds.get(slot.column) != "figure":
            continue
        numbers += 1
        rule = RULES.get(f"{rows.finding}.{slot.role}") or RULES.get(f"*.{slot.role}")
        assert rule, (
            f"what {slot.role!r} means in the sentences of {rows.finding} is not known: call it total, largest or "
            f"smallest (by the chart's value), or say in RULES of tests/title_rules.py which rows it may be picked from"
        )
        fit = [i for i in rule(rows, key) if says(rows, i, slot)]
        assert fit, (
            f"{title!r}: {slot.role}.{slot.column} reads {slot.text}, not as {_wanted(rows, rule(rows, key), slot)}"
        )
        # All numbers of one name stand in one row, where several rows are as high or as low.
        right[slot.role] = [i for i in right.get(slot.role, fit) if i in fit]
        assert right[slot.role], f"{title!r}: the numbers of {slot.role} stand in different rows"
    for slot in slots:
        if slot.role in right:
            assert any(names(rows, i, slot) for i in right[slot.role]), f"{title!r}: {slot.role} is called {slot.text}"
    stray = NUMBER.sub("", SLOT.sub("", dict(_templates(*rows.finding.split("."), lang))[key]))
    assert not re.search(r"\d", stray), f"a number is written into the sentence {rows.finding}.{key}"
    return numbers


def _wanted(rows: Rows, places: list[int], slot: Written) -> list[Any]:
    return [rows.rows[i][slot.column] for i in places]


def says(rows: Rows, place: int, slot: Written) -> bool:
    """Tell whether a written number is the figure of a row, as near as its digits can tell, with sign and unit."""
    value, unit = rows.rows[place][slot.column], rows.unit(slot.column, place)
    if value is None:
        return slot.text == "\u2013"
    match = NUMBER.fullmatch(slot.text)
    if match is None or match[4] not in OF_UNIT.get(unit, {None}):
        return False
    sign, whole, decimals, scale = match.groups()
    read_back = float(whole.replace(",", "") + "." + (decimals or "0")) * SCALES[scale]
    if abs(read_back - abs(value)) > _nearness(unit, read_back / SCALES[scale], decimals, scale) * (1 + 1e-6) + 1e-12:
        return False
    if slot.style == "abs" or read_back == 0:
        return sign == ""
    return sign == ("\u2212" if value < 0 else "+" if slot.style.startswith("signed") else "")


def _nearness(unit: str, written: float, decimals: str | None, scale: str | None) -> float:
    """Half of the last digit: three digits of money (closing zeros are left away), one decimal of a percentage."""
    if unit == "money":
        digits = 2 if written < (10 if scale else 100) else 1 if scale and written < 100 else 0
    elif unit in OF_UNIT:
        digits = 1
    else:
        digits = len(decimals or "")
    return 0.5 * 10**-digits * SCALES[scale]


def names(rows: Rows, place: int, slot: Written) -> bool:
    """Tell whether a name in a title is that of a row: text from data as it stands, codes by their catalogue."""
    row = rows.rows[place]
    if slot.column == "member":
        members = [v for c, v in row.items() if rows.kinds[c] == "dimension" and v and not _is_code(c, v)]
        # A verdict has room for the beginning of a long name only.
        said = _squeezed(slot.text)
        return all(_squeezed(v) in said or _squeezed(v)[:8] in said.partition("…")[0] for v in members)
    if rows.kinds.get(slot.column) == "figure" or slot.column not in row:
        return True
    value = row[slot.column]
    return _is_code(slot.column, value) or _squeezed(value) in _squeezed(slot.text)


def _is_code(column: str, value: str) -> bool:
    known = words.catalogue("dimensions").get("members", {})
    listed = any(value in known.get(place, {}) for place in (column, "any"))
    return listed or column in {
        "kpi",
        "fault",
        "field",
        "table",
        "month",
        "quarter",
        "period",
        "cohort",
        "last_date",
        "start",
        "likely",
        "columns",
    }


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()
