"""What stands for a name where an audience may not read it: 张* for 张伟, C*** W*** for Chen Wei.

A mask shows an initial or two and nothing of the length. Names that would look alike are told apart by a number, in
the order in which they are first seen in the data: a name keeps its mask when others come, and the number tells
nothing of the name.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from salesnb.data.masks.known_names import NAMED
from salesnb.data.masks.mentions import RUNNING, Mentions, words_of
from salesnb.data.taking import names

UNSEEN = "***"
"""Stands for a raw value, which may hold anything."""

_WORDS = 2
"""Initials of a mask: more would give a long name away."""


@dataclass(frozen=True)
class Masks:
    """The masks of names that an audience may not read, by ``customer`` and ``person``; a sort that it may has none."""

    by_name: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def hide(self, holds: str) -> bool:
        """Tell whether names of this sort are masked."""
        return holds in self.by_name

    def of(self, holds: str, name: str) -> str:
        """Return what stands for a name; a name that is not known keeps nothing of itself."""
        masked = self.by_name.get(holds)
        return name if masked is None or name == "" else masked.get(name, UNSEEN)

    def within(self, text: str) -> str:
        """Return a text with every masked name that it mentions masked."""
        return self._mentions.replaced(text) if self.by_name else text

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions({n: m for holds in reversed(NAMED) for n, m in self.by_name.get(holds, {}).items()})


def masks(known: Iterable[tuple[str, str, date | None]], hidden: Iterable[str]) -> Masks:
    """Make the masks of all known names.

    Parameters
    ----------
    known
        Whose each name is (``customer``, ``person``), the name, and the day it was first seen, None where no row with a
        date has it.
    hidden
        The sorts to mask.
    """
    found: dict[str, dict[str, str]] = {holds: {} for holds in hidden}
    taken: dict[tuple[str, str], int] = {}
    for holds, name, _ in sorted(known, key=_by_first_day):
        if holds not in found:
            continue
        plain = mask(name)
        number = taken[holds, plain] = taken.get((holds, plain), 0) + 1
        found[holds][name] = plain if number == 1 else f"{plain}·{number}"
    return Masks(found)


def mask(name: str) -> str:
    """Return the mask of one name, without a number: a family name or the initials, legal forms left out."""
    words = names.name(name).words or tuple(words_of(name))
    initials = [word[0] for word in words[:_WORDS]]
    if len("".join(words)) <= len(initials):  # the initials would be all of it
        return "*"
    if RUNNING.match(initials[0]):
        return f"{initials[0]}*"
    return " ".join(f"{initial.upper()[0]}***" for initial in initials)


def _by_first_day(known: tuple[str, str, date | None]) -> tuple[bool, date, bytes]:
    """Order by the day; among names of one day, or of none, by a hash: not as they are spelled."""
    _, name, day = known
    return day is None, day or date.min, hashlib.sha256(name.encode()).digest()
