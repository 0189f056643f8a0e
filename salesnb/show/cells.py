"""What stands in each cell of a finding's table, decided once for every form: its text in a language, its number.

A table is made from rows as plain values (`salesnb.show.rows`): a page, which has the finding, and a workbook, which
has what its notebook carries, write the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from salesnb import words
from salesnb.findings.columns import DAYS, LABELS, column_of
from salesnb.show.numbers import NOT_AVAILABLE, Scale, currency_unit, figure, money_scale, short_month, unit_told
from salesnb.show.sentence import column_name, member

_SHARES = frozenset({"rate", "score"})
"""Units that are written in percent."""


@dataclass(frozen=True)
class Cell:
    """A cell: its text, for a figure without the unit that the head has; what it is made from, None for nothing.

    Kinds: a ``figure``; one that is ``absent`` or rests on too ``few`` cases, with ``why`` where it was asked for;
    ``text``, a ``day``, a ``light``; ``whole`` fills the blank head of a row.
    """

    kind: Literal["figure", "absent", "few", "text", "day", "light", "whole"]
    text: str = ""
    value: float | str | None = None
    unit: str = ""
    why: str = ""


@dataclass(frozen=True, eq=False)
class Column:
    """A column of figures or of text: its values, and the unit of its figures, one, or one a row where they differ."""

    place: int
    name: str
    is_figure: bool
    values: Sequence[Any]
    units: str | Sequence[str]

    @property
    def unit(self) -> str:
        """The unit of all its figures, which then stands in its head; blank where they differ."""
        return self.units if isinstance(self.units, str) else ""

    @property
    def numbers(self) -> list[float]:
        """Its figures, without their signs."""
        return [abs(v) for v in self.values if v is not None] if self.is_figure else []

    @cached_property
    def signed(self) -> bool:
        """Whether its figures wear a plus."""
        return column_of(self.name).signed

    @cached_property
    def digits(self) -> int | None:
        """The decimals of counts and the like, the same in all rows; None where rows measure different things."""
        if self.unit in {"", "money", *_SHARES}:
            return None
        if all(v == round(v) for v in self.numbers):
            return 0
        return 2 if max(self.numbers) < 10 else 1


class Table:
    """The table of a finding in one language, from its rows as plain values and the currency of its money."""

    def __init__(self, rows: Mapping[str, Any], currency: str, lang: str) -> None:
        self._rows, self._currency, self._lang = rows, currency, lang
        every = {c["name"]: self._column(i, c) for i, c in enumerate(rows["columns"])}
        self.columns = [every[name] for name in rows["shown"] if every[name].is_figure or any(every[name].values)]
        self.stub = next((i for i, c in enumerate(self.columns) if not c.is_figure), None)
        self._dimensions = [every[c["name"]] for c in rows["columns"] if c["kind"] == "dimension"]
        self._why = {(row, column): why for row, column, why in rows["absent"]}
        money = [v for c in self.columns if c.unit == "money" for v in c.numbers]
        self._scale = money_scale(max(money, default=0.0), lang)

    def _column(self, place: int, column: Mapping[str, Any]) -> Column:
        values = [row[place] for row in self._rows["rows"]]
        return Column(place, column["name"], column["kind"] == "figure", values, column.get("unit", ""))

    def head(self, column: Column) -> tuple[str, str]:
        """Return the name of a column and the unit of all its figures, blank where they have none or several."""
        name = column_name(_told_as(column), self._lang)
        if column.unit == "money":
            return name, currency_unit(self._currency, self._scale.letter, self._lang)
        unit = unit_text(column.unit, self._lang)
        return name, "" if unit_told(name, unit) else unit

    def body(self, positions: Iterable[int]) -> list[tuple[int, list[Cell]]]:
        """Return rows of the table with their positions.

        A row that has nothing in these columns was made for other figures and is left out: its head alone would say
        nothing. Blank heads of the others are filled: a blank dimension is all of it.
        """
        made = [(p, [self._cell(column, p) for column in self.columns]) for p in positions]
        beyond_head = slice(min(1, len(self.columns) - 1), None)
        told = [row for row in made if any(cell.text for cell in row[1][beyond_head])] or made
        if self.stub is not None:
            label = self.columns[self.stub].name in LABELS
            filler = NOT_AVAILABLE if label else words.text("show", "all_of_it", self._lang)
            for _, cells in told:
                cells[self.stub] = cells[self.stub] if cells[self.stub].text else Cell("whole", filler)
        return told

    def _cell(self, column: Column, position: int) -> Cell:
        value = column.values[position]
        if not column.is_figure:
            return self._text(column, position, value)
        if value is None:
            return self._absent(self._why.get((position, column.place), ""))
        unit, style = column.unit or column.units[position], "signed" if column.signed else ""
        if column.unit == "money":
            text = self._scale.write_apart(value, signed=column.signed)
        elif column.unit in {*_SHARES, "points"}:
            text = figure(value, "rate", self._lang, style).removesuffix("%")
        elif column.digits is None:
            text = figure(value, unit, self._lang, style)
        else:
            text = Scale(1.0, "", column.digits).write(value, signed=column.signed)
        return Cell("figure", text, value, unit)

    def _absent(self, why: str | int) -> Cell:
        if isinstance(why, int):
            text = words.text("show", "cases", self._lang, count=why)
            return Cell("few", text, why=words.text("reasons", "small_n", self._lang))
        if not why:
            return Cell("absent")
        return Cell("absent", NOT_AVAILABLE, why=words.text("reasons", why, self._lang))

    def _text(self, column: Column, position: int, value: str) -> Cell:
        if column.name == "light":
            code = value if words.has("show", f"light.{value}") else "none"
            return Cell("light", words.text("show", f"light.{code}", self._lang), value) if value else Cell("text")
        if value:
            kind: Literal["day", "text"] = "day" if column.name in DAYS else "text"
            return Cell(kind, member(column.name, value, self._lang), value)
        first = column in self._dimensions[:1]
        total = first and not any(d.values[position] for d in self._dimensions)
        return Cell("text", words.text("show", "total", self._lang) if total else "")


def _told_as(column: Column) -> str:
    """Return what a column is called: of quarters, years or weeks no month."""
    told = {short_month(v, "en") == v for v in column.values if v} if column.name == "month" else set()
    return "period" if True in told else column.name


def unit_text(unit: str, lang: str) -> str:
    """Return a unit that is no money as readers write it; blank where a figure needs none."""
    return words.text("show", f"unit.{unit}", lang) if unit and words.has("show", f"unit.{unit}") else ""
