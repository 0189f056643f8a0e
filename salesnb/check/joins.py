"""What other files hold of the rows of one: found by columns whose values are keys there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from salesnb.check.profiles import Profile
from salesnb.check.roles import Held, Role, role
from salesnb.data.cells import headers

_OVERLAP = 0.8
"""A column refers to another file if at least this share of its rows holds keys of that."""

_MEMBERS = 2
"""A key with fewer values than this tells nothing."""


@dataclass(frozen=True)
class Link:
    """A lookup: ``on`` a header of the file and one of the other, columns to ``take``, share of rows that are known."""

    other: Held
    on: tuple[str, str]
    take: dict[str, str]
    known: float


@dataclass(frozen=True)
class Respelled:
    """Values of a column that another table spells otherwise, with the rows that hold them."""

    column: str
    meant: dict[str, tuple[str, int]]


def links(main: Role, others: Sequence[Held], wanted: Collection[str]) -> Iterator[Link]:
    """Yield lookups that give columns which a table's file lacks.

    Parameters
    ----------
    main
        The file that lacks them.
    others
        Files that are no tables themselves.
    wanted
        The columns that are worth taking.
    """
    left = [c for c in wanted if c not in main.columns]
    for other in others:
        offered = {c: h for c, h in role(other, main.table).columns.items() if c in left}
        for key in other.profiles:
            take = {c: h for c, h in offered.items() if h != key.header and _told_by(other, key, h)}
            best = max(((_known(own, key), own) for own in main.held.profiles), key=lambda b: b[0], default=None)
            if take and best and best[0] >= _OVERLAP and len(key.counts) >= _MEMBERS:
                left = [c for c in left if c not in take]
                yield Link(other, (best[1].header, key.header), take, best[0])
                break


def _known(own: Profile, key: Profile) -> float:
    if own.numbers >= 0.9 or own.dates >= 0.9 or not own.filled:
        return 0.0
    return sum(rows for word, rows in own.counts.items() if word in key.counts) / own.filled


def _told_by(other: Held, key: Profile, header: str) -> bool:
    """Whether each value of a key stands with one value of a column only: else a join would be a guess."""
    if key.filled < key.rows:
        return False
    place = other.profile(header).place
    pairs = other.rows.group_by([str(key.place), str(place)]).aggregate([])
    return pairs.num_rows == len(key.counts)


def respelled(main: Role, known: Role, column: str) -> Respelled | None:
    """Return values that the table which names them all spells otherwise: by case, blanks or marks only."""
    own, theirs = main.profile(column), known.profile(column)
    if own is None or theirs is None:
        return None
    by_form: dict[str, list[str]] = {}
    for word in theirs.counts:
        by_form.setdefault(headers.normal(word), []).append(word)
    meant = {
        word: (by_form[headers.normal(word)][0], rows)
        for word, rows in own.counts.items()
        if word not in theirs.counts and len(by_form.get(headers.normal(word), ())) == 1
    }
    return Respelled(column, meant) if meant else None


def shared_names(made: Role) -> tuple[Profile, Profile] | None:
    """Return the columns of customers' ids and names where one name belongs to several ids; None else."""
    name = made.profile("customer")
    if name is None:
        return None
    for key in made.held.profiles:
        if not _is_id_of_customers(key) or len(key.counts) <= len(name.counts):
            continue
        pairs = made.held.rows.group_by([str(key.place), str(name.place)]).aggregate([])
        filled = pairs.filter(pc.not_equal(pc.utf8_trim_whitespace(pairs.column(str(key.place))), ""))
        if filled.num_rows == len(key.counts):
            return key, name
    return None


def _is_id_of_customers(profile: Profile) -> bool:
    form = headers.normal(profile.header)
    return form in {"客户id", "客户编号", "客户编码", "客户代码", "customerid", "customerno", "accountid", "clientid"}
