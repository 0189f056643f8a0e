"""The targets table as a whole, once it is known whose each row is: rates, contradictions, levels, scale.

What is judged here needs all rows beside each other: `90` is a rate of 90 % where all of its figure are written so, two
rows may turn out to be of the same members, and a year of targets in thousands shows against what was sold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.calendar import Calendar, Period
from salesnb.data.reading.remarks import Remark
from salesnb.data.taking import duplicates
from salesnb.data.taking.mapping import Plan
from salesnb.data.taking.staging import Staged
from salesnb.data.taking.validation import ROW, Fault
from salesnb.errors import Problem, ScopeError, problem
from salesnb.metrics import metrics
from salesnb.schema import SCALE

_PERCENT = 1.5
"""A rate above this was meant in percent: nobody is asked for 150 %."""

_NEAR = 0.005
"""Parts that miss their whole by less than this share are rounded."""

_WRONG = 30.0
"""Sales so many times the target, or so small a part of it, all year round come from another unit."""

_UNITS = (100, 1_000, 10_000, 1_000_000)
_SOLD_BY = ("team", "rep", "region", "channel", "product_line", "customer_type")


@dataclass
class Sold:
    """What was sold by month and by the members that targets name, in 1/10,000."""

    by: tuple[str, ...]
    sums: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _parts: dict[tuple[bool, ...], dict[tuple[Any, ...], int]] = field(default_factory=dict)

    @classmethod
    def of_targets(cls, targets: pa.Table) -> Sold:
        """Return an empty record by what a table of targets names."""
        return cls(tuple(d for d in _SOLD_BY if targets.column(d).null_count < targets.num_rows))

    def note(self, columns: Mapping[str, pa.Array]) -> None:
        """Take in a batch of enriched orders."""
        day = columns["sales_date"]
        cells = {"year": pc.year(day), "month": pc.month(day), **{d: columns[d] for d in self.by}}
        rows = pa.table({**cells, "amount": columns["amount"]})
        added = rows.group_by([*cells]).aggregate([("amount", "sum")])
        for year, month, *members, amount in zip(*(c.to_pylist() for c in added.columns), strict=True):
            key = (year, month, *(m or "" for m in members))
            self.sums[key] = self.sums.get(key, 0) + (amount or 0)

    def of(self, row: Mapping[str, Any], period: Period) -> float:
        """Return what was sold of what a target names in the months of its period."""
        names = ["" if d == "team" and row["rep"] else row[d] or "" for d in self.by]
        pattern = tuple(name != "" for name in names)
        if pattern not in self._parts:
            found = self._parts[pattern] = {}
            for (year, month, *members), amount in self.sums.items():
                key = (year, month, *(m if given else "" for m, given in zip(members, pattern, strict=True)))
                found[key] = found.get(key, 0) + amount
        months = range(period.start.year * 12 + period.start.month - 1, period.end.year * 12 + period.end.month)
        return sum(self._parts[pattern].get((m // 12, m % 12 + 1, *names), 0) for m in months) / SCALE


def settled(rows: pa.Table, staged: Staged, calendar: Calendar, sold: Sold) -> pa.Table:
    """Return the enriched targets that count; set the others aside, and tell what must be known of them.

    Parameters
    ----------
    rows
        Enriched rows with their source positions.
    """
    made = [_Row(row, row.pop(ROW)) for row in rows.to_pylist()]
    kept = _once(_in_shares(made, staged), staged)
    staged.drop(sorted({r.position for r in made} - {r.position for r in kept}))
    told = [*_levels(kept, calendar), *_scale(kept, calendar, sold)]
    file = ", ".join(dict.fromkeys(ledger.file for ledger in staged.ledgers))
    staged.remarks += [Remark(code, "targets", file, "", value, count) for code, value, count in told]
    wanted = rows.drop_columns([ROW]).schema
    return pa.Table.from_pylist([r.cells for r in kept], wanted)


@dataclass
class _Row:
    cells: dict[str, Any]
    position: int

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(self.cells[d] or "" for d in _DIMENSIONS)

    @property
    def told(self) -> str:
        return " ".join(str(self.cells[c]) for c in ("period", "metric", *_DIMENSIONS) if self.cells[c])


_DIMENSIONS = (*_SOLD_BY, "customer", "product", "manager")


def _faulted(staged: Staged, row: _Row, reason: str, value: str) -> None:
    ledger, place = staged.place(row.position)
    ledger.faults.setdefault(place, []).append(Fault(_header(staged, "amount"), value, reason))


def _header(staged: Staged, column: str) -> str:
    return next((p.header(column) for p in staged.plans if column in p.provided), column)


def _in_shares(rows: Sequence[_Row], staged: Staged) -> list[_Row]:
    """Read rates that are all written in percent as shares; where only some are, these are set aside."""
    rates = {id for id, figure in metrics().items() if figure.unit == "rate"}
    kept = [r for r in rows if r.cells["metric"] not in rates]
    for metric in sorted({r.cells["metric"] for r in rows} & rates):
        own = [r for r in rows if r.cells["metric"] == metric]
        large = [r for r in own if r.cells["amount"] > _PERCENT]
        if large and len(large) == sum(r.cells["amount"] > 0 for r in own):
            ledger, _ = staged.place(large[0].position)
            example = f"{metric} {large[0].cells['amount']:g} = {large[0].cells['amount'] / 100:g}"
            staged.remarks.append(
                Remark("rate_in_percent", "targets", ledger.file, _header(staged, "amount"), example, len(large))
            )
            for row in large:
                row.cells["amount"] /= 100
        elif large:
            for row in large:
                _faulted(staged, row, "rate_out_of_scale", f"{row.cells['amount']:g}")
            own = [r for r in own if r not in large]
        kept += own
    return sorted(kept, key=lambda r: r.position)


def _once(rows: Iterable[_Row], staged: Staged) -> list[_Row]:
    """Take rows that turn out to be of the same members once; of two amounts the later one is set aside."""
    first: dict[tuple[str, ...], _Row] = {}
    for row in rows:
        key = (row.cells["period"], row.cells["metric"], *row.members)
        earlier = first.setdefault(key, row)
        if earlier is row:
            continue
        ledger, place = staged.place(row.position)
        if earlier.cells["amount"] == row.cells["amount"]:
            there, at = staged.place(earlier.position)
            value = f"{row.told} (:{ledger.numbers.at(place)}, {there.file}:{there.numbers.at(at)})"
            staged.remarks.append(Remark("target_twice", "targets", ledger.file, "", value, 1))
            ledger.duplicates += 1
        else:
            _faulted(
                staged, row, "target_contradicts", f"{row.told}: {row.cells['amount']:g}, {earlier.cells['amount']:g}"
            )
    return list(first.values())


# -- levels


def _levels(rows: Sequence[_Row], calendar: Calendar) -> Iterator[tuple[str, str, int]]:
    """Yield what does not add up: a period and its parts, a team and its reps, the company and its teams."""
    sales = [r for r in rows if r.cells["metric"] == "sales"]
    by_period: dict[str, dict[tuple[str, ...], float]] = {}
    for row in sales:
        by_period.setdefault(row.cells["period"], {})[row.members] = row.cells["amount"]
    for code, found in (
        ("targets_periods_differ", list(_of_time(by_period, calendar))),
        ("targets_levels_differ", list(_of_members(by_period))),
    ):
        if found:
            yield code, "; ".join(found[:3]), len(found)


def _of_time(by_period: Mapping[str, Mapping[tuple[str, ...], float]], calendar: Calendar) -> Iterator[str]:
    for name, whole in by_period.items():
        period = calendar.period(name)
        for level in ("quarter", "month", "week"):
            parts = [p.name for p in calendar.tiles(period, level)] if level != period.level else []
            if len(parts) < 2 or not all(p in by_period for p in parts):
                continue
            for members, amount in whole.items():
                if all(members in by_period[p] for p in parts):
                    added = fsum(by_period[p][members] for p in parts)
                    if not _near(amount, added):
                        yield f"{_said(name, members)} {amount:,.10g}, {level}s {added:,.10g}"


def _of_members(by_period: Mapping[str, Mapping[tuple[str, ...], float]]) -> Iterator[str]:
    for name, own in by_period.items():
        teams: dict[str, list[float]] = {}
        for (team, rep, *rest), amount in own.items():
            if team and rep and not any(rest):
                teams.setdefault(team, []).append(amount)
        blank = ("",) * (len(_DIMENSIONS) - 1)
        for team, parts in teams.items():
            whole = own.get((team, *blank))
            if whole is not None and not _near(whole, fsum(parts)):
                yield f"{_said(name, (team,))} {whole:,.10g}, reps {fsum(parts):,.10g}"
        totals = [amount for (team, *rest), amount in own.items() if team and not any(rest)]
        whole = own.get(("", *blank))
        if whole is not None and totals and not _near(whole, fsum(totals)):
            yield f"{name} {whole:,.10g}, teams {fsum(totals):,.10g}"


def _near(whole: float, parts: float) -> bool:
    return abs(whole - parts) <= max(_NEAR * abs(whole), 0.01)


def _said(period: str, members: Iterable[str]) -> str:
    return " ".join([period, *(m for m in members if m)])


# -- scale


def _scale(rows: Sequence[_Row], calendar: Calendar, sold: Sold) -> Iterator[tuple[str, str, int]]:
    """Yield the years of which all targets are far from what was sold, with the unit that would bring them near."""
    years: dict[int, list[tuple[float, float]]] = {}
    for row in rows:
        if row.cells["metric"] != "sales" or not row.cells["amount"] > 0 or any(row.members[len(_SOLD_BY) :]):
            continue
        try:
            period = calendar.period(row.cells["period"])
        except ScopeError:
            continue
        reached = sold.of(row.cells, period)
        if reached > 0:
            years.setdefault(period.start.year, []).append((row.cells["amount"], reached))
    wrong: Counter[int] = Counter()
    for pairs in years.values():
        ratios = np.array([reached / target for target, reached in pairs])
        if (ratios >= _WRONG).all() or (ratios <= 1 / _WRONG).all():
            middle = float(np.median(ratios))
            unit = min(_UNITS, key=lambda u: abs(np.log(max(middle, 1 / middle) / u)))
            wrong[unit if middle > 1 else -unit] += len(pairs)
    for unit, count in wrong.items():
        factor = f"{unit}" if unit > 0 else f"{1 / -unit:g}"
        yield "targets_scale", factor, count


# -- targets that differ in nothing but a column that is not read: they are for something that nobody has named


def unread_dimensions(staged: Staged) -> Iterator[Problem]:
    """Yield for each file the columns by which rows of the same period and members differ, though none is read."""
    parts = list(staged.batches())
    if not parts:
        return
    keys = [duplicates.key_columns(rows, staged.table.key) for rows in parts]
    frame = pd.concat(
        pd.DataFrame({str(i): c.to_pylist() for i, c in enumerate(columns)}).assign(at=rows.column(ROW).to_numpy())
        for rows, columns in zip(parts, keys, strict=True)
    )
    key = [c for c in frame.columns if c != "at"]
    again = frame[frame.duplicated(key, keep=False)]
    files = staged.files_of(again["at"].to_numpy())
    for place, plan in enumerate(staged.plans):
        own = again[files == place]
        if len(own) and (headers := _apart(plan, own, key, staged.offsets[place])):
            ledger = staged.ledgers[place]
            numbers = [ledger.numbers.at(int(at) - staged.offsets[place]) for at in own["at"]]
            yield problem(
                "targets_apart", file=ledger.file, column=", ".join(headers), header=headers[0],
                rows=", ".join(map(str, sorted(set(numbers))[:5])),
            )  # fmt: skip


def _apart(plan: Plan, rows: pd.DataFrame, key: list[str], offset: int) -> list[str]:
    """Return the headers that are not read and differ among rows of one key."""
    unread = [i for i in range(len(plan.sheet.headers)) if i not in plan.used and plan.sheet.headers[i]]
    if not unread:
        return []
    cells = [pd.DataFrame({i: batch.columns.column(str(i)).to_pylist() for i in unread}) for batch in plan.batches()]
    told = pd.concat(cells, ignore_index=True).iloc[rows["at"].to_numpy() - offset]
    groups = rows.groupby(key, sort=False).ngroup().to_numpy()
    counts = told.fillna("").groupby(groups).nunique().max()
    return [plan.sheet.headers[i] for i in unread if np.asarray(counts[i]) > 1]
