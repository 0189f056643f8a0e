"""One written value at a time: money, numbers, dates, periods, yes and no, as real exports spell them.

Each reader returns the value, or raises `Unreadable` with a reason code of ``words/reasons.toml``. The fast paths for
whole columns are in ``parsing``; what they cannot read comes here, once per distinct spelling.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from salesnb import calendar
from salesnb.data.schema import SCALE


class Unreadable(Exception):  # noqa: N818 - a fact about a cell, not a fault of the program
    """A cell cannot be read; ``reason`` is its code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


BLANKS = " \t\r\n\v\f\u3000\xa0\u2007\u202f\ufeff\u200b"
MONEY_LIMIT = 9 * 10**18
"""Largest int64 money, a little under 2**63."""

_NUMBER_LIMIT = Decimal(10) ** 30
"""Beyond this nothing is a figure; left in, 1e400 would be an infinite quantity."""

_TIMES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "千": 10**3, "k": 10**3, "m": 10**6}
_CURRENCY = re.compile(
    r"^(?:cny|rmb|usd|eur|gbp|jpy|hkd|hk\$|us\$|人民币|[¥$€£])|(?:cny|rmb|usd|eur|gbp|jpy|hkd|元|圆|[¥$€£])$"
)
_MARKS: dict[str, frozenset[str]] = {
    "人民币": frozenset({"CNY"}), "rmb": frozenset({"CNY"}), "元": frozenset({"CNY", "TWD", "HKD"}),
    "圆": frozenset({"CNY", "JPY"}), "¥": frozenset({"CNY", "JPY"}), "€": frozenset({"EUR"}), "£": frozenset({"GBP"}),
    "us$": frozenset({"USD"}), "hk$": frozenset({"HKD"}),
    "$": frozenset({"USD", "HKD", "TWD", "SGD", "AUD", "NZD", "CAD", "MXN", "BRL"}),
}  # fmt: skip
"""Which currencies a mark may stand for; a code stands for itself."""

_NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:e[+-]?\d{1,3})?")
_MINUS = str.maketrans("−–—﹣", "----")


def plain(written: str) -> str:
    """Return a cell in half-width letters, lower case, without blanks around it."""
    return unicodedata.normalize("NFKC", written).strip(BLANKS).casefold()


# -- numbers


def number(written: str, reason: str = "number_unreadable") -> Decimal:
    """Read a number: ``1,200.5``, ``１２``, ``1.2万``, ``(300)``, ``300-``, ``5%``."""
    text, negative = _sign(plain(written))
    times = Decimal(1)
    if text.endswith("%"):
        text, times = text[:-1].rstrip(), Decimal("0.01")
    elif text and text[-1] in _TIMES:
        text, times = text[:-1].rstrip(), Decimal(_TIMES[text[-1]])
    value = _digits(text, reason) * times
    if abs(value) > _NUMBER_LIMIT:
        raise Unreadable(reason)
    return -value if negative else value


def amount(written: str, currency: str = "") -> Decimal:
    """Read an amount of money: a number with, perhaps, a currency before or after it; no percentage.

    A mark that cannot stand for ``currency`` is refused: 100 dollars are not 100 yuan.
    """
    text, negative = _sign(plain(written))
    for _ in range(2):  # ¥1.2万元 has one at both ends
        if (mark := _CURRENCY.search(text)) and not _fits(mark[0], currency):
            raise Unreadable("other_currency")
        text = _CURRENCY.sub("", text, count=1).strip(BLANKS)
    text, inner = _sign(text)
    if (negative and inner) or "%" in text:
        raise Unreadable("amount_unreadable")
    value = number(text, "amount_unreadable")
    return -value if negative or inner else value


def _fits(mark: str, currency: str) -> bool:
    own = {"RMB": "CNY"}.get(currency.upper(), currency.upper())
    return not own or own in _MARKS.get(mark, frozenset({mark.upper()}))


def money(written: str, factor: Decimal = Decimal(1), currency: str = "") -> int:
    """Read an amount of money as a whole number of 1/10,000; half of one goes to the even neighbour."""
    value = int((amount(written, currency) * factor * SCALE).to_integral_value(ROUND_HALF_EVEN))
    if abs(value) > MONEY_LIMIT:
        raise Unreadable("amount_too_large")
    return value


def whole(written: str) -> int:
    """Read a count."""
    value = number(written, "count_unreadable")
    if value != value.to_integral_value() or abs(value) > MONEY_LIMIT:
        raise Unreadable("count_unreadable")
    return int(value)


def _sign(text: str) -> tuple[str, bool]:
    text = text.translate(_MINUS)
    if len(text) > 1 and text[0] == "(" and text[-1] == ")":
        return text[1:-1].strip(BLANKS), True
    if text.startswith("-"):
        return text[1:].lstrip(BLANKS), True
    if text.endswith("-"):
        return text[:-1].rstrip(BLANKS), True
    return text.removeprefix("+").lstrip(BLANKS), False


def _digits(text: str, reason: str) -> Decimal:
    if not any(c.isdigit() for c in text) or not _NUMBER.fullmatch(text):
        raise Unreadable(reason)
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise Unreadable(reason) from None


_YES = frozenset(["yes", "y", "true", "1", "是", "对", "有", "√", "✓", "✔", "1.0"])
_NO = frozenset(["no", "n", "false", "0", "否", "无", "没有", "×", "x", "✗", "0.0"])


def boolean(written: str) -> bool:
    """Read yes or no in either language."""
    text = plain(written)
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Unreadable("bool_unreadable")


# -- dates

_EARLIEST, _LATEST = date(1970, 1, 1), date(2100, 12, 31)
_SERIAL_START = date(1899, 12, 30)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月?)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_CLOCK = re.compile(
    r"(?<=[\d日])(?:\s+|t)(?:(上午|下午)\s*)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm)?(z|[+-]\d{2}:?\d{2})?$"
)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_NAMED = re.compile(r"(?:(\d{1,2})[\s-])?([a-z]{3,9})\.?[\s-](?:(\d{1,2}),\s*)?(\d{4})")


def day(written: str, order: str = "") -> date:
    """Read a date; ``order`` (dmy or mdy) says how 03/04/2025 is meant, without it such a date is refused."""
    text = plain(written)
    return _in_range(_day(_CLOCK.sub("", text), order))


def moment(written: str, order: str = "") -> datetime:
    """Read a date with a time of day, 00:00 where there is none; a zone is dropped, the clock on the wall counts."""
    text = plain(written)
    found = _CLOCK.search(text)
    if found is None:
        if _SERIAL.fullmatch(text) and "." in text:
            return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))
        return datetime.combine(day(text, order), datetime.min.time())
    half, hours, minutes, seconds, suffix, _ = found.groups()
    hour = int(hours)
    if half == "下午" or suffix == "pm":
        hour = hour % 12 + 12
    elif half == "上午" or suffix == "am":
        hour = hour % 12
    on = _in_range(_day(text[: found.start()], order))
    try:
        return datetime(on.year, on.month, on.day, hour, int(minutes), int(seconds or 0))
    except ValueError:
        raise Unreadable("date_unreadable") from None


def _day(text: str, order: str) -> date:
    if match := _COMPACT.fullmatch(text):
        return _date(*match.groups())
    if _SERIAL.fullmatch(text):
        return _SERIAL_START + timedelta(days=int(float(text)))
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(match[1], match[2], match[3] or "1")
    if match := _NAMED.fullmatch(text):
        return _named(match)
    if match := _YEAR_LAST.fullmatch(text):
        return _year_last(match, order)
    raise Unreadable("date_unreadable")


def _year_last(match: re.Match[str], order: str) -> date:
    first, second, year = match.groups()
    if not order:
        raise Unreadable("date_ambiguous")
    day_text, month_text = (first, second) if order == "dmy" else (second, first)
    if int(month_text) > 12 >= int(day_text):
        raise Unreadable("date_two_formats")
    return _date(year, month_text, day_text)


def _named(match: re.Match[str]) -> date:
    before, name, after, year = match.groups()
    month = _MONTHS.get(name[:3])
    if month is None or (before and after):
        raise Unreadable("date_unreadable")
    return _date(year, str(month), before or after or "1")


def _date(year: str, month: str, on: str) -> date:
    try:
        return date(int(year), int(month), int(on))
    except ValueError:
        raise Unreadable("date_unreadable") from None


def _in_range(found: date) -> date:
    if not _EARLIEST <= found <= _LATEST:
        raise Unreadable("date_out_of_range")
    return found


# -- periods

_PERIOD_YEAR = re.compile(r"(\d{4})\s*年?")
_PERIOD_QUARTER = re.compile(
    r"(\d{4})\s*[-/.年]?\s*(?:q([1-4])|第?([1-4一二三四])季度?)|q([1-4])[\s-]*(\d{4})"
)
_PERIOD_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?|(\d{4})(\d{2})")
_PERIOD_WEEK = re.compile(r"(\d{4})\s*[-/.年]?\s*(?:w(\d{1,2})|第?(\d{1,2})周)")


def period(written: str, names: frozenset[str] = frozenset(), weekly: bool = False) -> str:
    """Read a period and return its canonical name, e.g. ``2025-09`` for ``2025年9月``.

    ``names`` are those of the fiscal calendar, taken as they are; a full date stands for its month, or its week
    where the column is ``weekly``.
    """
    stripped = written.strip(BLANKS)
    if stripped in names:
        return stripped
    text = plain(written)
    try:
        return _period(text, weekly)
    except ValueError:
        raise Unreadable("period_unreadable") from None


def _period(text: str, weekly: bool) -> str:
    if match := _PERIOD_YEAR.fullmatch(text):
        return calendar.year(int(match[1])).name
    if match := _PERIOD_QUARTER.fullmatch(text):
        number = match[2] or match[3] or match[4]
        return calendar.quarter(
            int(match[1] or match[5]), int({"一": 1, "二": 2, "三": 3, "四": 4}.get(number, number))
        ).name
    if match := _PERIOD_WEEK.fullmatch(text):
        return calendar.week(int(match[1]), int(match[2] or match[3])).name
    if match := _PERIOD_MONTH.fullmatch(text):
        return calendar.month(int(match[1] or match[3]), int(match[2] or match[4])).name
    try:
        found = day(text)
    except Unreadable:
        raise ValueError(text) from None
    if weekly:
        iso = found.isocalendar()
        return calendar.week(iso.year, iso.week).name
    return calendar.month(found.year, found.month).name


def factor(value: float) -> Decimal:
    """Return a unit's factor exactly as it is written in the settings."""
    return Decimal(str(value))
