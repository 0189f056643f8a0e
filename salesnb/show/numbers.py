"""Numbers and dates as a reader of either language writes them.

Money is shortened: 8.54M and 610K in English, 854万 and 1.2亿 in Chinese; three significant digits. A minus is the
real minus sign. Babel is not asked to shorten: it prints 99,999,999 as 10000万.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\u2212"
NOT_AVAILABLE = "\u2013"

_STEPS = {
    "en": ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K")),
    "zh": ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
}


def figure(value: float | None, unit: str, lang: str, style: str = "") -> str:
    """Write one figure.

    Parameters
    ----------
    value
        Money in currency units, rates and points as fractions; None: not available.
    unit
        Unit of the registry.
    style
        ``""`` plain; ``abs`` without sign; ``signed`` with + or −; ``full`` not shortened; ``even`` and
        ``signed-even`` with all three digits, for figures one below the other; ``fine`` and
        ``signed-fine`` points with two decimals.
    """
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    amount = Decimal(repr(float(value)))
    written = _WRITE.get(unit, _plain)(abs(amount), lang, style)
    return _sign(amount, written, style) + written


def _sign(amount: Decimal, written: str, style: str) -> str:
    if style == "abs" or not any(c in "123456789" for c in written):
        return ""
    if amount < 0:
        return MINUS
    return "+" if style.startswith("signed") else ""


def _round(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _money(amount: Decimal, lang: str, style: str) -> str:
    if style == "full":
        return _bare(f"{_round(amount, 2):,}", ".00")
    lower: tuple[Decimal, str] = (Decimal(1), "")
    for step, letter in reversed(_STEPS[lang]):
        # What rounds up to the next step is written in it: 999,999 is 1M, not 1,000K.
        if _significant(amount / lower[0]) * lower[0] < step:
            break
        lower = (step, letter)
    step, letter = lower
    if not letter:
        return _bare(f"{_round(amount, 0 if amount >= 100 else 2):,}", ".00")
    text = f"{_significant(amount / step):,}"
    if style.endswith("even"):
        return text + letter
    return (text.rstrip("0").rstrip(".") if "." in text else text) + letter


def _bare(text: str, ending: str) -> str:
    return text.removesuffix(ending)


def _significant(amount: Decimal) -> Decimal:
    return _round(amount, 2 if amount < 10 else 1 if amount < 100 else 0)


def _rate(amount: Decimal, lang: str, style: str) -> str:
    return f"{_round(amount * 100, 1)}%"


def _points(amount: Decimal, lang: str, style: str) -> str:
    """Write points with one decimal; with two where a change would else read as none."""
    points = amount * 100
    digits = 1 if not style.endswith("fine") and (_round(points, 1) or not _round(points, 2)) else 2
    return f"{_round(points, digits)}" + (" pts" if lang == "en" else "个百分点")


def _plain(amount: Decimal, lang: str, style: str) -> str:
    whole = amount == amount.to_integral()
    return f"{amount:,.0f}" if whole else f"{_round(amount, 2 if amount < 10 else 1 if amount < 100 else 0):,}"


def _count(amount: Decimal, lang: str, style: str) -> str:
    """Write a count; one that is to be expected on average has a fraction, which nobody asks for beside hundreds."""
    if amount == amount.to_integral():
        return f"{amount:,.0f}"
    return _bare(_bare(f"{_significant(amount):,}", ".00"), ".0")


_WRITE = {"count": _count, "money": _money, "rate": _rate, "points": _points, "score": _rate}


@dataclass(frozen=True)
class Scale:
    """How all money of one table is written: divided by ``step``, with ``digits`` decimals; ``letter`` is K or 万."""

    step: float
    letter: str
    digits: int

    def write(self, value: float | None, *, signed: bool = False) -> str:
        """Write an amount of money without its unit, which stands once in the header."""
        if value is None or not math.isfinite(value):
            return NOT_AVAILABLE
        amount = Decimal(repr(float(value))) / Decimal(self.step)
        written = f"{_round(abs(amount), self.digits):,}"
        return _sign(amount, written, "signed" if signed else "") + written

    def write_apart(self, value: float | None, *, signed: bool = False) -> str:
        """Write an amount like `write`, but one of which rounding would take a good part with two digits of its own."""
        if value is None or not math.isfinite(value):
            return NOT_AVAILABLE
        amount = abs(Decimal(repr(float(value))) / Decimal(self.step))
        if abs(_round(amount, self.digits) - amount) <= amount * _LOST:
            return self.write(value, signed=signed)
        digits = min(1 - amount.adjusted(), _FINEST)
        written = f"{_round(amount, digits):,}"
        if not any(c in "123456789" for c in written):
            return self.write(value, signed=signed)
        return _sign(Decimal(repr(float(value))), written, "signed" if signed else "") + written


_LOST = Decimal("0.05")
"""The part of an amount that rounding may add or take without misleading: 2 for 2.34 is no longer near."""

_FINEST = 3
"""Decimals that no amount of a table goes beyond."""


def stacked(values: Sequence[float | None], unit: str, lang: str, *, signed: bool = False) -> list[str]:
    """Write figures that stand one below the other: money in one step, all with as many decimals as the largest has.

    So their digits stand beneath each other, and none looks more exact than the others; what is too small for that
    step is written by itself.
    """
    known = [abs(v) for v in values if v is not None and math.isfinite(v)]
    if unit != "money" or not known:
        return [figure(v, unit, lang, "signed" if signed else "") for v in values]
    largest = max(known)
    written = figure(largest, "money", lang, "even")
    letter = written.lstrip("0123456789.,")
    step = next((float(s) for s, sign in _STEPS[lang] if sign == letter), 1.0)
    digits = len(written.removesuffix(letter).partition(".")[2])
    scale = Scale(step, letter, digits)
    style = "signed" if signed else ""
    return [
        NOT_AVAILABLE
        if v is None or not math.isfinite(v)
        else _with(letter, scale.write(v, signed=signed)) or figure(v, unit, lang, style)
        for v in values
    ]


def _with(letter: str, written: str) -> str:
    """Return a number with its letter; blank for one too small for it, which is no 0K."""
    return written + letter if any(c in "123456789" for c in written) else ""


def money_scale(largest: float, lang: str) -> Scale:
    """Return the scale for a table whose largest amount, without its sign, is given."""
    if lang == "zh":
        return Scale(1e4, "万", 0 if largest >= 1e8 else 1) if largest >= 1e5 else _full(largest)
    if largest >= 1e9:
        return Scale(1e6, "M", 0)
    return Scale(1e3, "K", 0 if largest >= 1e6 else 1) if largest >= 1e5 else _full(largest)


def _full(largest: float) -> Scale:
    return Scale(1.0, "", 0 if largest >= 1e3 else 2)


def currency_unit(currency: str, letter: str, lang: str) -> str:
    """Write the unit of money: K CNY, 万元, 万 USD."""
    if lang == "zh":
        return letter + ("元" if currency == "CNY" else f" {currency}")
    return f"{letter} {currency}".strip()


def day(value: date, lang: str) -> str:
    """Write a date: 22 Sep 2025, 2025年9月22日."""
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month_name(year: int, month: int, lang: str) -> str:
    """Write a month in full: September 2025, 2025年9月."""
    return f"{year}年{month}月" if lang == "zh" else f"{_MONTHS_IN_FULL[month - 1]} {year}"


_MONTHS_IN_FULL = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def unit_told(name: str, unit: str) -> bool:
    """Tell whether a heading names its unit already: Days overdue, 逾期天数."""
    return bool(unit) and (unit in name.lower().split() or (not unit.isascii() and unit in name))


def period_text(name: str, lang: str) -> str:
    """Write a period's name: September 2025, Q3 2025, week 36 of 2025; a name of the calendar table stays as it is."""
    if match := re.fullmatch(r"(\d{4})-(\d{2})", name):
        return month_name(int(match[1]), int(match[2]), lang)
    if match := re.fullmatch(r"(\d{4})-Q([1-4])", name):
        return f"{match[1]}年{'一二三四'[int(match[2]) - 1]}季度" if lang == "zh" else f"Q{match[2]} {match[1]}"
    if match := re.fullmatch(r"(\d{4})-W(\d{2})", name):
        number = int(match[2])
        return f"{match[1]}年第{number}周" if lang == "zh" else f"week {number} of {match[1]}"
    if re.fullmatch(r"\d{4}", name):
        return f"{name}年" if lang == "zh" else name
    first, dots, last = name.partition("..")
    if dots:
        return _run_text(first, last, lang)
    return name


def _run_text(first: str, last: str, lang: str) -> str:
    """Write periods in a row, the year once where both are months of it: July to September 2025, 2025年7月至9月."""
    begin, end = period_text(first, lang), period_text(last, lang)
    if re.fullmatch(r"\d{4}-\d{2}", first) and re.fullmatch(rf"{first[:4]}-\d{{2}}", last):
        begin, end = (begin, end[5:]) if lang == "zh" else (begin[:-5], end)
    return begin + ("至" if lang == "zh" else " to ") + end


def short_month(text: str, lang: str) -> str:
    """Write a month on an axis, where the year is told beside: Sep, 9月; other text stays as it is."""
    match = re.fullmatch(r"\d{4}-(\d{2})(?:-\d{2})?", text)
    if not match or not 1 <= int(match[1]) <= 12:
        return text
    return f"{int(match[1])}月" if lang == "zh" else _MONTHS[int(match[1]) - 1]


def short_period(text: str, lang: str) -> str:
    """Write a quarter on an axis, where the year is told beside, like a month: Q3, 三季度."""
    quarter = re.fullmatch(r"\d{4}-Q([1-4])", text)
    if quarter is None:
        return short_month(text, lang)
    return f"{'一二三四'[int(quarter[1]) - 1]}季度" if lang == "zh" else f"Q{quarter[1]}"


def day_text(text: str, lang: str) -> str:
    """Write an ISO date; text that is none stays as it is."""
    try:
        return day(date.fromisoformat(text[:10]), lang)
    except ValueError:
        return text
