"""Numbers and dates as a reader of either language writes them.

Money is shortened: 8.54M and 610K in English, 854万 and 1.2亿 in Chinese; three significant digits. A minus is the
real minus sign. Babel is not asked to shorten: it prints 99,999,999 as 10000万.
"""

from __future__ import annotations

import math
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
        ``""`` plain; ``abs`` without sign; ``signed`` with + or −; ``full`` not shortened.
    """
    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    amount = Decimal(repr(float(value)))
    sign = _sign(amount, style)
    return sign + _WRITE.get(unit, _plain)(abs(amount), lang, style)


def _sign(amount: Decimal, style: str) -> str:
    if style == "abs" or amount == 0:
        return ""
    if amount < 0:
        return MINUS
    return "+" if style == "signed" else ""


def _round(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _money(amount: Decimal, lang: str, style: str) -> str:
    if style != "full":
        for step, letter in _STEPS[lang]:
            if _round(amount, 0) >= step:
                return _significant(amount / step) + letter
    digits = 0 if style != "full" and amount >= 100 else 2
    return f"{_round(amount, digits):,}" if amount != amount.to_integral() else f"{amount:,.0f}"


def _significant(amount: Decimal) -> str:
    digits = 2 if amount < 10 else 1 if amount < 100 else 0
    rounded = _round(amount, digits)
    text = f"{rounded:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rate(amount: Decimal, lang: str, style: str) -> str:
    return f"{_round(amount * 100, 1)}%"


def _points(amount: Decimal, lang: str, style: str) -> str:
    return f"{_round(amount * 100, 1)}" + (" pts" if lang == "en" else "个百分点")


def _plain(amount: Decimal, lang: str, style: str) -> str:
    whole = amount == amount.to_integral()
    return f"{amount:,.0f}" if whole else f"{_round(amount, 2 if amount < 10 else 1):,}"


_WRITE = {"money": _money, "rate": _rate, "points": _points, "score": _rate}


def day(value: date, lang: str) -> str:
    """Write a date: 22 Sep 2025, 2025年9月22日."""
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
