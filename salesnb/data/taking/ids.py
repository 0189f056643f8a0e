"""Ids that a spreadsheet took for something else: exponents are refused, dates named, floats made whole again."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data.reading.remarks import Remark

_DESTROYED = r"^[+-]?\d(\.\d+)?[eE]\+?\d+$"
_FLOAT = r"^\d+\.0+$"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATE = (
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]00:00(:00)?(\.0+)?)?$"
    rf"|^\d{{1,2}}-{_MONTH}(-\d{{2}}|-\d{{4}})?$|^{_MONTH}-\d{{2}}(\d\d)?$|^(\d{{4}}年)?\d{{1,2}}月(\d{{1,2}}日)?$"
)
_ODD = f"{_DESTROYED}|{_FLOAT}|{_DATE}"


@dataclass
class Ids:
    """Reads the ids of one column, batch by batch; keeps how many look odd, with an example of each kind."""

    odd: dict[str, tuple[int, str]] = field(default_factory=dict)

    def read(self, cells: pa.Array) -> tuple[pa.Array, dict[int, str]]:
        """Return ids as they count and the positions of those that cannot be told any more.

        ``1001.0`` is ``1001`` where all ids are whole numbers.
        """
        if not pc.any(_fits(cells, _ODD)).as_py():
            return cells, {}
        lost = np.flatnonzero(_fits(cells, _DESTROYED))
        self._note("ids_as_dates", cells, _fits(cells, _DATE))
        floats = _fits(cells, _FLOAT)
        if pc.any(floats).as_py():
            whole = _fits(cells, r"^\d+$")
            if pc.any(pc.invert(pc.or_(floats, pc.is_null(cells)))).as_py():
                self._note("ids_as_floats", cells, floats)
            if pc.all(pc.or_kleene(pc.or_(floats, whole), pc.is_null(cells))).as_py():
                cells = pc.if_else(floats, pc.replace_substring_regex(cells, r"\.0+$", ""), cells)
        return cells, dict.fromkeys(lost.tolist(), "id_destroyed")

    def told(self, table: str, file: str, header: str) -> Iterator[Remark]:
        """Yield a remark for each kind of odd ids that a column of a file has."""
        for code, (rows, example) in self.odd.items():
            yield Remark(code, table, file, header, example, rows)

    def _note(self, code: str, cells: pa.Array, fit: pa.Array) -> None:
        if rows := pc.sum(fit).as_py():
            before, example = self.odd.get(code, (0, cells.filter(fit)[0].as_py()))
            self.odd[code] = (before + rows, example)


def _fits(cells: pa.Array, pattern: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(cells, pattern), False)
