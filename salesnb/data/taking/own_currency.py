"""The company's currency where nobody said it: the one that all marked amounts are marked with."""

from collections.abc import Iterable

from salesnb.data.cells import currency_marks, values
from salesnb.data.cells.currencies import currencies
from salesnb.data.cells.numbers import stripped
from salesnb.data.cells.written import Unreadable
from salesnb.data.taking.quarantine import Fault
from salesnb.errors import Problem

_USUAL = ("USD", "GBP")
"""What ``$`` and ``£`` alone are taken for."""


def others(faults: Iterable[Fault], problems: Iterable[Problem]) -> frozenset[str]:
    """Return what speaks of a currency that is not the assumed one: amounts, names of currencies, headers' codes.

    Parameters
    ----------
    faults
        What is wrong with rows; those in another currency hold the amount, or the cell that names the currency.
    problems
        What is wrong with files; headers may name a currency.
    """
    cells = (str(f.value) for f in faults if f.reason == "other_currency")
    return frozenset({*cells, *(str(p.fields["found"]) for p in problems if p.code == "header_currency")})


def meant(written: Iterable[str]) -> str:
    """Return the one currency that all of some amounts and names may mean; '' where there is none, or several."""
    codes = [_meant(text) for text in written]
    common = frozenset.intersection(*codes) if codes else frozenset()
    if len(common) == 1:
        return min(common)
    return next((code for code in _USUAL if code in common), "")


def _meant(written: str) -> frozenset[str]:
    """Return the codes that an amount's mark, or the name of a currency, may mean."""
    try:
        marks = stripped(values.plain(written), "")[1]
    except Unreadable:
        marks = []
    codes = [frozenset(c.upper() for c in currency_marks.MARKS.get(mark, ())) for mark in marks]
    return frozenset.intersection(*codes) if codes else currencies(written)
