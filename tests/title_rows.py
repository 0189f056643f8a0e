"""The plain rows that an output carries, asked for by what a place in a sentence means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Rows:
    """The rows of one output by column."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self.finding = plain["finding"]
        self.chart = plain["chart"] or {"form": "", "columns": {}}
        self.kinds = {c["name"]: c["kind"] for c in plain["columns"]}
        self._units = {c["name"]: c.get("unit", "") for c in plain["columns"]}
        names = list(self.kinds)
        self.rows = [dict(zip(names, row, strict=True)) for row in plain["rows"]]

    def unit(self, column: str, place: int) -> str:
        unit = self._units[column]
        return unit[place] if isinstance(unit, list) else unit

    def where(self, fits: Callable[[dict[str, Any]], bool]) -> list[int]:
        return [i for i, row in enumerate(self.rows) if fits(row)]

    def blank(self) -> list[int]:
        """Rows without any member: the whole."""
        keys = [c for c, kind in self.kinds.items() if kind == "dimension"]
        return self.where(lambda row: not any(row[k] for k in keys))

    def members(self) -> list[int]:
        """Rows of the innermost level: all dimensions that any row uses are filled."""
        # A problem told beside the reps is none of them.
        beside = self.finding == "diagnosis.attainment"
        own = [r for r in self.rows if not (beside and r.get("problem"))]
        keys = [c for c, kind in self.kinds.items() if kind == "dimension" and any(r[c] for r in own)]
        return self.where(lambda row: all(row[k] for k in keys) and bool(keys))

    def extreme(
        self, places: Iterable[int], column: str | Callable[[dict[str, Any]], float | None], best: Any
    ) -> list[int]:
        """All places that share the lowest (`min`) or highest (`max`) value."""
        take = column if callable(column) else lambda row: row[column]
        known = {i: v for i in places if (v := take(self.rows[i])) is not None}
        if not known:
            return []
        goal = best(known.values())
        return [i for i, v in known.items() if v == goal]


Rule = Callable[[Rows, str], list[int]]
