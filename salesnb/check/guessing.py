"""Which column of a table an unknown header may be, by its words and by what the column holds."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from typing import Any

from salesnb.check.profiles import Profile
from salesnb.data.cells import headers
from salesnb.schema import Column, Table

STRONG = 0.7
"""From this likeness on a guess stands in a draft; below it, only as a line to uncomment."""

_WEAK = 0.6
_FITS = 0.9
_BRACKETS = re.compile(r"\s*[(\[（【][^)\]）】]*[)\]）】]\s*$")
_CODED = re.compile(r"(?:id|no|code|编号|编码|代码)$")
_NUMERIC = frozenset({"money", "quantity", "count", "rate", "measure"})


@dataclass(frozen=True)
class Guess:
    """A header that may be a column: how like it is, and the known spelling that it is like."""

    column: str
    profile: Profile
    likeness: float
    spelling: str
    held: str = ""
    """What its values are: ``dates``, ``numbers`` or nothing that says more."""


@cache
def likely() -> Mapping[str, Any]:
    """Return the words that make a meaning likely."""
    source = resources.files(__package__).joinpath("likely.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def guesses(table: Table, found: Sequence[Profile], have: Collection[str]) -> list[Guess]:
    """Return the likeliest header for each column that a table lacks, each header once, the best first.

    Parameters
    ----------
    table
        The table.
    found
        The columns of the file that nothing else uses.
    have
        Columns that are provided already.
    """
    scored = sorted(_scored(table, found, have), key=lambda g: (-g.likeness, g.profile.place))
    best: list[Guess] = []
    for guess in scored:
        if not any(g.column == guess.column or g.profile.place == guess.profile.place for g in best):
            best.append(guess)
    return best


def _scored(table: Table, found: Sequence[Profile], have: Collection[str]) -> Iterator[Guess]:
    for column in table.columns.values():
        if column.name in have:
            continue
        for profile in found:
            likeness, spelling = _likeness(column, profile.header)
            fit = fits(column, profile)
            if likeness * fit >= _WEAK:
                yield Guess(column.name, profile, likeness * fit, spelling, _held(column))


def _held(column: Column) -> str:
    return "dates" if column.type in {"date", "datetime"} else "numbers" if column.type in _NUMERIC else ""


def fits(column: Column, profile: Profile) -> float:
    """Return 1 where a column's values are of the type wanted, less where they may be, 0 where they are not."""
    if not profile.filled:
        return 0.6
    if column.type in {"date", "datetime"}:
        return 1.0 if profile.dates >= _FITS else 0.0
    if column.type in _NUMERIC:
        return 1.0 if profile.numbers >= _FITS else 0.0
    if column.type == "id":
        return 0.0 if profile.dates >= _FITS else 1.0
    if column.dimension and not column.holds and len(profile.counts) < 2 <= profile.rows:
        return 0.0  # nothing can be broken down by one value
    if column.type in {"text", "choice", "bool"}:
        told = profile.dates < 0.5 and (profile.numbers < _FITS or _CODED.search(headers.normal(profile.header)))
        return 1.0 if told else 0.0
    return 1.0


def _likeness(column: Column, header: str) -> tuple[float, str]:
    own = headers.normal(header)
    bare = headers.normal(_BRACKETS.sub("", header)) or own
    best = (0.0, "")
    if any(word in bare for word in likely()["never"].get(column.name, ())):
        return best
    for spelling in column.headers:
        known = headers.normal(spelling)
        best = max(best, (_alike(bare, known, own == known), spelling))
    for word in likely()["columns"].get(column.name, ()):
        known = headers.normal(word)
        best = max(best, (0.85 if bare == known else 0.92 * _alike(bare, known, False), word))
    return best


def _alike(header: str, known: str, same: bool) -> float:
    if header == known:
        return 1.0 if same else 0.95
    if len(known) > 1 and known in header:
        return 0.6 + 0.35 * len(known) / len(header)
    if len(header) > 1 and header in known and 2 * len(header) >= len(known):
        return 0.4 + 0.4 * len(header) / len(known)
    ratio = SequenceMatcher(None, header, known).ratio()
    return 0.9 * ratio if ratio > 0.75 else 0.0


def status_guess(table: str, word: str) -> str:
    """Return the status that a value most likely means, ``skip`` for what is no order or deal; empty: nothing tells."""
    known = likely().get(table, {})
    plain = _words(word)
    for exact in (True, False):
        for code, words in known.items():
            if any(plain == w if exact else _within(w, plain) for w in words):
                return str(code)
    return ""


def choice_guess(column: Column, word: str) -> str:
    """Return the only choice of which a spelling stands within a value: ``Phone call`` is a call; empty for none."""
    plain = _words(word)
    codes = {code for code, spelled in column.values.items() if any(_within(s.casefold(), plain) for s in spelled)}
    return codes.pop() if len(codes) == 1 else ""


def _words(value: str) -> str:
    return " ".join(re.split(r"[\W_]+", value.casefold())).strip()


def _within(word: str, text: str) -> bool:
    return word in text if not word.isascii() else f" {word} " in f" {text} "
