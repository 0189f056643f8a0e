"""What was done beside what came of it: calls, visits, follow-ups and proposals against norms, deals won beside."""

import numpy as np
import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.findings.recorded import LOG_PART, NO_LOG
from salesnb.metrics import UNASSIGNED
from salesnb.metrics.activity import calls_per_day, contacts_per_customer
from salesnb.metrics.customers import existing
from salesnb.metrics.registry import measured
from salesnb.scope import WHOLE_COMPANY, Scope
from salesnb.views.workload import (
    AWAY,
    CALLS_ONLY,
    DAYS,
    JOINED,
    KINDS,
    LEFT,
    LOG,
    NOT_LOGGED,
    RATES,
    callers,
    contacts,
    logged_in_part,
    rates,
    staff,
)

REPS = ("reps", "reps_logging", "reps_on_norm")
COUNTED = ("working_days", *KINDS, "contacts", "existing_customers", "customer_months")
_KNOWN = frozenset({"working_days", "existing_customers"})
NORMS = ("calls_norm", "contacts_norm")
DEALS = ("won_deals", "closed_deals", "win_rate", "deal_value", "won_value")
WORK = (*REPS, *COUNTED, *RATES, "contacts_per_customer", *NORMS)
FAR_BELOW, FAR_ABOVE = 0.75, 1.25
"""Of the average, of the best seller's: work that differs by less ranks nobody."""

_SHOWN = ("working_days", "calls_norm", *RATES, "existing_customers", "contacts_per_customer")


def process(
    activities: pd.DataFrame,
    orders: pd.DataFrame,
    opportunities: pd.DataFrame,
    reps: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    scope: Scope,
) -> Finding:
    """Set what each rep did beside the norms of the settings, and beside the deals and sales that came of it.

    Everyone is measured by the working days that they were there. Who logged nothing is named, and has no figures:
    what is not logged is not known. Who calls for months and has no deal of their own is named as such, and not
    compared with those who sell. For the whole company the rows are teams.

    Parameters
    ----------
    activities, orders, opportunities, reps, customers
        Clean tables; without a roster everyone who logs was there all the time, without opportunities the figures of
        deals are left out. A customer is with the rep of its last order, or with its owner where that rep is gone.

    Returns
    -------
    Finding
        Row 0 is the total, its activity that of those who log; then one row per rep (team), fewest calls a day first.
    """
    key = "team" if scope.team == WHOLE_COMPANY and orders["team"].notna().any() else "rep"
    results = [*(() if opportunities.empty else DEALS), "sales"]
    if activities.empty:
        empty = pd.DataFrame(columns=[key, "status", *WORK, *results])
        needed = Missing("activities", ("activity_date", "rep", "kind"))
        return Finding("diagnosis.process", scope, empty, Say("not_given"), missing=(needed,), quiet=True)
    people, unnamed = _people(activities, orders, reps, customers, scope)
    calling = people["rep"].isin(callers(activities, orders, opportunities, scope)) & (people["status"] == "")
    people["status"] = people["status"].mask(calling, CALLS_ONLY)
    groups = [("", people), *((str(name), group) for name, group in people.groupby(key))]
    work = pd.DataFrame([_row(name, group, key, scope) for name, group in groups])
    tables = {"orders": orders, "opportunities": opportunities}
    rows = work.assign(**_results(results, tables, scope, key, work[key].tolist()))
    below = rows.iloc[1:].sort_values(["calls_per_day", key], na_position="last")
    rows = pd.concat([rows.iloc[:1], below])[[key, "status", *WORK, *results]].reset_index(drop=True)
    strangers = [Say("strangers")] if people["working_days"].isna().any() else []
    headline = NO_LOG if scope.recorded(LOG) is None else _headline(rows, key)
    return Finding(
        "diagnosis.process", scope, rows, headline,
        notes=(
            *_results_note(rows, key), *_care(rows, unnamed, key), *_notes(rows, key, scope, reps.empty), *strangers,
        ),
        chart=_chart(rows, key, headline),
        table=(key, "status", *_SHOWN, *(r for r in results if r != "deal_value"), *REPS),
        reasons=dict.fromkeys(REPS, NOT_ASKED),
    )  # fmt: skip


def _people(
    activities: pd.DataFrame, orders: pd.DataFrame, reps: pd.DataFrame, customers: pd.DataFrame, scope: Scope
) -> tuple[pd.DataFrame, bool]:
    """Return the staff with their existing customers and contacts; whether contacts were logged without a customer."""
    people = staff(activities, reps, scope, [scope.window])[0]
    known = existing(orders, scope.window, scope.settings.sales.existing_customer_months)
    made, unnamed = contacts(activities, known, scope.window)
    logged = people["status"] != NOT_LOGGED
    found = people["rep"].map(made).astype("float64").fillna(0.0).where(logged)
    own = people["rep"].map(_looked_after(known, customers, set(people["rep"]))).astype("float64").fillna(0.0)
    held = {"contacts": found, "existing_customers": own, "customer_months": own * people["months_worked"]}
    return people.assign(**held), unnamed


def _looked_after(known: dict[str, str], customers: pd.DataFrame, there: set[str]) -> pd.Series:
    """Count each rep's existing customers: those of their last order's rep, else of their owner."""
    names, owners = (customers[c].fillna("").astype("str").tolist() for c in ("customer", "owner"))
    owner = dict(zip(names, owners, strict=True))
    who = [rep if rep in there else owner.get(customer, "") for customer, rep in known.items()]
    return pd.Series(who, dtype="str").value_counts()


def _row(name: str, group: pd.DataFrame, key: str, scope: Scope) -> dict[str, object]:
    """Return one row: sums of those who log, and their rates over the days that they were there."""
    logging, norm = group[group["status"] != NOT_LOGGED], scope.settings.execution
    # Days and customers are known of everybody; work, and what is divided by it, of those who log.
    counted = {c: group if c in _KNOWN else logging for c in COUNTED}
    sums = {c: np.array([of[c].sum(min_count=1)], dtype="float64") for c, of in counted.items()}
    # A rate's two sides are of the same people: contacts of those whose months are not known are in none.
    asked = {**sums, "contacts": np.array([logging["contacts"].where(logging["customer_months"].notna()).sum()])}
    several = not name or key == "team"
    people = group["rep"] != UNASSIGNED
    enough = (
        calls_per_day({"calls": logging["calls"].to_numpy(), "working_days": logging[DAYS["calls"]].to_numpy()})
        >= norm.calls_per_day
    )
    counts = (int(people.sum()), int(people[logging.index].sum()), int(enough.sum())) if several else (np.nan,) * 3
    return {
        key: name, "status": "" if several else group["status"].iloc[-1],
        **dict(zip(REPS, counts, strict=True)), **{c: float(s[0]) for c, s in sums.items()}, **rates(logging),
        "contacts_per_customer": float(contacts_per_customer(asked)[0]),
        "calls_norm": norm.calls_per_day, "contacts_norm": norm.contacts_per_month,
    }  # fmt: skip


def _results(
    figures: list[str], tables: dict[str, pd.DataFrame], scope: Scope, key: str, names: list[str]
) -> dict[str, np.ndarray]:
    """Return the figures of deals and sales: of everybody first, then of each member."""
    whole = measured(figures, tables, scope.window)[1]
    members, parts = measured(figures, tables, scope.window, [key])
    place = {m[0]: i for i, m in enumerate(members)}
    empty = {f: 0.0 if f not in {"win_rate", "deal_value"} else np.nan for f in figures}
    return {
        f: np.array([whole[f][0], *(parts[f][place[n]] if n in place else empty[f] for n in names[1:])])
        for f in figures
    }


def _headline(rows: pd.DataFrame, key: str) -> Say:
    total = rows.iloc[0]
    if total["reps_logging"] == 0:
        return Say("none_logged", {"total": 0})
    named = rows["calls_per_day"].notna() & (rows[key] != UNASSIGNED) & (rows["status"] != CALLS_ONLY)
    known = np.flatnonzero(named.iloc[1:]) + 1
    if not len(known):
        return Say("no_calls", {"total": 0})
    if len(known) == 1:
        return Say("one", {"total": 0, "low": int(known[0])})
    on_norm = total["reps_on_norm"]
    key = "norm_none" if on_norm == 0 else "norm_all" if on_norm == total["reps_logging"] else "norm_some"
    far = rows["calls_per_day"].iloc[known[0]] < FAR_BELOW * total["calls_per_day"]
    return Say(f"{key}_low", {"total": 0, "low": int(known[0])}) if far else Say(key, {"total": 0})


def _results_note(rows: pd.DataFrame, key: str) -> list[Say]:
    """Set who makes far more calls beside who won most; with so few members it is no proof of anything."""
    result = "won_value" if "won_value" in rows and rows["won_value"].iloc[1:].gt(0).any() else "sales"
    selling = rows["calls_per_day"].notna() & (rows[key] != UNASSIGNED) & (rows["status"] != CALLS_ONLY)
    known = rows.iloc[1:][selling.iloc[1:]]
    if len(known) < 3 or not (known[result] > 0).any():
        return []
    busiest, best = (int(known.index[int(known[c].to_numpy().argmax())]) for c in ("calls_per_day", result))
    calls = rows["calls_per_day"]
    if busiest == best or calls.iloc[busiest] < FAR_ABOVE * calls.iloc[best]:
        return []
    nothing = result == "won_value" and rows[result].iloc[busiest] == 0
    return [Say("apart_won_nothing" if nothing else f"apart_{result}", {"busiest": busiest, "best": best})]


def _care(rows: pd.DataFrame, unnamed: bool, key: str) -> list[Say]:
    """Tell whether existing customers are contacted as often as the norm asks, and with whom they are far less."""
    total = rows.iloc[0]
    if pd.isna(total["contacts_per_customer"]):
        return []
    known = rows["contacts_per_customer"].iloc[1:][rows[key].iloc[1:] != UNASSIGNED].dropna()
    norm, average = total["contacts_norm"], total["contacts_per_customer"]
    short = known[(known < norm) & (known < FAR_BELOW * average)]
    care = "care_below" if average < norm else "care_met"
    if len(short) and len(known) > 1:
        care, picks = f"{care}_low", {"total": 0, "low": int(short.index[int(short.to_numpy().argmin())])}
    else:
        picks = {"total": 0}
    return [Say(care, picks), *([Say("care_unnamed")] if unnamed else [])]


def _notes(rows: pd.DataFrame, key: str, scope: Scope, no_roster: bool) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    notes += [LOG_PART] if logged_in_part(scope, scope.window) else []
    if scope.recorded(LOG) is None:
        return notes
    status = rows["status"].iloc[1:].where(rows[key].iloc[1:] != UNASSIGNED, "")
    for word, codes in (("silent", [NOT_LOGGED]), ("partly_there", [JOINED, LEFT]), ("away", [AWAY]),
                        ("calls_only", [CALLS_ONLY])):  # fmt: skip
        found = tuple(int(i) for i in status.index[status.isin(codes)])
        notes += [Say(word, {"who": found})] if found else []
    if rows["reps_logging"].iloc[0] < rows["reps"].iloc[0] and not (status == NOT_LOGGED).any():
        notes.append(Say("silent_some", {"total": 0}))
    return [*notes, Say("no_roster")] if no_roster else notes


def _chart(rows: pd.DataFrame, key: str, headline: Say) -> Chart | None:
    drawn = tuple(int(i) for i in np.flatnonzero(rows["calls_per_day"].notna()) if i)
    if not drawn:
        return None
    aside = "won_value" if "won_value" in rows else "sales"
    accent = (headline.picks["low"],) if "low" in headline.picks else ()
    roles = {"label": key, "value": "calls_per_day", "target": "calls_norm", "aside": aside}
    return Chart("bullet", roles, drawn, tuple(int(str(p)) for p in accent))
