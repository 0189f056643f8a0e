"""A finding: what a notebook section says, as data.

A finding holds rows of figures and tells which of them its sentence names and how they are drawn. It holds no typed
number: the sentence picks its numbers from the rows, the chart draws the rows, the facts are the rows. So the three
cannot disagree.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

import pandas as pd

from salesnb.cell_end import shown_of
from salesnb.data.masks.masking import removed_dimensions
from salesnb.findings.columns import LABELS, check
from salesnb.metrics.grouped import UNASSIGNED
from salesnb.metrics.registry import metric, metrics
from salesnb.scope import Scope

WITHHELD = "audience."
"""Begins the keys of sentences that tell what an audience is not shown; every finding can say them."""

RECORDED = "recorded."
"""Begins the keys of sentences that tell what is not recorded, or in part; every finding can say them."""

OF_SALES = frozenset(
    (
        "diagnosis.attainment", "diagnosis.problems", "diagnosis.gap_parts", "diagnosis.problem_evidence",
        "diagnosis.five_whys",
        "diagnosis.ruled_out", "diagnosis.localisation", "diagnosis.slice_drivers", "diagnosis.trend",
        "diagnosis.drivers", "diagnosis.price_volume_mix", "targets.levels", "strategy.candidates",
        "strategy.actions", "review.verdict", "review.problems_list", "review.actions_list", "review.changes",
        "review.tracking", "review.highlights", "review.previous_problems", "review.main_customers",
    )
)  # fmt: skip
"""Findings that speak of sales by other figures than those of orders too: where no sale carries an amount they have
nothing to tell. One whose every figure is of orders falls silent by itself.
"""

TOTAL = "total"
"""What the index of rows calls one that names no member."""

NOT_ASKED = "not_asked"
"""Reason of a null that is none: the figure belongs to other rows. It makes no fact and an empty cell."""


@dataclass(frozen=True)
class Say:
    """One sentence: its key under the finding's word, and which rows its names stand for.

    ``picks`` gives a name to a row (its position), or to several rows, whose text is then listed. The template picks
    columns of it: ``{worst.rep} is {worst.gap:abs} behind``. A sentence of parts names theirs: ``short+problem``.
    """

    key: str
    picks: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Chart:
    """How rows are drawn: a form of ``salesnb.show`` and the columns that play its roles.

    ``rows`` are the positions that are drawn (None: all), ``accent`` the ones the title names, ``total`` the one that
    the others add up to. The title is the finding's headline where none is given.
    """

    form: str
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[int, ...] | None = None
    accent: tuple[int, ...] = ()
    total: int | None = None
    title: Say | None = None


@dataclass(frozen=True)
class Missing:
    """A table, with the columns, that a finding would need to speak."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Finding:
    """What one section found.

    Attributes
    ----------
    id
        ``stage.word``, e.g. ``diagnosis.drivers``; the word names its module, words, section, anchor and test.
    scope
        Team, period and rules it speaks about.
    rows
        One row per member, ``total`` in the index where it names none; columns are ids of metrics (numbers; money in
        currency units), dimensions (text that identifies the row; blank: total) and labels (text that describes it);
        see `salesnb.findings.columns`.
        Any other column is refused.
    headline
        The sentence that answers the section's question.
    notes
        Further sentences: caveats, what cannot be told and why.
    chart
        How it is drawn; None: a table alone.
    table
        Columns of the table beneath, in order; None: all columns of ``rows``.
    missing
        Tables it would need; then ``rows`` may be empty.
    reasons
        Metric id -> code of the reason why nulls in that column are not available, where it is not the usual one.
    quiet
        Nothing to tell, e.g. a breakdown with one member: pages name the section at their end, with its sentence,
        instead of showing it. So they do where a table is missing.
    front
        What of it the first screen of its page shows: ``figure`` (its sentence only where nothing is drawn), ``both``,
        ``sentence``, or nothing. Each figure there leads to the section that proves it; its table stands further down.
    light
        The light that the whole wears beside its first note; blank: none.
    labels
        Columns that describe a row here, though they identify one elsewhere: the KPI by which a problem was sized.
    of_sales
        Figures that are of sales in every row, whatever KPI the row names.
    """

    id: str
    scope: Scope
    rows: pd.DataFrame
    headline: Say
    notes: tuple[Say, ...] = ()
    chart: Chart | None = None
    table: tuple[str, ...] | None = None
    missing: tuple[Missing, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = False
    front: str = ""
    light: str = ""
    labels: tuple[str, ...] = ()
    of_sales: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Hold nothing that the audience may not see, however the finding was made.

        A finding whose rows are single persons (customers) has none for an audience that sees no figure of these, and
        is quiet with the reason. One that might have named some says that it would not. A row below the total that
        names no member is that of those not given: blank is the key of the total alone.
        """
        check(self.id, [*self.rows.columns, *(self.table or ())])
        self._name_blank()
        self._mark_totals()
        if self.scope.recorded("amounts") is None:
            self._without_sales()
        for rule, dimensions in removed_dimensions(self.scope.rights).items():
            found = [d for d in self.rows.columns if d in dimensions]
            if any(text_of(value) for d in found for value in self.rows[d].tolist()):
                self._withhold(rule)
                return
            left_out = Say(f"{WITHHELD}some_{rule}")
            if found and not self.quiet and not self.missing and left_out not in self.notes:
                self._set(notes=(*self.notes, left_out))

    def __repr__(self) -> str:
        """Name the finding; its rows are long."""
        return f"<Finding {self.id} of {self.scope.team} {self.scope.period.name}: {len(self.rows):,} rows>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return shown_of(self)

    def _mark_totals(self) -> None:
        """Call the rows that name no member ``total`` in the index; the others are numbered by their place."""
        dimensions = [[text_of(v) for v in self.rows[d].tolist()] for d in self.dimensions]
        marks: list[Any] = list(range(len(self.rows)))
        totals = [i for i, members in enumerate(zip(*dimensions, strict=True)) if not any(members)]
        for number, i in enumerate(totals, start=1):
            marks[i] = TOTAL if number == 1 else f"{TOTAL} {number}"
        self._set(rows=self.rows.set_axis(pd.Index(marks, dtype="object" if totals else None), axis=0))

    def _name_blank(self) -> None:
        dimensions = list(self.dimensions)
        if len(self.rows) < 2 or not dimensions:
            return
        cells = self.rows[dimensions]
        blank = (cells.isna() | (cells == "")).all(axis=1).to_numpy(copy=True)
        if blank[0] and blank[1:].any():
            blank[0] = False
            first = self.rows[dimensions[0]].astype("object").mask(blank, UNASSIGNED)
            self._set(rows=self.rows.assign(**{dimensions[0]: first}))

    def _without_sales(self) -> None:
        """Tell no sales where no sale carries an amount: what is not known is no zero. Of a total its row stays."""
        if self.id not in OF_SALES:
            unknown = [c for c in self.figures if _from_orders(c)]
            rows = self.rows.assign(**dict.fromkeys(unknown, math.nan))
            if not unknown or rows[list(self.figures)].notna().any(axis=None):
                self._set(rows=rows)
                return
        first = self.rows.iloc[:1].assign(**dict.fromkeys(self.figures, math.nan))
        total = not any(text_of(value) for d in self.dimensions for value in first[d])
        self._empty(Say(f"{RECORDED}amounts"))
        if total:
            self._set(rows=first, reasons={})

    def _withhold(self, rule: str) -> None:
        self._empty(Say(WITHHELD + rule))

    def _empty(self, headline: Say) -> None:
        self._set(rows=self.rows.iloc[:0], headline=headline, notes=(), chart=None, table=None, missing=(), quiet=True)

    def _set(self, **parts: Any) -> None:
        for name, value in parts.items():
            object.__setattr__(self, name, value)

    @property
    def stage(self) -> str:
        """The stage it belongs to, e.g. ``diagnosis``."""
        return self.id.split(".")[0]

    @property
    def word(self) -> str:
        """Its word within the stage, e.g. ``drivers``."""
        return self.id.split(".")[1]

    @property
    def figures(self) -> tuple[str, ...]:
        """Columns of ``rows`` that are metrics."""
        return tuple(c for c in self.rows.columns if c in metrics())

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Columns of ``rows`` that identify a row."""
        return tuple(c for c in self.rows.columns if c not in metrics() and not self.is_label(c))

    def is_label(self, column: str) -> bool:
        """Tell whether a column describes rows and does not identify them."""
        return column in LABELS or column in self.labels

    def unit(self, column: str, position: int) -> str:
        """Return the unit of a figure in one row: that of the row's own ``kpi`` where the figure takes any."""
        if not self._by_kpi(column):
            return _unit(column, "")
        return _unit(column, text_of(self.rows["kpi"].iloc[position]))

    def _by_kpi(self, column: str) -> bool:
        """Tell whether a figure takes the unit of the KPI that a row names."""
        named = "kpi" in self.rows.columns and column not in self.of_sales
        return named and metric(column).unit == "kpi"

    def units(self, column: str) -> list[str]:
        """Return the unit of a figure in every row, in order; see `unit`."""
        if not self._by_kpi(column):
            return [_unit(column, "")] * len(self.rows)
        return [_unit(column, text_of(kpi)) for kpi in self.rows["kpi"].tolist()]

    def too_few(self, column: str, position: int) -> int | None:
        """Return the number of cases where a rate rests on too few to be shown (``sales.small_n``), else None.

        The cases stand in the column that counts them, or for a row of a KPI in ``cases``.
        """
        counted = metric(column).counted_by
        own = str(self._listed("kpi")[position]) if self._by_kpi(column) else ""
        if not counted and own in metrics() and metric(own).counted_by:
            counted = "cases"
        cases = number_of(self._listed(counted)[position]) if counted in self.rows.columns else None
        return int(cases) if cases is not None and cases < self.scope.settings.sales.small_n else None

    def _listed(self, column: str) -> list[Any]:
        """Return a column as a list, made once: it is asked for cell by cell, and a frame gives single cells slowly."""
        if column not in self._lists:
            self._lists[column] = self.rows[column].tolist()
        return self._lists[column]

    @cached_property
    def _lists(self) -> dict[str, list[Any]]:
        return {}

    def reason(self, column: str, position: int) -> str:
        """Return the code of the reason why a null is not available; of a row of a KPI that of this."""
        own = text_of(self._listed("kpi")[position]) if self._by_kpi(column) else ""
        asked = metric(own if own in metrics() else column)
        needed = asked.needs or ("amounts" if self.id in OF_SALES or _from_orders(asked.id) else "")
        if needed and self.reasons.get(column) != NOT_ASKED and self.scope.recorded(needed) is None:
            return f"unrecorded_{needed.replace('.', '_')}"
        given = self.reasons.get(column, metric(column).absent)
        return given if given == NOT_ASKED else self._of_target(column, position) or given

    def _of_target(self, column: str, position: int) -> str:
        """Return why a target says nothing: it is zero or negative, or cannot be held against anything."""

        def known(name: str) -> float | None:
            return number_of(self._listed(name)[position]) if name in self.rows.columns else 0.0

        target = known("target") if "target" in self.rows.columns else None
        if column not in {"gap", "attainment"} or target is None or known("actual") is None:
            return ""
        if known("gap") is None:
            return "target_apart"
        return "target_zero" if target == 0 else "target_negative" if target < 0 else "actual_negative"

    def facts(self) -> list[dict[str, Any]]:
        """Return every figure of the rows as a fact; see `fact_rows`."""
        return fact_rows(self)

    def fact_name(self, column: str, position: int) -> str:
        """Name the fact that a figure of the rows is: ``verdict/sales/``, ``kpis/actual/kpi=win_rate``."""
        row = self.rows.iloc[position]
        return f"{self.word}/{column}/{encode_dims({d: text_of(row[d]) for d in self.dimensions})}"


def _from_orders(figure: str) -> bool:
    """Tell whether a figure is made of orders, itself or in a part that it is worked out from."""
    return metric(figure).table == "orders" or any(map(_from_orders, metric(figure).of))


def _unit(column: str, kpi: str) -> str:
    """Return the unit of a figure, for one that measures any KPI that of the row's own; blank: money."""
    figure = metric(column)
    if figure.unit != "kpi":
        return figure.unit
    own = metric(kpi).unit if kpi else "money"
    if own == "kpi":
        return "money"  # a target or a gap that is a row of its own is that of sales
    return "points" if own == "rate" and figure.signed else own


def encode_dims(dims: Mapping[str, str]) -> str:
    """Return dimensions as sorted ``name=value`` pairs joined by ``|``, with ``% | =`` of values percent-encoded."""
    return "|".join(f"{name}={_encode(value)}" for name, value in sorted(dims.items()) if value != "")


def _encode(value: str) -> str:
    return "".join(quote(c, safe="") if c in "%|=" else c for c in value)


def fact_rows(finding: Finding) -> list[dict[str, Any]]:
    """Return a finding's facts: one per row and figure.

    Each has ``period``, ``team``, ``stage``, ``finding``, ``metric``, ``dims``, ``value`` (None where not
    available, with ``reason``), ``unit`` and ``definition``.
    """
    scope, facts = finding.scope, []
    # Columns at once: taking rows out of a frame one by one costs more than all the rest.
    dimensions = {d: [text_of(v) for v in finding.rows[d].tolist()] for d in finding.dimensions}
    figures = {name: [number_of(v) for v in finding.rows[name].tolist()] for name in finding.figures}
    units = {name: finding.units(name) for name in figures}
    for position in range(len(finding.rows)):
        dims = encode_dims({d: values[position] for d, values in dimensions.items()})
        for name, values in figures.items():
            value = values[position]
            reason = "" if value is not None else finding.reason(name, position)
            if reason == NOT_ASKED:
                continue
            facts.append(
                {
                    "period": scope.period.name,
                    "team": scope.team,
                    "stage": finding.stage,
                    "finding": finding.word,
                    "metric": name,
                    "dims": dims,
                    "value": value,
                    "reason": reason,
                    "unit": units[name][position],
                    "definition": metric(name).definition,
                }
            )
    return facts


def number_of(value: Any) -> float | None:
    """Return a number as float, None for missing, infinite or not a number."""
    if value is None or value is pd.NA:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def text_of(value: Any) -> str:
    """Return a dimension's value as text, blank for missing; dates as ISO dates."""
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value)


def with_total(total: pd.DataFrame, parts: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """Return the total as the first row (blank dimensions) and its parts below, columns in the parts' order."""
    head = total.assign(**dict.fromkeys(dimensions, ""))
    columns = [*dimensions, *(c for c in parts.columns if c not in dimensions)]
    return pd.concat([head[columns], parts[columns]], ignore_index=True)
