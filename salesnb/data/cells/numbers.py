"""One written number or amount of money at a time, by the marks that its column uses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache

from salesnb.data.cells import currency_marks
from salesnb.data.cells.written import BLANKS, Unreadable, figures
from salesnb.schema import SCALE

MONEY_LIMIT = 9 * 10**18
"""Largest int64 money, a little under 2**63."""

_NUMBER_LIMIT = Decimal(10) ** 30
"""Beyond this nothing is a figure; left in, 1e400 would be an infinite quantity."""

TIMES = {
    word: 10**power
    for power, words in {
        3: "千 k tsd tsd.", 4: "万 萬 w", 5: "十万 十萬 lakh lakhs lac", 6: "百万 百萬 m mn mio mio.",
        7: "千万 千萬 crore crores", 8: "亿 億", 9: "十亿 十億 bn",
    }.items()
    for word in words.split()
}  # fmt: skip
"""What stands behind a number, and how many times one it means."""

_UNIT = re.compile(rf"\s*(%|{'|'.join(re.escape(u) for u in sorted(TIMES, key=len, reverse=True))})$")
_MINUS = str.maketrans({**dict.fromkeys("−–—﹣", "-"), **dict.fromkeys("’‘ʼ`´", "'")})
_NO_CENTS = re.compile(r"(?<=\d)(?:[.,]-{1,2}|/-)$")
"""500.- and 500,-- are whole amounts, Rs 500/- too; none of them is negative."""


@dataclass(frozen=True)
class Marks:
    """What parts a number: the ``decimal`` mark, the marks that may part ``thousands``, and lakhs (1,20,000)."""

    decimal: str = "."
    thousands: str = ", '"
    lakh: bool = True

    @classmethod
    def said(cls, decimal: str, thousands: str) -> Marks | None:
        """Return the marks that settings say; None where they say nothing."""
        if not decimal and not thousands:
            return None
        decimal = decimal or {",": ".", ".": ","}.get(thousands, ".")
        return cls(decimal, thousands or (COMMA if decimal == "," else POINT).thousands, decimal == ".")


POINT = Marks()
COMMA = Marks(",", ". '", lakh=False)


@lru_cache
def _shape(marks: Marks) -> re.Pattern[str]:
    parted = rf"\d{{1,3}}(?P<t>[{re.escape(marks.thousands)}])\d{{3}}(?:(?P=t)\d{{3}})*"
    lakh = r"|\d{1,2}(?:,\d{2})+,\d{3}" if marks.lakh and "," in marks.thousands else ""
    return re.compile(rf"(?:\d+|{parted}{lakh})?(?:{re.escape(marks.decimal)}\d*)?(?:e[+-]?\d{{1,3}})?")


def number(
    written: str, reason: str = "number_unreadable", marks: Marks = POINT, factor: Decimal = Decimal(1)
) -> Decimal:
    """Read a number: ``1,200.5``, ``１２``, ``1.2万``, ``(300)``, ``300-``, ``5%``.

    ``factor`` is what its column is multiplied by; a number with a unit of its own is refused where that is not 1,
    and one in per cent is not taken a hundredth of twice.
    """
    body, negative = _sign(figures(written, reason))
    digits, unit = _unit(body)
    value = _value(digits, reason, marks)
    if unit == "%":
        value *= factor if factor == Decimal("0.01") else factor / 100
    elif unit and factor != 1:
        raise Unreadable("unit_twice")
    else:
        value *= TIMES.get(unit, 1) * factor
    if abs(value) > _NUMBER_LIMIT:
        raise Unreadable(reason)
    return -value if negative else value


def amount(written: str, currency: str = "", marks: Marks = POINT, factor: Decimal = Decimal(1)) -> Decimal:
    """Read an amount of money: a number with, perhaps, a currency before or after it; no percentage.

    A mark that cannot stand for ``currency`` is refused: 100 dollars are not 100 yuan.
    """
    body, found, negative = stripped(written, "amount_unreadable")
    if any(not currency_marks.fits(mark, currency) for mark in found):
        raise Unreadable("other_currency")
    if "%" in body or _sign(body)[1]:
        raise Unreadable("amount_unreadable")
    value = number(body, "amount_unreadable", marks, factor)
    return -value if negative else value


def stripped(written: str, reason: str) -> tuple[str, list[str], bool]:
    """Return a number without currency_marks and sign, the currency_marks' marks, and whether it is negative."""
    text, negative = _sign(figures(written, reason))
    found = []
    for _ in range(2):  # ¥1.2万元 has one at both ends
        text, mark = currency_marks.split(text)
        found += [mark] if mark else []
    text, inner = _sign(text.strip(BLANKS))
    if negative and inner:
        raise Unreadable(reason)
    return text, found, negative or inner


def money(written: str, factor: Decimal = Decimal(1), currency: str = "", marks: Marks = POINT) -> int:
    """Read an amount of money as a whole number of 1/10,000; half of one goes to the even neighbour."""
    value = int((amount(written, currency, marks, factor) * SCALE).to_integral_value(ROUND_HALF_EVEN))
    if abs(value) > MONEY_LIMIT:
        raise Unreadable("amount_too_large")
    return value


def whole(written: str, marks: Marks = POINT, factor: Decimal = Decimal(1)) -> int:
    """Read a count."""
    value = number(written, "count_unreadable", marks, factor)
    if value != value.to_integral_value() or abs(value) > MONEY_LIMIT:
        raise Unreadable("count_unreadable")
    return int(value)


def fits(digits: str, marks: Marks) -> bool:
    """Tell whether bare digits with marks are a number by these marks."""
    return any(c.isdigit() for c in digits) and _shape(marks).fullmatch(digits) is not None


def bare(written: str, currency: str = "") -> tuple[str, str]:
    """Return the digits and marks of a number without sign and currency, and its unit; none in another currency."""
    body, found, _ = stripped(written, "number_unreadable")
    if any(not currency_marks.fits(mark, currency) for mark in found):
        raise Unreadable("other_currency")
    return _unit(body)


def _unit(text: str) -> tuple[str, str]:
    if found := _UNIT.search(text):
        return text[: found.start()], found[1]
    return text, ""


def _sign(text: str) -> tuple[str, bool]:
    text = _NO_CENTS.sub("", text.translate(_MINUS))
    if len(text) > 1 and text[0] == "(" and text[-1] == ")":
        return text[1:-1].strip(BLANKS), True
    if text.startswith("-"):
        return text[1:].lstrip(BLANKS), True
    if text.endswith("-"):
        return text[:-1].rstrip(BLANKS), True
    return text.removeprefix("+").lstrip(BLANKS), False


def _value(digits: str, reason: str, marks: Marks) -> Decimal:
    if not fits(digits, marks):
        other = COMMA if marks.decimal == "." else POINT
        raise Unreadable("number_contradicts" if fits(digits, other) and marks is not POINT else reason)
    for mark in marks.thousands:
        digits = digits.replace(mark, "")
    try:
        return Decimal(digits.replace(marks.decimal, "."))
    except InvalidOperation:
        raise Unreadable(reason) from None
