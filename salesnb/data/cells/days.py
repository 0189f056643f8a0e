"""One written date or moment at a time, in any order of day, month and year that is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from salesnb.data.cells.written import Unreadable, figures, plain

_EARLIEST, _LATEST = date(1970, 1, 1), date(2100, 12, 31)
_SERIAL_START = date(1899, 12, 30)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月?)")
_SHORT_HAN = re.compile(r"(\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_TRIPLE = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{1,2})")
_CLOCK = re.compile(
    r"(?<=[\d日])(?:,?\s+|t)(?:(上午|下午)\s*)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm|a\.m\.|p\.m\.)?"
    r"\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?$"
)
_NAMES = """
    jan january januar jänner janvier enero gennaio janeiro januari
    feb february februar février fevrier fév febrero febbraio fevereiro februari
    mar march märz maerz mär mars marzo março maart mrt
    apr april avril avr abril abr aprile
    may mai mayo maggio maio mei
    jun june juni juin junio giugno junho
    jul july juli juillet juil julio luglio julho
    aug august août aout agosto ago augustus
    sep sept september septembre septiembre settembre setembro
    oct october oktober okt octobre octubre ottobre outubro
    nov november novembre noviembre novembro
    dec december dezember dez décembre decembre déc diciembre dic dicembre dezembro
""".strip()
_MONTHS = {name: n for n, line in enumerate(_NAMES.splitlines(), 1) for name in line.split()}
_NAMED = re.compile(
    r"(?:(?P<on>\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*)?(?P<month>[^\W\d]{3,10})\.?[\s-]?"
    r"(?:\s*(?P<after>\d{1,2})(?:st|nd|rd|th)?(?:,\s*|\s+))?,?\s?(?P<year>\d{4})"
)
_NAMED_SHORT = re.compile(r"(?P<on>\d{1,2})[\s-](?P<month>[^\W\d]{3,10})\.?[\s-](?P<year>\d{2})")
_NAMED_FIRST = re.compile(r"(?P<year>\d{4})[\s-](?P<month>[^\W\d]{3,10})\.?[\s-](?P<on>\d{1,2})")

_WEEKDAYS = {
    word: n
    for n, words in enumerate(
        ("mon monday montag mo 一", "tue tues tuesday dienstag di 二", "wed weds wednesday mittwoch mi 三",
         "thu thur thurs thursday donnerstag do 四", "fri friday freitag fr 五", "sat saturday samstag sa 六",
         "sun sunday sonntag so 日 天")
    )
    for word in words.split()
}  # fmt: skip
_LATIN = "|".join(sorted((w for w in _WEEKDAYS if w.isascii()), key=len, reverse=True))
_WEEKDAY = re.compile(
    rf"\s*[(\[]?\s*(?:(?:星期|周|週|礼拜|禮拜)([一二三四五六日天])|(?<![^\W\d])({_LATIN})\b)\.?\s*[)\]]?,?\s*"
)


@dataclass(frozen=True)
class Order:
    """In which order parts of dates stand: ``slashed`` 3/4/2025 (``dmy``, ``mdy``), ``dotted`` 3.4.2025, ``short`` ones
    of a two-figure year (``ymd`` too); '' where that is not told.
    """

    slashed: str = ""
    dotted: str = "dmy"
    short: str = ""

    @classmethod
    def said(cls, order: str) -> Order:
        """Return what a setting says: ``dmy``, ``mdy``, ``ymd`` or nothing."""
        if not order:
            return cls()
        return cls("", "dmy", "ymd") if order == "ymd" else cls(order, order, order)


UNTOLD = Order()


@dataclass(frozen=True)
class Parts:
    """A date of three numbers whose order is open: as 3/4/2025 or 25/9/6; ``weekday`` where one stands beside it."""

    first: str
    second: str
    last: str
    mark: str
    weekday: int | None = None

    @property
    def short(self) -> bool:
        """Whether its year has two figures."""
        return len(self.last) < 4

    def readings(self) -> Mapping[str, date]:
        """Return the day it is in each order in which it is one."""
        found = {}
        for order in ("dmy", "mdy", "ymd"):
            if (on := self._read(order)) and (self.weekday is None or on.weekday() == self.weekday):
                found[order] = on
        return found

    def _read(self, order: str) -> date | None:
        at = dict(zip(order, (self.first, self.second, self.last), strict=True))
        if len(at["y"]) == 1 or len(at["d"]) > 2:
            return None
        year = int(at["y"])
        if self.short:
            year += 1900 if year >= 70 else 2000
        elif order == "ymd":
            return None
        try:
            return date(year, int(at["m"]), int(at["d"]))
        except ValueError:
            return None


def parts(written: str) -> Parts | None:
    """Return the parts of a date whose order is open; None for any other text."""
    text, weekday = _without_weekday(plain(written))
    found = _TRIPLE.fullmatch(_CLOCK.sub("", text))
    return Parts(found[1], found[3], found[4], found[2], weekday) if found else None


def day(written: str, order: Order = UNTOLD) -> date:
    """Read a date; ``order`` says how 03/04/2025 and 25/9/6 are meant, without it such a date is refused."""
    text, weekday = _without_weekday(figures(written, "date_unreadable"))
    return _checked(_day(_CLOCK.sub("", text), order, weekday), weekday)


def moment(written: str, order: Order = UNTOLD) -> datetime:
    """Read a date with a time of day, 00:00 where there is none; a zone is dropped, the clock on the wall counts."""
    text, weekday = _without_weekday(figures(written, "date_unreadable"))
    found = _CLOCK.search(text)
    if found is None:
        if _SERIAL.fullmatch(text) and "." in text:
            return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))
        return datetime.combine(day(written, order), datetime.min.time())
    half, hours, minutes, seconds, suffix, _ = found.groups()
    hour = int(hours)
    if half == "下午" or (suffix or "").startswith("p"):
        hour = hour % 12 + 12
    elif half == "上午" or suffix:
        hour = hour % 12
    on = _checked(_day(text[: found.start()], order, weekday), weekday)
    try:
        return datetime(on.year, on.month, on.day, hour, int(minutes), int(seconds or 0))
    except ValueError:
        raise Unreadable("date_unreadable") from None


def _without_weekday(text: str) -> tuple[str, int | None]:
    found = _WEEKDAY.search(text)
    if found is None:
        return text, None
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
    return rest, _WEEKDAYS[found[1] or found[2]]


def _day(text: str, order: Order, weekday: int | None) -> date:
    if match := _COMPACT.fullmatch(text):
        return _date(*match.groups())
    if _SERIAL.fullmatch(text):
        return _SERIAL_START + timedelta(days=int(float(text)))
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(match[1], match[2], match[3] or "1")
    if match := _SHORT_HAN.fullmatch(text):
        return _date(f"20{match[1]}", match[2], match[3])
    if match := _TRIPLE.fullmatch(text):
        return _ordered(Parts(match[1], match[3], match[4], match[2], weekday), order)
    if match := _NAMED.fullmatch(text):
        return _named(match, match["on"], match["after"])
    if match := _NAMED_FIRST.fullmatch(text):
        return _named(match, match["on"])
    if match := _NAMED_SHORT.fullmatch(text):
        return _named(match, match["on"], century="20")
    raise Unreadable("date_unreadable")


def _ordered(found: Parts, order: Order) -> date:
    wanted = order.short if found.short else order.dotted if found.mark == "." else order.slashed
    readings = found.readings()
    if not readings:
        raise Unreadable("date_unreadable")
    if not wanted:
        raise Unreadable("date_ambiguous")
    if wanted not in readings:
        raise Unreadable("date_two_formats")
    return readings[wanted]


def _named(match: re.Match[str], before: str | None, after: str | None = None, century: str = "") -> date:
    month = _MONTHS.get(match["month"])
    if month is None or (before and after):
        raise Unreadable("date_unreadable")
    return _date(century + match["year"], str(month), before or after or "1")


def _date(year: str, month: str, on: str) -> date:
    try:
        return date(int(year), int(month), int(on))
    except ValueError:
        raise Unreadable("date_unreadable") from None


def _checked(found: date, weekday: int | None) -> date:
    if not _EARLIEST <= found <= _LATEST:
        raise Unreadable("date_out_of_range")
    if weekday is not None and found.weekday() != weekday:
        raise Unreadable("date_weekday")
    return found
