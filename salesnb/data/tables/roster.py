"""Who was where, when: team, manager and region of a rep on a day; and who answers for a slice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.scope import WHOLE_COMPANY

PLACES = ("team", "manager", "region")
_SPAN = 1 << 22
_FIRST, _LAST = 0, _SPAN - 1
_SHIFT = 1 << 20  # so that days before 1970 stay positive


@dataclass(frozen=True)
class Roster:
    """The stretches of time of each rep, sorted; a stretch ends where the rep's next one begins.

    ``starts`` and ``ends`` count days, the rep's number above them, so that one search finds rep and day.
    """

    reps: pa.Array
    starts: np.ndarray
    ends: np.ndarray
    places: pa.Table

    @property
    def teams(self) -> list[str]:
        """Names of all teams that the roster knows."""
        return sorted({t for t in self.places.column("team").to_pylist() if t})

    def known(self, reps: pa.Array) -> pa.Array:
        """Tell for each rep whether the roster has the name at all."""
        return pc.is_in(reps, value_set=self.reps)

    def at(self, reps: pa.Array, days: pa.Array, otherwise: date) -> dict[str, pa.Array]:
        """Return team, manager and region of each rep on each day; null where the roster says nothing.

        Parameters
        ----------
        reps, days
            Names, and dates of the same length.
        otherwise
            The day that a missing date stands for.
        """
        code = np.asarray(pc.fill_null(pc.index_in(reps, value_set=self.reps), -1)).astype(np.int64)
        filled = pc.fill_null(days, pa.scalar(otherwise, pa.date32())).cast(pa.int32())
        wanted = code * _SPAN + np.asarray(filled).astype(np.int64) + _SHIFT
        row = np.searchsorted(self.starts, wanted, side="right") - 1
        inside = (row >= 0) & (code >= 0)
        inside &= np.where(inside, self.ends[np.maximum(row, 0)] >= wanted, False) if len(self.ends) else False
        where = pa.array(np.where(inside, row, 0), pa.int64(), mask=~inside)
        return {place: self.places.column(place).combine_chunks().take(where) for place in PLACES}


def closed(table: pa.Table) -> pa.Table:
    """Return the table ``reps`` with each stretch ending, at the latest, on the day before the rep's next one.

    Files often say only when a stretch begins. Whoever sees a part of the roster, as a team does, could not tell
    that the rep has gone elsewhere.
    """
    reps = table.column("rep").to_pylist()
    starts = [_day(on, _FIRST) for on in table.column("valid_from").to_pylist()]
    ends = [_day(on, _LAST) for on in table.column("valid_to").to_pylist()]
    order = sorted(range(len(reps)), key=lambda i: (reps[i], starts[i]))
    for one, following in pairwise(order):
        if reps[one] == reps[following]:
            ends[one] = min(ends[one], starts[following] - 1)
    days = pa.array([None if end == _LAST else end - _SHIFT for end in ends], pa.int32()).cast(pa.date32())
    return table.set_column(table.schema.get_field_index("valid_to"), "valid_to", days)


def make(table: pa.Table) -> Roster:
    """Make a roster from the clean table ``reps``."""
    rows = sorted(
        table.select(["rep", *PLACES, "valid_from", "valid_to"]).to_pylist(),
        key=lambda r: (r["rep"], _day(r["valid_from"], _FIRST)),
    )
    names = sorted({r["rep"] for r in rows})
    number = {name: i for i, name in enumerate(names)}
    starts = [number[r["rep"]] * _SPAN + _day(r["valid_from"], _FIRST) for r in rows]
    ends = [number[r["rep"]] * _SPAN + _day(r["valid_to"], _LAST) for r in rows]
    for i in range(len(rows) - 1):
        if rows[i]["rep"] == rows[i + 1]["rep"]:
            ends[i] = min(ends[i], starts[i + 1] - 1)
    places = pa.table({p: pa.array([r[p] for r in rows], pa.string()) for p in PLACES})
    return Roster(
        pa.array(names, pa.string()), np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64), places
    )


def _day(on: date | None, otherwise: int) -> int:
    return otherwise if on is None else on.toordinal() - date(1970, 1, 1).toordinal() + _SHIFT


# -- who answers for a slice, by the roster of the day


TO_BE_NAMED = "to_be_named"


def owner(role: str, where: Mapping[str, str], team: str, roster: pd.DataFrame) -> str:
    """Return the person who plays a role for a slice.

    Parameters
    ----------
    role
        ``rep``, ``manager``, ``team_lead`` or ``head_of_sales``.
    where
        The problem's dimensions. A rep's own problem is the rep's; else it is the manager's of its team or region.
    team
        The scope's team.
    roster
        Roster rows of the day, as `on_day` gives them.

    Returns
    -------
    str
        A name; ``head_of_sales`` where the slice spans several managers; ``to_be_named`` where the roster names
        nobody.
    """
    rep = where.get("rep", "")
    if role == "rep" and rep:
        return rep
    rows = roster
    named = {d: where.get(d, "") for d in ("rep", "team", "region")}
    if not named["team"] and team != WHOLE_COMPANY:
        named["team"] = team
    for column, value in named.items():
        if value:
            rows = rows[rows[column] == value]
    managers = sorted(set(rows["manager"]) - {""})
    if len(managers) == 1 and role != "head_of_sales":
        return managers[0]
    return "head_of_sales" if len(managers) > 1 or role == "head_of_sales" else TO_BE_NAMED


def on_day(roster: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return who was where on a day: ``rep``, ``team``, ``manager``, ``region``, blanks for what is not known."""
    at = pd.Timestamp(day)
    begun = roster["valid_from"].isna() | (roster["valid_from"] <= at)
    going = roster["valid_to"].isna() | (roster["valid_to"] >= at)
    columns = ["rep", "team", "manager", "region"]
    return roster.loc[begun & going, columns].fillna("").astype("str")
