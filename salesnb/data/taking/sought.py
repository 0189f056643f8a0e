"""Values that settings name, held against those that the files hold: a slip of the pen must not pass in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from salesnb.data.cells import values
from salesnb.data.reading.remarks import Remark
from salesnb.errors import nearest

_KEPT = 5_000
"""So many different values of a column are kept, to name the nearest."""


def trimmed(written: str) -> str:
    """Return a value as texts are compared: without blanks around it."""
    return written.strip(values.BLANKS)


@dataclass
class Sought:
    """Values of one column that settings name; ``alike`` gives the form in which they are compared.

    A blank may be missing from any month's file: it is not sought.
    """

    code: str
    column: str
    wanted: Sequence[str]
    alike: Callable[[str], str] = trimmed
    found: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def see(self, words: Iterable[str | None]) -> None:
        """Take note of values that a file holds."""
        sought = {self.alike(w) for w in self.wanted}
        for word in words:
            if word and (alike := self.alike(word)):
                if alike in sought:
                    self.found[alike] = trimmed(word)
                elif len(self.held) < _KEPT:
                    self.held.add(trimmed(word))

    @property
    def missed(self) -> list[str]:
        """The values that no row held."""
        return [w for w in self.wanted if self.alike(w) and self.alike(w) not in self.found]


def remarks(table: str, sought: Iterable[Sought]) -> Iterator[Remark]:
    """Yield one remark per column for the values that no file of a table holds, with the nearest that they hold."""
    merged: dict[tuple[str, str], Sought] = {}
    for one in sought:
        whole = merged.setdefault((one.code, one.column), Sought(one.code, one.column, one.wanted, one.alike))
        whole.found.update(one.found)
        whole.held |= one.held
    for whole in merged.values():
        if whole.missed:
            held = sorted({*whole.held, *whole.found.values()})
            told = [f"{w} (≈ {near})" if (near := nearest(w, held)) != "-" else w for w in whole.missed]
            yield Remark(whole.code, table, column=whole.column, value=", ".join(told))
