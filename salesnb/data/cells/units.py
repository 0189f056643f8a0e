"""Units in headers: 金额(万元), Amount (K USD), Amount in thousands, 完成率(%), apart from the column's name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from salesnb.data.cells import currency_marks
from salesnb.data.cells.numbers import TIMES
from salesnb.data.cells.written import plain


@dataclass(frozen=True)
class Unit:
    """What a header says of its numbers: their factor (0.01 for per cent), and the mark of their currency or ''."""

    factor: Decimal = Decimal(1)
    currency: str = ""
    lone: bool = False
    """Whether it is a mere letter, as in (m), which may be metres."""

    @property
    def percent(self) -> bool:
        """Whether the numbers are hundredths."""
        return self.factor == _HUNDREDTH


NONE = Unit()

_HUNDREDTH = Decimal("0.01")
_WORDS: dict[str, Decimal] = {
    **{word: Decimal(times) for word, times in TIMES.items()},
    **dict.fromkeys(["thousand", "thousands", "'000", "'000s", "000", "000s", "000's", "tausend"], Decimal(10**3)),
    **dict.fromkeys(["million", "millions", "millionen", "mm"], Decimal(10**6)),
    **dict.fromkeys(["cr", "cr."], Decimal(10**7)),
    **dict.fromkeys(["billion", "billions", "mrd", "mrd."], Decimal(10**9)),
    **dict.fromkeys(["%", "percent", "per cent", "pct", "百分比", "百分数"], _HUNDREDTH),
}
_NAMED = "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True))
_COUNTED = "个|件|台|套|箱|单|次|人|只|瓶|盒|units?|pieces?|pcs|pc|each|orders?"
_LETTERS = "|".join(m for m in currency_marks.PATTERN.split("|") if m[-1].isascii() and m[-1].isalpha())
_SYMBOLS = "|".join(m for m in currency_marks.PATTERN.split("|") if not (m[-1].isascii() and m[-1].isalpha()))
_TOKEN = re.compile(
    rf"(?P<skip>单位[:：]?|units?:|in\s|of\s|[\s.,;·/]|(?:/|per\s)\s*(?:{_COUNTED})(?![a-z]))"
    rf"|(?P<teur>t(?=eur|€|chf|usd|\$))"
    rf"|(?P<word>{_NAMED})(?![a-z](?!ur|sd|hf|ny|bp|mb|py))"
    rf"|(?P<mark>(?:{_LETTERS})(?![a-z])|{_SYMBOLS})"
    rf"|(?P<counted>(?:{_COUNTED})(?![a-z]))"
)
_BRACKETS = re.compile(r"[(（\[【<]([^()（）\[\]【】<>]*)[)）\]】>]")
_TAIL = re.compile(
    r"^(.*?)(?:\s*[/／_,，:：|-]\s*|\s+)((?:单位[:：]|in\s)?[^/／_,，|]*)$"
    r"|^(.*?[^\W\d_])((?:百万|千万|[十百千]?[万萬亿億千])[^\W\d_]{1,3}|[%％])$",
    re.IGNORECASE | re.DOTALL,
)
_LONE = re.compile(r"[kmw]|bn|mn|mm|units?|orders?|000|r")
"""Words that only brackets make a unit: a column may be called Units or Sales M."""

_ENGLISH = frozenset(["all", "bam", "cop", "cup", "gel", "lak", "mad", "mop", "pen", "ron", "sos", "top", "try"])
"""Codes that are words too: currency_marks in capitals only."""


@lru_cache(maxsize=4096)
def split(header: str) -> tuple[str, Unit]:
    """Return a header without its unit, and the unit; `NONE` where it names none that is known whole."""
    unit, rest = NONE, header
    for found in _BRACKETS.finditer(header):
        if (inner := read(found[1])) is not None:
            lone = bool(_LONE.fullmatch(plain(found[1])))
            unit = Unit(unit.factor * inner.factor, inner.currency or unit.currency, unit.lone or lone)
            rest = rest.replace(found[0], " ")
    if rest != header:
        return rest.strip(), unit
    if (tail := _TAIL.match(header.strip())) is not None:
        name, words = (tail[1], tail[2]) if tail[1] is not None else (tail[3], tail[4])
        if name and not _LONE.fullmatch(plain(words)) and (inner := read(words)) not in {None, NONE}:
            return name.strip(), inner or NONE
    return header, NONE


_ABOVE = re.compile(
    r"(?:单位|單位|\bunits?|\bcurrency)\s*[:：]\s*([^()（）,，;；]+)"
    r"|\b(?:amounts|figures|values|numbers|all)\s+(?:are\s+|stated\s+)?in\s+([^()（）,，;；.]+)"
    r"|^\s*[(（]?\s*in\s+([^()（）,，;；.]+)[)）]?\s*$",
    re.IGNORECASE,
)


def above(rows: Iterable[Iterable[str]]) -> Unit:
    """Return the unit that the rows above a header name for all amounts: 单位：万元, (in thousands of USD)."""
    for cell in (cell for row in rows for cell in row):
        for found in _ABOVE.finditer(cell):
            words = (found[1] or found[2] or found[3]).strip()
            unit = read(words) or read(words.split()[0])
            if unit:
                return unit
    return NONE


def suits(unit: Unit, kind: str) -> bool:
    """Tell whether a column of a type can be in a unit: dates have none, quantities no currency, money no per cent."""
    if kind == "money":
        return not unit.percent
    if kind in {"quantity", "count"}:
        return not unit.currency and not unit.lone and not (unit.percent and kind == "count")
    return kind == "measure" or (kind == "rate" and not unit.currency and unit.factor <= 1)


def read(text: str) -> Unit | None:
    """Read the words of a unit: ``万元``, ``K USD``, ``in thousands``; None where a word is not known as one."""
    written, text = text.strip(), plain(text).replace("’", "'")
    if text in _ENGLISH and not written.isupper():
        return None
    at, unit, any_word = 0, NONE, False
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at:
            return None
        at = found.end()
        if found["skip"]:
            continue
        any_word = True
        if found["mark"]:
            unit = Unit(unit.factor, found["mark"])
        elif not found["counted"]:
            unit = Unit(unit.factor * (1000 if found["teur"] else _WORDS[found["word"]]), unit.currency)
    return unit if any_word else None
