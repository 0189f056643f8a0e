"""Who was there to work and what each logged: reps by roster or target, their working days, activities of a window."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from salesnb.calendar import Window
from salesnb.errors import ScopeError
from salesnb.metrics.activity import (
    calls_per_day,
    followups_per_week,
    months_worked,
    proposals_per_week,
    stints,
    visits_per_week,
    working_days,
)
from salesnb.metrics.grouped import UNASSIGNED, Member, coded, within
from salesnb.metrics.registry import Tables, measures
from salesnb.scope import Scope
from salesnb.views.periods import place_in

KINDS = ("calls", "visits", "followups", "proposals", "meetings")
_LOGGED_AS = ("call", "visit", "followup", "proposal", "meeting")
DAYS = {kind: f"{kind}_days" for kind in KINDS}
"""Columns of the working days on which a kind of activity is logged at all."""

COLUMNS = ("team", "rep", "working_days", "months_worked", "status", *KINDS, *DAYS.values())

LOG = "activities"

NOT_LOGGED, JOINED, LEFT, AWAY = "not_logged", "joined", "left", "away"
"""Codes of ``status``: nothing logged at all, came later, went earlier, not on the roster."""

CALLS_ONLY = "calls_only"
"""Code of ``status``: a role that calls and has no deal of its own."""

_MONTHS, _FEWEST = 3, 100
"""Months in which, and calls with which, it shows that a role calls and does not sell."""


def callers(activities: pd.DataFrame, orders: pd.DataFrame, deals: pd.DataFrame, scope: Scope) -> set[str]:
    """Return who calls month after month without an order or a deal of their own, while others who call have some.

    They prepare what others sell: beside sellers they would look busy and unsuccessful. Asked is the year up to the
    scope's last day, as far as the history goes; where some sales or deals of it name nobody, none can be told.

    Parameters
    ----------
    activities, orders, deals
        Clean tables.
    """
    end = pd.Timestamp(scope.window.end)
    year = Window((end - pd.DateOffset(years=1) + pd.DateOffset(days=1)).date(), scope.window.end)
    calls = within(activities[activities["kind"] == "call"], "activity_date", year)
    months = calls["activity_date"].dt.to_period("M")
    made = calls.assign(month=months).groupby("rep", observed=True).agg({"count": "sum", "month": "nunique"})
    steady = set(made.index[(made["count"] >= _FEWEST) & (made["month"] >= _MONTHS)].astype("str"))
    sold = within(orders, "sales_date", year)["rep"]
    own = deals[(deals["status"] == "open") | deals["close_date"].between(pd.Timestamp(year.start), end)]["rep"]
    if sold.isna().any() or own.isna().any():
        return set()
    selling = {*sold.astype("str"), *own.astype("str")}
    return steady - selling if steady & selling else set()


def staff(activities: pd.DataFrame, reps: pd.DataFrame, scope: Scope, windows: Sequence[Window]) -> list[pd.DataFrame]:
    """Return for each of some windows who was there, with the working days of each and what each logged.

    Who logged nothing in a window has no figures in it (NaN), and neither has a kind of activity that a rep never
    logs: what is not logged is not known, and is no zero. Without a roster everyone who logged was there all the time;
    of whom a roster does not know at all, and of entries without a rep, the working days are not known (NaN). A kind
    that is logged on a part of the days only (`Scope.recorded`) has its own working days; on none, no figures at all.

    Parameters
    ----------
    activities, reps
        Clean tables.
    windows
        Stretches of days that do not overlap, in order.

    Returns
    -------
    list of DataFrame
        One row per team and rep, ``(none)`` where one is not given, in order: ``working_days``, ``months_worked``,
        ``status`` (blank: nothing special), the counts of each kind of activity and the days on which it is logged.
    """
    members, counts = _logged(activities, windows)
    logs = ~np.isnan(counts).all(axis=2)
    # Most reps are there all the time: what a stretch of days holds is counted once.
    days_of = cache(lambda stretch: float(working_days([stretch], scope.calendar)))
    months_of = cache(lambda stretch: months_worked([stretch], scope.calendar))
    known = set(reps["rep"].tolist())
    found = []
    for number, window in enumerate(windows):
        there = stints(reps, window)
        parts = [scope.recorded(f"{LOG}.{kind}", window) for kind in _LOGGED_AS]
        unlogged = np.array([part is None for part in parts])
        unknown = {m for m in members if m[1] == UNASSIGNED or (len(reps) and m[1] not in known)}
        logged = {member: i for i, member in enumerate(members) if logs[number, i]}
        whole = [window] if reps.empty else []
        rows: list[tuple[object, ...]] = []
        for member in sorted({*there, *logged}):
            days = there.get(member, whole)
            logged_days = [_within(days, part) for part in parts]
            own = counts[number, logged[member]] if member in logged else _NOTHING
            status = _status(days, window, days_of) if member in logged else NOT_LOGGED
            months = sum(map(months_of, _within(days, scope.recorded(LOG, window))))
            worked = [sum(map(days_of, d)) if member not in unknown else np.nan for d in (days, *logged_days)]
            worked[1:1] = [np.nan if member in unknown else months]
            rows.append((*member, *worked[:2], status, *np.where(unlogged, np.nan, own), *worked[2:]))
        found.append(_frame(rows))
    return found


def _within(days: list[Window], part: Window | None) -> list[Window]:
    """Return the parts of some stretches that lie in another."""
    if part is None:
        return []
    cut = [Window(max(w.start, part.start), min(w.end, part.end)) for w in days]
    return [w for w in cut if w.start <= w.end]


_NOTHING = np.full(len(KINDS), np.nan)


def _frame(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    texts = {"team", "rep", "status"}
    made = zip(COLUMNS, columns, strict=True)
    return pd.DataFrame({c: pd.array(v, "str") if c in texts else np.array(v, "float64") for c, v in made})


def _logged(activities: pd.DataFrame, windows: Sequence[Window]) -> tuple[list[Member], np.ndarray]:
    """Return teams with reps, and what each logged by window and kind: NaN where nothing, or never of that kind."""
    place = place_in(windows, activities["activity_date"])
    inside = place >= 0
    (team, teams), (rep, names) = (coded(activities[c].array, UNASSIGNED) for c in ("team", "rep"))
    kind = _kind_of(activities["kind"])
    kept = np.zeros((len(names), len(KINDS)), dtype=bool)
    kept[rep[kind >= 0], kind[kind >= 0]] = True
    shape = (len(windows), max(len(teams) * len(names), 1), len(KINDS))
    at = np.flatnonzero(inside & (kind >= 0))
    member = team * len(names) + rep
    cells = np.ravel_multi_index((place[at], member[at], kind[at]), shape)
    weights = activities["count"].array.take(at).to_numpy(dtype="float64", na_value=0.0)
    counts = np.bincount(cells, weights, minlength=int(np.prod(shape))).astype("float64").reshape(shape)
    some = np.zeros(shape[:2], dtype=bool)
    some[place[inside], member[inside]] = True
    counts[~some] = np.nan
    counts[:, ~np.tile(kept, (len(teams), 1))] = np.nan
    used = np.flatnonzero(some.any(axis=0))
    return [(teams[m // len(names)], names[m % len(names)]) for m in used], counts[:, used]


def _kind_of(column: pd.Series) -> np.ndarray:
    """Return each row's place among `KINDS`, -1 for none."""
    codes, found = pd.factorize(column.array)
    places = [_LOGGED_AS.index(str(kind)) if str(kind) in _LOGGED_AS else -1 for kind in found]
    return np.array([*places, -1], dtype=np.int64)[codes]


def _status(found: list[Window], window: Window, days_of: Callable[[Window], float]) -> str:
    if not found:
        return AWAY
    first, last = min(w.start for w in found), max(w.end for w in found)
    if days_of(Window(first, window.end)) < days_of(window):
        return JOINED
    return LEFT if days_of(Window(window.start, last)) < days_of(window) else ""


def contacts(activities: pd.DataFrame, customers: Mapping[str, str], window: Window) -> tuple[dict[str, float], bool]:
    """Count each rep's contacts with existing customers; tell whether some of them name no customer.

    Follow-ups, visits and meetings count unless they name somebody else; calls only where they name an existing
    customer, since most calls go to people who are none yet.

    Parameters
    ----------
    customers
        Existing customers, by name.
    """
    logged = within(activities, "activity_date", window)
    who, kind = logged["customer"].fillna("").astype("str"), logged["kind"]
    of_care = kind.isin(["followup", "visit", "meeting"])
    counted = who.isin(customers.keys()) & (of_care | (kind == "call")) | (of_care & (who == ""))
    counts = logged.loc[counted, "count"].astype("float64").groupby(logged.loc[counted, "rep"].astype("str")).sum()
    return {str(rep): float(count) for rep, count in counts.items()}, bool((of_care & (who == "")).any())


def logged_in_part(scope: Scope, window: Window) -> bool:
    """Tell whether any kind of activity is logged on a part of a window's days only."""
    parts = [scope.recorded(f"{LOG}.{kind}", window) for kind in _LOGGED_AS]
    return any(part is not None and part != window for part in parts)


RATES = {
    "calls_per_day": ("calls", calls_per_day),
    "visits_per_week": ("visits", visits_per_week),
    "followups_per_week": ("followups", followups_per_week),
    "proposals_per_week": ("proposals", proposals_per_week),
}
"""Rates of activity, each with what it counts and its formula."""


def rates(people: pd.DataFrame) -> dict[str, float]:
    """Return the rates of activity of some of the staff, each over the days of those who log that kind; else NaN.

    What was logged without a rep, or by somebody whose days are not known, is in no rate.
    """
    found = {}
    for id, (kind, formula) in RATES.items():
        counts = people[kind].to_numpy()
        days = people[DAYS[kind]].to_numpy()
        logging = ~np.isnan(counts) & ~np.isnan(days)
        sums = {kind: counts[logging].sum(), "working_days": days[logging].sum()}
        figures = {name: np.array([value]) for name, value in sums.items()}
        found[id] = float(formula(figures)[0]) if logging.any() else np.nan
    return found


@measures(*RATES, tables=(LOG,))
def work(tables: Tables, scope: Scope, by: Sequence[str]) -> dict[Member, dict[str, float]]:
    """Measure work over the days that each rep was there, of the whole or of each rep."""
    if tuple(by) not in {(), ("rep",)}:
        return {}
    roster = tables.get("reps", pd.DataFrame(columns=["rep", "team", "valid_from", "valid_to"]))
    (people,) = staff(tables[LOG], roster, scope, [scope.window])
    return {(str(rep),): rates(own) for rep, own in people.groupby("rep")} if by else {(): rates(people)}


def with_target(targets: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the targets set for any time that shares a day with the scope's period: their reps are there.

    Targets stand by month in most companies, whatever period is looked at: a week has none of its own, a quarter three.
    """
    names = targets["period"].array
    wanted = {name for name in pd.unique(names.dropna()) if _shares_a_day(str(name), scope)}
    return targets[np.asarray(names.isin(list(wanted)), dtype=bool)]


def _shares_a_day(name: str, scope: Scope) -> bool:
    try:
        period = scope.calendar.period(name)
    except ScopeError:  # not a period of this calendar
        return False
    return period.start <= scope.period.end and period.end >= scope.period.start
