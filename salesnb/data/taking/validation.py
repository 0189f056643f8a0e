"""Rows held against the schema, batch by batch: which are clean, which are not and why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb import words
from salesnb.data.cells import values
from salesnb.data.cells.currencies import CurrencyColumn
from salesnb.data.cells.numbers import MONEY_LIMIT
from salesnb.data.cells.units import Unit
from salesnb.data.reading.remarks import Remark
from salesnb.data.reading.sheets import Batch
from salesnb.data.taking import notation
from salesnb.data.taking.mapping import Plan
from salesnb.data.taking.notation import DATES, NUMBERS, Evidence, Notation
from salesnb.data.taking.parsing import ARROW, Begun, Parser, choices
from salesnb.data.taking.shaping import is_total, looks_total
from salesnb.metrics import metrics
from salesnb.schema import Column, Table

ROW = "_row"
"""Column of the staged tables: the position of the source row among all rows of the table's files."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell."""

    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Checked:
    """A batch after validation.

    ``clean`` has all columns of the schema for the good rows (more than one row each where columns were melted)
    and, as ``_row``, their position in the batch; ``faults`` maps positions of bad rows to what is wrong, ``aside``
    has what could be read of these.
    """

    clean: pa.Table
    faults: Mapping[int, list[Fault]]
    aside: pa.Table


Looked = tuple[str, Parser, Begun]
"""Cells that were looked at, with their header and parser."""


@dataclass
class Validator:
    """Parses and checks the batches of one file; counts the spellings of choices, keeps remarks on its columns.

    ``notations`` are those of its columns where they are known; without them the first batch tells, and what all
    batches tell (`evidence`) may differ.
    """

    plan: Plan
    period_names: frozenset[str] = frozenset()
    currency: str = ""
    notations: Mapping[str, Notation] = field(default_factory=dict)
    spellings: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: list[Remark] = field(default_factory=list)
    _parsers: dict[tuple[str, Unit], Parser] = field(default_factory=dict)
    _named: CurrencyColumn | None = None

    def check(self, batch: Batch) -> Checked:
        """Parse and check one batch."""
        texts = self.plan.columns(batch)
        faults: dict[int, list[Fault]] = {}
        wide = self.plan.source.wide
        melted = {wide.into, wide.value} if wide else set()
        begun = self._begun(batch, texts)
        cells = [self._begun_cells(batch, place) for place, _ in self.plan.wide]
        self._tell()
        clean = {
            c.name: self._column(
                c, begun.get(c.name, []), batch, faults, required=c.name in self.plan.provided and c.name not in melted
            )
            for c in self.plan.table.columns.values()
        }
        parts = list(self._cells(batch, cells, faults)) if wide else []
        self._currency(texts, faults)
        self._units(clean, faults)
        self._totals(texts, clean, faults)
        self._headers(texts, faults)
        good = np.ones(len(batch.rows), dtype=bool)
        good[list(faults)] = False
        self._count_spellings(texts, clean, good)
        table = pa.table({**clean, ROW: pa.array(np.arange(len(batch.rows)), pa.int64())}, schema(self.plan.table))
        if wide:
            table = _melted(table, parts, wide.into, wide.value, bare=self.plan.table.name == "opportunities")
        mask = pa.array(good) if not wide else pc.take(pa.array(good), table.column(ROW)).combine_chunks()
        if good.all():
            return Checked(table, faults, table.slice(0, 0))
        return Checked(table.filter(mask), faults, table.filter(pc.invert(mask)))

    # -- one column

    def parser(self, column: Column, header: str = "") -> Parser:
        """Return the parser of a column, one for all batches of the file; of one of several, by its header's unit."""
        source, unit = self.plan.source, self.plan.unit(column.name, header)
        if (key := (column.name, unit)) not in self._parsers:
            self._parsers[key] = Parser(
                column,
                choices(column, source.values.get(column.name, {})),
                unit.factor,
                self.period_names,
                metric_names() if column.name == "metric" else {},
                strict=self.plan.table.name == "targets",
                currency=self.currency,
                notation=self.notations.get(column.name, Notation()),
            )
        return self._parsers[key]

    def evidence(self) -> dict[str, Evidence]:
        """Return what the cells of all batches so far prove, by column."""
        found: dict[str, Evidence] = {}
        for (name, _), parser in self._parsers.items():
            if parser.column.type in NUMBERS | DATES:
                found[name] = found[name] + parser.evidence if name in found else parser.evidence
        return found

    def _begun(self, batch: Batch, texts: Mapping[str, pa.Array]) -> dict[str, list[Looked]]:
        """Look at the cells of each column, of the several that one adds up apart."""
        begun = {}
        for column in self.plan.table.columns.values():
            if (parts := self.plan.added(column.name, batch)) is not None:
                begun[column.name] = [(h, p := self.parser(column, h), p.begin(cells)) for h, cells in parts]
            elif column.name in texts:
                parser = self.parser(column)
                begun[column.name] = [(self.plan.header(column.name), parser, parser.begin(texts[column.name]))]
        return begun

    def _tell(self) -> None:
        """Read by what the first batch tells, where nothing is known yet."""
        if self.notations:
            return
        told = notation.told(self.plan.table.columns, self.plan.source, self.evidence())
        self.notations = {n: t if isinstance(t, Notation) else Notation() for n, t in told.items()}
        for (name, _), parser in self._parsers.items():
            if name in self.notations:
                parser.judged(self.notations[name])

    def _column(
        self, column: Column, begun: list[Looked], batch: Batch, faults: dict[int, list[Fault]], required: bool
    ) -> pa.Array:
        if not begun:
            result = pa.nulls(len(batch.rows), ARROW[column.type])
        elif len(begun) == 1:
            result = _finished(begun[0], faults)
        else:
            result = self._added(column, begun, faults)
        if column.default is not None and result.null_count:
            result = self._defaulted(column, result, faults)
        if column.required and required and result.null_count:
            self._missing(column, result, faults)
        return result

    def _added(self, column: Column, parts: list[Looked], faults: dict[int, list[Fault]]) -> pa.Array:
        """Add up the numbers of several columns; a blank adds nothing, blanks alone are a blank."""
        total, *others = (_finished(part, faults) for part in parts)
        for other in others:
            both = pc.add(*(pc.cast(part, pa.float64(), safe=False) for part in (total, other)))
            huge = pc.fill_null(pc.greater(pc.abs(both), float(MONEY_LIMIT)), False)
            for position in np.flatnonzero(np.asarray(huge)).tolist():
                shown = ", ".join(begun.cells[position].as_py() or "" for _, _, begun in parts)
                fault = Fault(self.plan.header(column.name), shown, "amount_too_large")
                faults.setdefault(position, []).append(fault)
            total = pc.coalesce(pc.if_else(huge, None, pc.add(total, other)), total, other)
        return total

    def _defaulted(self, column: Column, result: pa.Array, faults: Mapping[int, list[Fault]]) -> pa.Array:
        default = self.parser(column).parse(pa.array([column.default], pa.string())).values[0]
        return pc.fill_null(result, default)

    def _missing(self, column: Column, result: pa.Array, faults: dict[int, list[Fault]]) -> None:
        header = self.plan.header(column.name)
        for position in np.flatnonzero(np.asarray(pc.is_null(result))).tolist():
            if not any(f.column == header for f in faults.get(position, ())):
                faults.setdefault(position, []).append(Fault(header, "", "missing_value"))

    # -- rows of another currency

    def _currency(self, texts: Mapping[str, pa.Array], faults: dict[int, list[Fault]]) -> None:
        """Mark rows whose currency is not the company's: amounts of two currencies are no sum."""
        if "currency" not in texts or not self.currency:
            return
        if self._named is None:
            self._named = CurrencyColumn(self.currency, self.plan.header("currency"))
        for position, written in self._named.foreign(texts["currency"]).items():
            faults.setdefault(position, []).insert(0, Fault(self._named.header, written, "other_currency"))

    def _units(self, clean: Mapping[str, pa.Array], faults: dict[int, list[Fault]]) -> None:
        """Mark targets of no money in a file whose amounts are in thousands or the like: it may not be theirs."""
        if "metric" not in self.plan.provided or "amount" not in self.plan.table.columns:
            return
        wide = [self.plan.sheet.headers[place] for place, _ in self.plan.wide]
        factors = {self.plan.unit("amount", header).factor for header in wide or [""]} - {1, Decimal("0.01")}
        if not factors or "amount" in self.plan.source.units:
            return
        in_money = [id for id, figure in metrics().items() if figure.unit == "money"]
        other = pc.invert(pc.is_in(clean["metric"], value_set=pa.array(in_money)))
        for position in np.flatnonzero(np.asarray(pc.fill_null(other, False))).tolist():
            fault = Fault(self.plan.header("metric"), clean["metric"][position].as_py(), "unit_of_money")
            faults.setdefault(position, []).append(fault)

    def told(self) -> Iterator[Remark]:
        """Yield what is to be told of the file once all its batches were checked."""
        yield from self.remarks
        for (name, _), parser in self._parsers.items():
            yield from parser.ids.told(self.plan.table.name, self.plan.sheet.name, self.plan.header(name))
        if self._named and all(self._named.rows[k] for k in ("blank", "filled")):
            yield Remark(
                "currency_blank", self.plan.table.name, self.plan.sheet.name, self._named.header,
                self.currency, self._named.rows["blank"],
            )  # fmt: skip

    # -- wide tables

    def _begun_cells(self, batch: Batch, place: int) -> Looked:
        wide = self.plan.source.wide
        assert wide is not None
        header = self.plan.sheet.headers[place]
        parser = self.parser(self.plan.table.columns[wide.value], header)
        cells = self.plan.replaced(wide.value, batch.columns.column(str(place)).combine_chunks())
        return header, parser, parser.begin(cells)

    def _cells(
        self, batch: Batch, begun: Sequence[Looked], faults: dict[int, list[Fault]]
    ) -> Iterator[tuple[str | pa.Array | None, pa.Array]]:
        wide = self.plan.source.wide
        assert wide is not None
        names = self.parser(self.plan.table.columns[wide.into])
        for (_, written), looked in zip(self.plan.wide, begun, strict=True):
            yield self._period(names, batch, written, faults), _finished(looked, faults)

    def _period(
        self, names: Parser, batch: Batch, written: str, faults: dict[int, list[Fault]]
    ) -> str | pa.Array | None:
        """Return what a melted header stands for: one value, or beside a year one for each row."""
        year = self.plan.year
        if year is None:
            return names.parse(pa.array([written], pa.string())).values[0].as_py()
        found = names.parse(year.periods(batch, written)).values
        for position in np.flatnonzero(np.asarray(pc.is_null(found))).tolist():
            shown = year.cells(batch)[position].as_py()
            header = self.plan.source.wide.year if self.plan.source.wide else ""
            fault = Fault(header, shown, "period_unreadable" if shown else "missing_value")
            if fault not in faults.get(position, ()):
                faults.setdefault(position, []).append(fault)
        return found

    # -- totals rows

    def _totals(
        self, texts: Mapping[str, pa.Array], clean: Mapping[str, pa.Array], faults: dict[int, list[Fault]]
    ) -> None:
        """Mark rows that sum up others: a word like 合计 in a cell, and no id or date of their own."""
        columns = self.plan.table.columns.values()
        named = [c.name for c in columns if c.type in {"id", "text", "period", "date"} and c.name in texts]
        anchors = [c.name for c in columns if c.required and c.type in {"id", "date"}]
        ids = [c.name for c in columns if c.required and c.type == "id" and c.name in texts]
        searched = set(faults)
        for name in ids if anchors else named:
            searched |= set(np.flatnonzero(np.asarray(looks_total(texts[name]))).tolist())
        for position in searched:
            cells = {name: texts[name][position].as_py() for name in named}
            hit = next((n for n in named if is_total(cells[n])), None)
            if hit is None:
                continue
            anchored = anchors and all(clean[a][position].is_valid and not is_total(cells.get(a, "")) for a in anchors)
            if not anchored:
                faults[position] = [Fault(self.plan.header(hit), cells[hit], "totals_row")]

    def _headers(self, texts: Mapping[str, pa.Array], faults: dict[int, list[Fault]]) -> None:
        """Mark rows that repeat the header, as files do that were put together from several."""
        headed = {n: h for n in texts if n in self.plan.provided and (h := self.plan.header(n))}
        if not headed:
            return
        first = min(headed)
        again = pc.equal(pc.utf8_trim(texts[first], values.BLANKS), headed[first])
        for position in np.flatnonzero(np.asarray(pc.fill_null(again, False))).tolist():
            if all((texts[n][position].as_py() or "").strip(values.BLANKS) == h for n, h in headed.items()):
                faults[position] = [Fault(headed[first], headed[first], "header_again")]

    def _count_spellings(self, texts: Mapping[str, pa.Array], clean: Mapping[str, pa.Array], good: np.ndarray) -> None:
        if "status" not in texts or self.plan.table.columns["status"].type != "choice":
            return
        pairs = pa.table({"spelling": pc.utf8_trim(texts["status"], values.BLANKS), "code": clean["status"]})
        counted = pairs.filter(pa.array(good)).group_by(["spelling", "code"]).aggregate([([], "count_all")])
        for row in counted.to_pylist():
            self.spellings[row["spelling"], row["code"]] += row["count_all"]


def _finished(looked: Looked, faults: dict[int, list[Fault]]) -> pa.Array:
    """Read cells that were looked at; note those that cannot be read."""
    header, parser, begun = looked
    parsed = parser.finish(begun)
    for position, reason in parsed.bad.items():
        faults.setdefault(position, []).append(Fault(header, begun.cells[position].as_py(), reason))
    return parsed.values


def schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a staged table: the canonical columns and the source row's position."""
    return pa.schema([*((c.name, ARROW[c.type]) for c in table.columns.values()), (ROW, pa.int64())])


def _melted(
    table: pa.Table, parts: list[tuple[str | pa.Array | None, pa.Array]], into: str, value: str, *, bare: bool
) -> pa.Table:
    """Make one row per filled cell, the cells of a source row one after the other.

    ``bare``: a row without any filled cell stays as one, without a value: a deal is one though nothing is priced.
    """
    made = []
    filled = np.zeros(table.num_rows, dtype=bool)
    kind = table.schema.field(into).type
    for name, cells in parts:
        names = name if isinstance(name, pa.Array) else pa.array([name] * len(cells), kind)
        part = table.set_column(table.schema.get_field_index(into), into, names)
        part = part.set_column(part.schema.get_field_index(value), value, cells)
        made.append(part.filter(pc.is_valid(cells)))
        filled |= np.asarray(pc.is_valid(cells))
    if bare and not filled.all():
        made.append(table.filter(pa.array(~filled)))
    return pa.concat_tables(made).sort_by(ROW) if made else table.slice(0, 0)


def metric_names() -> dict[str, str]:
    """Return the ids of all metrics by id and by name in either language; empty where there is no catalogue."""
    if "metrics" not in words.names():
        return {}
    known: dict[str, str] = {}
    for metric, entry in words.catalogue("metrics").items():
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, Mapping):
            known.update((values.plain(word), metric) for word in (metric, *name.values()))
    return known
