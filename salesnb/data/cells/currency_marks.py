"""Marks, codes and names of currencies beside an amount, and which currencies each may stand for."""

import re
import tomllib
from importlib import resources

_KNOWN = tomllib.loads(resources.files(__package__).joinpath("currency_marks.toml").read_text(encoding="utf-8"))

CODES = frozenset(_KNOWN["codes"].split())
"""ISO 4217, in lower case."""

MARKS: dict[str, frozenset[str]] = {
    **{code: frozenset({code}) for code in CODES},
    **{mark: frozenset(codes.split()) for mark, codes in _KNOWN["shared"].items()},
    **{mark: frozenset({code}) for code, marks in _KNOWN["own"].items() for mark in marks.split()},
}
"""Every mark, name and code in lower case -> the codes it may stand for."""

_FURTHER = {
    name.replace("_", " "): frozenset({code}) for code, names in _KNOWN["names"].items() for name in names.split()
}
NAMES = {name: MARKS.get(name, frozenset()) | _FURTHER.get(name, frozenset()) for name in (*MARKS, *_FURTHER)}
"""Further names as well, which may stand in a column of currencies."""

PATTERN = "|".join(re.escape(mark) for mark in sorted(MARKS, key=len, reverse=True))
_BEFORE = re.compile(rf"^(?:(?:{PATTERN})(?![a-zł])|r(?=[\s\d]))")
_AFTER = re.compile(rf"(?:{PATTERN})$")


def split(text: str) -> tuple[str, str]:
    """Take one currency from the begin or the end of a cell in lower case; return the rest and the mark, or ''."""
    if found := _BEFORE.search(text):
        return text[found.end() :].lstrip(), found[0]
    if found := _AFTER.search(text):
        return text[: found.start()].rstrip(), found[0]
    return text, ""


def fits(mark: str, currency: str) -> bool:
    """Tell whether a mark may stand for a currency, given by its code; every mark fits where none is given."""
    own = {"rmb": "cny"}.get(currency.lower(), currency.lower())
    return not own or own in MARKS.get(mark, frozenset({"zar"}) if mark == "r" else frozenset())
