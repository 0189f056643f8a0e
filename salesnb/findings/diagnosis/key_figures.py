"""Every key figure over three months, beside the same months of last year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from salesnb.calendar import Period, Window
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics import change, metric
from salesnb.metrics.against import attainment
from salesnb.metrics.collection import overdue_sum
from salesnb.metrics.covered import NOT_HELD, held
from salesnb.metrics.customers import looked_back, repurchase
from salesnb.metrics.registry import measured
from salesnb.scope import Scope
from salesnb.views.past import LAST_YEAR, base_of
from salesnb.views.periods import run_to, unit_of
from salesnb.views.workload import LOG, rates, staff
from salesnb.views.workload import RATES as ACTIVITY

ORDERS = ("sales", "orders", "customers", "new_customers", "aov", "spend_per_customer")
DEALS = ("closed_deals", "won_deals", "win_rate", "deal_value")
SHOWN = ("sales", "attainment", "orders", "customers", "new_customers", "repurchase_rate", "aov",
         "spend_per_customer", "closed_deals", "won_deals", "win_rate", "deal_value", *ACTIVITY, "collection_rate",
         "overdue")  # fmt: skip
DATED = {"orders": "sales_date", "opportunities": "close_date", "activities": "activity_date", "receipts": "due_date"}
MONTHS = ("two_before", "one_before", "actual")
COLUMNS = ("kpi", *MONTHS, "compared", "change", "growth", "three_months", "three_months_compared", "cases",
           "source", "verdict")  # fmt: skip

NOTABLE = 0.05
"""Three months that differ by less are taken as level."""

Tables = Mapping[str, pd.DataFrame]
Values = dict[str, float]


def key_figures(tables: Tables, targets: pd.DataFrame, *, scope: Scope) -> Finding:
    """Lay every key figure of three months beside the same three of last year.

    The months are those up to the period; of a longer period its last three; of other levels three periods. Where
    the data hold no year before, the same months of the quarter before stand in for it, and that is said.

    Parameters
    ----------
    tables
        Clean tables: orders, opportunities, activities, reps, receipts; a figure whose table is absent is left out.
    targets
        Clean targets.

    Returns
    -------
    Finding
        One row per key figure. ``verdict``: worse or better than its base in each of the three months, money and
        counts per working day, and all together by `NOTABLE` at least; else ``level``.
    """
    spans = _spans(scope)
    values = _values({n: f for n, f in tables.items() if not f.empty}, targets, spans, scope)
    rows = pd.DataFrame([_row(kpi, values, spans, scope) for kpi in SHOWN], columns=list(COLUMNS))
    rows = rows[rows[["actual", "three_months"]].notna().any(axis=1)].reset_index(drop=True)
    headline = _headline(rows, spans.basis)
    named = tuple(p for pick in headline.picks.values() for p in (pick if isinstance(pick, tuple) else ()))
    return Finding(
        "diagnosis.key_figures", scope, rows, headline, notes=tuple(_notes(rows, spans, scope)),
        chart=Chart("table", accent=named), table=tuple(c for c in COLUMNS if c not in {"cases", "source"}),
        reasons={"growth": NOT_ASKED, "cases": NOT_ASKED}, quiet=rows.empty,
    )  # fmt: skip


# -- which days


@dataclass(frozen=True)
class _Span:
    """Days that are measured together, and the periods that they are of."""

    periods: tuple[Period, ...]
    window: Window


@dataclass(frozen=True)
class _Spans:
    """Three months and what each is compared with, oldest first, None where there is none; each three as a whole."""

    months: tuple[_Span | None, ...]
    bases: tuple[_Span | None, ...]
    basis: str

    @property
    def whole(self) -> _Span | None:
        """The three months together."""
        return _together(self.months)

    @property
    def base(self) -> _Span | None:
        """What they are compared with together."""
        return _together(self.bases)


def _together(spans: Sequence[_Span | None]) -> _Span | None:
    known = [s for s in spans if s is not None]
    if len(known) < len(spans):
        return None
    periods = tuple(p for s in known for p in s.periods)
    return _Span(periods, Window(known[0].window.start, known[-1].window.end))


def _spans(scope: Scope) -> _Spans:
    unit = unit_of(scope)
    own = scope.period.level == unit
    run = [p for p in run_to(scope, unit, 3) if scope.holds(p.window) and (own or p.start >= scope.period.start)]
    found = [base_of(scope.at(p)) for p in run]
    basis = found[-1].basis if found and found[-1] else ""
    months = [_Span((p,), scope.at(p).window) for p in run]
    bases = [_Span((b.period,), b.window) if b and b.basis == basis else None for b in found]
    missing = [None] * (3 - len(run))
    return _Spans((*missing, *months), (*missing, *bases), basis)


# -- figures of them


def _values(given: Tables, targets: pd.DataFrame, spans: _Spans, scope: Scope) -> dict[Window, Values]:
    """Return the figures of every span by its window, those only that the data cover."""
    singles = sorted({s.window: s for s in (*spans.months, *spans.bases) if s}.items())
    wholes = [s for s in (spans.whole, spans.base) if s]
    found: dict[Window, Values] = {}
    for span in (*(s for _, s in singles), *wholes):
        held = {n: f for n, f in given.items() if n not in DATED or _covers(n, f, span.window, scope)}
        found[span.window] = _of_span(held, targets, span, scope)
    if "activities" in given:
        windows = [window for window, _ in singles if _logged(given["activities"], window, scope)]
        roster = given.get("reps", pd.DataFrame(columns=["rep", "team", "valid_from", "valid_to"]))
        people = dict(zip(windows, staff(given["activities"], roster, scope, windows), strict=True)) if windows else {}
        for window, of_window in people.items():
            found[window] |= rates(of_window)
        for three, whole in ((spans.months, spans.whole), (spans.bases, spans.base)):
            parts = [people[s.window] for s in three if s and s.window in people]
            if whole and len(parts) == len(three):
                found[whole.window] |= rates(pd.concat(parts))
    return found


def _covers(name: str, table: pd.DataFrame, window: Window, scope: Scope) -> bool:
    """Tell whether a company kept a table all through a window; where that is not told, whether the rows had begun."""
    if name in scope.records:
        part = scope.recorded(name, window)
        return part is not None and part.end == window.end and _since(part.start, scope).holds(window)
    first = table[DATED[name]].min()
    return bool(pd.notna(first)) and _since(first.date(), scope).holds(window)


def _since(first: date, scope: Scope) -> Scope:
    return replace(scope, history_start=first)


def _logged(activities: pd.DataFrame, window: Window, scope: Scope) -> bool:
    """Tell whether rates of activity can be told of a window: they need a part of it only."""
    if LOG in scope.records:
        return scope.recorded(LOG, window) is not None
    return _covers(LOG, activities, window, scope)


def _of_span(tables: Tables, targets: pd.DataFrame, span: _Span, scope: Scope) -> Values:
    found: Values = {}
    ids = {"orders": ORDERS, "opportunities": DEALS, "receipts": ("collection_rate",)}
    for name, wanted in ids.items():
        if name in tables:
            found |= {id: float(v[0]) for id, v in measured(wanted, tables, span.window)[1].items()}
    if "orders" in tables:
        found |= _of_customers(tables["orders"], span.window, scope, found)
        asked = [held("sales", tables, targets, scope.at(p)).get((), NOT_HELD) for p in span.periods]
        sides = {"actual": np.array([sum(h.actual for h in asked)]), "target": np.array([sum(h.target for h in asked)])}
        found["attainment"] = float(attainment(sides)[0])
    if "receipts" in tables:
        found["overdue"] = overdue_sum(tables["receipts"], span.window.end)
    return found


def _of_customers(orders: pd.DataFrame, window: Window, scope: Scope, found: Values) -> Values:
    """Return who bought again and who is new: neither is known where the history before is shorter than it asks for."""
    months = scope.settings.sales.existing_customer_months
    if orders["customer"].isna().all():
        return dict.fromkeys(("customers", "new_customers", "spend_per_customer", "repurchase_rate"), np.nan)
    if not scope.holds(looked_back(window, months)):
        return dict.fromkeys(("new_customers", "repurchase_rate"), np.nan)
    return repurchase(orders, window, months)


# -- rows and what is said of them


def _row(kpi: str, values: Mapping[Window, Values], spans: _Spans, scope: Scope) -> dict[str, object]:
    def of(span: _Span | None, id: str = kpi) -> float:
        return values[span.window].get(id, np.nan) if span else np.nan

    months, bases = [of(s) for s in spans.months], [of(s) for s in spans.bases]
    three, three_base = of(spans.whole), of(spans.base)
    if kpi == "overdue":  # a state, not a flow: of three months it is that of their end
        three, three_base = months[-1], bases[-1]
    counted = metric(kpi).counted_by
    cases = min(of(s, counted) for s in (spans.whole, spans.base)) if counted and spans.base else np.nan
    own_cases = of(spans.months[-1], counted) if counted else np.nan
    rate = metric(kpi).unit == "rate"
    grown = np.nan if rate else float(change(np.array([months[-1]]), np.array([bases[-1]]))[0])
    few = cases < scope.settings.sales.small_n
    return {
        "kpi": kpi, **dict(zip(MONTHS, months, strict=True)), "compared": bases[-1],
        "change": months[-1] - bases[-1], "growth": grown, "three_months": three,
        "three_months_compared": three_base, "cases": own_cases, "source": spans.basis,
        "verdict": "few" if few else _verdict(kpi, [*months, three], [*bases, three_base], spans, scope),
    }  # fmt: skip


def _verdict(kpi: str, own: list[float], bases: list[float], spans: _Spans, scope: Scope) -> str:
    """Judge three months, and all three together, against their bases."""
    before, now = np.array(bases), np.array(own)
    if np.isnan([before, now]).any():
        return "no_base"
    if metric(kpi).unit in {"money", "count"} and metric(kpi).base is not None:  # sums: for as many working days
        now, before = (side / _days(s, scope) for side, s in ((now, spans.months), (before, spans.bases)))
    better = now < before if metric(kpi).less_is_better else now > before
    worse = now > before if metric(kpi).less_is_better else now < before
    notable = abs(now[-1] - before[-1]) >= NOTABLE * abs(before[-1])
    return "worse" if notable and worse.all() else "better" if notable and better.all() else "level"


def _days(spans: Sequence[_Span | None], scope: Scope) -> np.ndarray:
    """Return the working days of three months and of all of them; at least one, a month without any has no figure."""
    days = [float(scope.calendar.working_days(s.window)) if s else np.nan for s in spans]
    return np.maximum(np.array([*days, sum(days)]), 1.0)


def _headline(rows: pd.DataFrame, basis: str) -> Say:
    if rows.empty:
        return Say("nothing")
    if not basis:
        return Say("no_base")
    worse, better = (tuple(int(i) for i in np.flatnonzero(rows["verdict"] == code)) for code in ("worse", "better"))
    if worse:
        return Say(f"worse_{basis}", {"worse": worse})
    return Say(f"better_{basis}", {"better": better}) if better else Say(f"neither_{basis}")


def _by_day(rows: pd.DataFrame) -> tuple[int, ...]:
    """Return the figures whose verdict the reader would not expect from the totals, since it is by the working day."""
    turned = {"worse": 1.0, "better": -1.0}
    found = []
    for i, (kpi, verdict) in enumerate(rows[["kpi", "verdict"]].itertuples(index=False)):
        way = turned.get(verdict, 0.0) * (-1.0 if metric(kpi).less_is_better else 1.0)
        sides = (("actual", "compared"), ("three_months", "three_months_compared"))
        if way and any(way * (rows[now].iloc[i] - rows[then].iloc[i]) >= 0 for now, then in sides):
            found.append(i)
    return tuple(found)


def _notes(rows: pd.DataFrame, spans: _Spans, scope: Scope) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    if spans.basis and spans.basis != LAST_YEAR:
        notes.append(Say("no_year"))
    sales = np.flatnonzero(rows["kpi"] == "sales")
    if len(sales) and pd.notna(rows["compared"].iloc[sales[0]]):
        notes.insert(0, Say(f"sales_{spans.basis}", {"sales": int(sales[0])}))
    if "new_customers" not in set(rows["kpi"]) and "customers" in set(rows["kpi"]):
        notes.append(Say("young"))
    better, few = (tuple(int(i) for i in np.flatnonzero(rows["verdict"] == code)) for code in ("better", "few"))
    if better and (rows["verdict"] == "worse").any():
        notes.insert(0, Say("better", {"better": better}))
    by_day = _by_day(rows)
    notes += [Say("per_day", {"by_day": by_day})] if by_day else []
    return [*notes, Say("few", {"few": few})] if few else notes
