"""Steps from a problem's symptom towards its cause, as far as the tables hold something: each with its figure.

A step is found or not; what is not told from chance, or rests on too few cases, is no step. None says why: the first
ones measure, the later ones name what goes along with the loss, and what people reported is a hypothesis.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isnan

import pandas as pd

from salesnb.calendar import Window
from salesnb.causes.sizing import Sized
from salesnb.methods.rates import chance_equal
from salesnb.metrics import metric, within
from salesnb.metrics.collection import overdue_items
from salesnb.schema import SCALE
from salesnb.views.prices import CHEAPER, levels_by_rep, price_level
from salesnb.views.usual import SliceView, Usual

NAN = float("nan")
MEASURED, ASSOCIATED, HYPOTHESIS = "measured", "associated", "hypothesis"

SERVED = "served_by"
"""Step that tells who served a customer: no finding about that rep."""
UNITS = "units"
"""Step that tells how many units were sold at lower prices: what was got for them, or not, and no reason."""

FAR = 2.5
"""How far a count must fall short of its usual, in units of what is normal, to be a step."""
CHANCE = 0.02
"""A rate counts as changed where chance alone makes such a difference less often."""
FEWEST = 5
"""Lost deals needed before their reasons say something."""
MOST_OF_IT = 0.4
"""Share of what went missing that one member must carry to be named."""
DEALS = frozenset({"lower_win_rate", "fewer_deals", "lower_deal_value"})
STALE = 14
"""Days before the end of a period in which some deal must have begun: else nobody entered any."""
MONTHS_BEFORE = 6
"""How long before its last order a lost deal with a customer still bears on its leaving."""
REPORTED = ("churn_reason", "competitor", "stock")
"""Kinds of field notes that may tell why something was not bought, the most telling first."""
SYMPTOMS = {
    "sales": "below_expected", "orders": "fewer_orders", "new_customers": "fewer_new_customers",
    "price_level": "lower_prices", "win_rate": "win_rate", "due_collection": "due_collection",
}  # fmt: skip
"""First step of a chain, by the figure that the problem was sized by."""
CONTACTS = ("followups", "visits", "calls", "proposals", "meetings")


@dataclass(frozen=True)
class Step:
    """One step: ``why`` is the code of its sentence, ``kpi`` the figure, before (usually) and after (now).

    Of a symptom ``before`` is what was to be expected, and ``worth`` what one of the figure is worth.
    """

    why: str
    kpi: str = ""
    before: float = NAN
    after: float = NAN
    effect: float = NAN
    cases: float = NAN
    worth: float = NAN
    evidence: str = MEASURED
    members: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, object] = field(default_factory=dict)


def steps(problem: str, size: Sized, view: SliceView, small_n: int) -> list[Step]:
    """Return the steps of one problem, the symptom first: the figure that it was sized by.

    Parameters
    ----------
    problem
        Code of the problem.
    size
        What it took, and by which figure.
    view
        The problem's slice; its order lines have ``usual`` where prices are asked about, see `price_level`.
    small_n
        Rates of fewer cases are not compared.
    """
    symptom, found = _symptom(size, view, small_n), list[Step | None]()
    if problem == "lower_collection":
        found = [*_who_owes(view)]
    elif problem in DEALS:
        found = [_half(view, small_n), *_lost(view), _effort(view)]
    else:
        driver = _driver(problem, size, view)
        priced = "price_level" in (size.kpi, driver.kpi if driver is not None else "")
        who = _around_price(view) if priced else _concentrated(view)
        found = [driver, *who, _begun(view), *_lost(view), _effort(view)]
    return [symptom, *(_rounded(step) for step in found if step is not None)]


def _rounded(step: Step) -> Step:
    """Return a step whose usual count is a round one: nobody has 2,821.1 orders."""
    if not step.kpi or metric(step.kpi).unit != "count" or isnan(step.before):
        return step
    return replace(step, before=round(step.before, 0 if step.before >= 10 else 1))


# -- symptoms


def _symptom(size: Sized, view: SliceView, small_n: int) -> Step:
    if size.kpi == "win_rate" and not size.cases >= small_n:
        return _since("win_rate", view, "closed_deals", size.effect)
    return Step(
        SYMPTOMS[size.kpi], size.kpi, size.expected, size.actual, size.effect, size.cases,
        worth=NAN if size.kpi == "sales" else size.worth,
    )  # fmt: skip


def _since(kpi: str, view: SliceView, counted: str, effect: float = NAN) -> Step:
    """Return a rate over all that is judged together, where the period alone has too few cases."""
    recent = [view.past.recent]
    return Step(
        f"{kpi}_since", kpi, view.figure(kpi, view.past.usual), view.figure(kpi, recent), effect,
        view.figure(counted, recent), labels={"start": view.past.recent.start},
    )  # fmt: skip


# -- drivers


def _driver(problem: str, size: Sized, view: SliceView) -> Step | None:
    """Return what fell where a problem was sized by something else: a figure of its own past twelve months."""
    if problem == "customer_stopped":
        return _stopped(view)
    if problem == "smaller_orders" and (price := _price(view)) is not None:
        return price
    ordered = "orders" if "customer" in view.members else "orders_per_customer"
    kpi = {"fewer_orders": ordered, **_DRIVERS}.get(problem)
    if kpi is None or kpi == size.kpi:
        return None
    usual = view.usually(kpi)
    return Step(f"less_{kpi}", kpi, usual.usual, usual.now) if usual.now < usual.usual else None


_DRIVERS = {"fewer_customers": "customers", "fewer_new_customers": "new_customers", "smaller_orders": "aov"}


def _stopped(view: SliceView) -> Step | None:
    last = last_order(view)
    if last is None:
        return None
    return Step("last_order", labels={"last_date": last})


def last_order(view: SliceView) -> pd.Timestamp | None:
    """Return the day of a slice's last order up to the period's end, None without one."""
    orders = view.rows("orders")
    days = pd.Series(dtype="datetime64[s]") if orders is None else orders["sales_date"]
    days = days[days <= pd.Timestamp(view.past.now.end)]
    return pd.Timestamp(days.max()) if len(days) else None


def _price(view: SliceView) -> Step | None:
    orders = view.rows("orders")
    if orders is None or "usual" not in orders:
        return None
    level = price_level(orders, view.past.now)
    return Step("less_price", "price_level", 1.0, level) if level < CHEAPER else None


def _around_price(view: SliceView) -> list[Step]:
    """Tell how many units were sold at the lower price, and how many of the reps sold below usual prices."""
    units = view.usually("quantity")
    found = [Step(UNITS, "quantity", units.usual, units.now)] if units.usual > 0 else []
    orders = view.rows("orders")
    if orders is None or "usual" not in orders:
        return found
    levels = levels_by_rep(orders, view.past.now)
    if len(levels) > 1:
        low = sum(level < CHEAPER for level in levels.values())
        found.append(Step("price_reps", "reps", after=float(low), cases=float(len(levels))))
    return found


def _half(view: SliceView, small_n: int) -> Step | None:
    """Tell in which half of the win rate the loss lies: fewer proposals, or fewer of them won."""
    recent, usual = [view.past.recent], view.past.usual
    found: list[tuple[float, Step]] = []
    for kpi, hits, cases in (("proposal_rate", "proposed_deals", "closed_deals"),
                             ("wins_per_proposal", "won_deals", "proposed_deals")):  # fmt: skip
        now, before = (tuple(view.figure(i, w) * len(w) for i in (hits, cases)) for w in (recent, usual))
        if any(isnan(v) for v in (*now, *before)) or min(now[1], before[1]) < small_n or now[0] > now[1]:
            continue
        chance = chance_equal((now[0], now[1]), (before[0], before[1])) if before[0] <= before[1] else NAN
        if now[0] / now[1] < before[0] / before[1] and chance < CHANCE:
            found.append((chance, _since(kpi, view, cases)))
    return min(found, key=lambda pair: pair[0])[1] if found else None


# -- who


def _concentrated(view: SliceView) -> list[Step]:
    """Name the customer, product or rep that carries most of what went missing, and what is known of a customer."""
    # New customers are others every month: none of them is missing.
    met = () if view.members.get("new_existing") == "new" else ("customer",)
    found = {d: _most(view, d) for d in (*met, "product", "rep") if d not in view.members}
    named = {d: (step, share) for d, pair in found.items() if pair for step, share in (pair,)}
    steps_: list[Step] = []
    if named:
        dimension = max(named, key=lambda d: named[d][1])
        steps_.append(named[dimension][0])
        view = view.within(named[dimension][0].members) if dimension == "customer" else view
    return [*steps_, *_of_customer(view)] if "customer" in view.members else steps_


def _most(view: SliceView, dimension: str) -> tuple[Step, float] | None:
    usual, now = (view.by_member(dimension, windows) for windows in (view.past.usual, [view.past.now]))
    change = {member: now.get(member, 0.0) - usual.get(member, 0.0) for member in sorted({*usual, *now})}
    missing = {member: amount for member, amount in change.items() if amount < 0}
    if dimension == "rep" and "customer" not in view.members:
        # The customers of a rep who left are served by others now.
        missing = {member: amount for member, amount in missing.items() if member in now}
    if len(change) < 2 or not missing:
        return None
    most = min(missing, key=lambda member: missing[member])
    share = missing[most] / sum(missing.values())
    if share < MOST_OF_IT:
        return None
    why = SERVED if dimension == "rep" and "customer" in view.members else f"most_{dimension}"
    before, after = usual.get(most, 0.0), now.get(most, 0.0)
    return Step(why, "sales", before, after, after - before, members={dimension: most}), share


def _of_customer(view: SliceView) -> list[Step]:
    return [step for step in (_last_lost(view), _reported(view)) if step is not None]


def _last_lost(view: SliceView) -> Step | None:
    """Return the last deal lost with a customer in the months before its last order, or since."""
    deals, last = view.rows("opportunities"), last_order(view)
    if deals is None or last is None:
        return None
    start, end = last - pd.DateOffset(months=MONTHS_BEFORE), pd.Timestamp(view.past.now.end)
    days = deals["close_date"]
    lost = deals[(deals["status"] == "lost") & (days >= start) & (days <= end)]
    told = lost[lost["lost_reason"].fillna("") != ""].sort_values(["close_date", "opportunity_id"])
    if told.empty:
        return None
    deal = told.iloc[-1]
    rival = "" if pd.isna(deal["competitor"]) else str(deal["competitor"])
    return Step(
        "lost_deal_to" if rival else "lost_deal", "lost_deals", after=float(len(lost)), evidence=ASSOCIATED,
        members={"lost_reason": str(deal["lost_reason"]), **({"competitor": rival} if rival else {})},
        labels={"last_date": deal["close_date"], "start": start.date()},
    )  # fmt: skip


def _reported(view: SliceView) -> Step | None:
    """Return the latest field note that may tell why: of what people say nothing is measured."""
    notes = view.rows("notes")
    if notes is None:
        return None
    days = notes["note_date"]
    start = pd.Timestamp(view.past.recent.start) - pd.DateOffset(months=MONTHS_BEFORE)
    recent = notes[(days >= start) & (days <= pd.Timestamp(view.past.now.end)) & notes["kind"].isin(REPORTED)]
    if recent.empty:
        return None
    order = recent["kind"].map({kind: -i for i, kind in enumerate(REPORTED)})
    note = recent.assign(order=order).sort_values(["order", "note_date", "text"]).iloc[-1]
    author = "" if pd.isna(note["rep"]) else str(note["rep"])
    return Step(
        "reported", evidence=HYPOTHESIS, members={"kind": str(note["kind"])},
        labels={"last_date": note["note_date"], "answer": str(note["text"]), "author": author},
    )  # fmt: skip


def _who_owes(view: SliceView) -> list[Step]:
    """Name the customer that owes most of what is overdue, and how much is overdue."""
    receipts = view.rows("receipts")
    if receipts is None:
        return []
    items = overdue_items(receipts, view.past.now.end)
    owed = items[items["customer"] != ""].groupby("customer")["units"].sum() / SCALE
    whole = float(items["units"].sum() / SCALE)
    if whole <= 0:
        return []
    found = [Step("overdue", "overdue", after=whole)]
    if len(owed) and owed.max() / whole >= MOST_OF_IT:
        found.append(Step("most_overdue", "overdue", after=float(owed.max()), members={"customer": str(owed.idxmax())}))
    return found


# -- what goes along with it


def _begun(view: SliceView) -> Step | None:
    """Return how many deals were begun a month, where fewer were over all that is judged together; others still are."""
    months, end = view.past.by_months, pd.Timestamp(view.past.now.end)
    entered = within(view.tables["opportunities"], "created_date", Window(end - pd.Timedelta(days=STALE), end))
    if months is None or entered.empty:
        return None
    usual, recent = months
    before, now = (view.sums("cohort_deals", windows) for windows in (usual, recent))
    if before is None or now is None:
        return None
    held = Usual.of(now["cohort_deals"], before["cohort_deals"])
    if not held.far <= -FAR:
        return None
    start = {"start": recent[0].start}
    return Step("less_begun", "cohort_deals", held.usual, held.now, evidence=ASSOCIATED, labels=start)


def _lost(view: SliceView) -> list[Step]:
    """Return the reason, or else the competitor, that lost deals name more often than they usually did."""
    deals = view.rows("opportunities")
    if deals is None or not len(deals):
        return []
    lost = deals[deals["status"] == "lost"]
    now = within(lost, "close_date", view.past.recent)
    parts = [within(lost, "close_date", w) for w in view.past.usual]
    before = pd.concat(parts) if parts else lost.iloc[:0]
    for column in ("lost_reason", "competitor"):
        step = _more_often(_given(now[column]), _given(before[column]), column, view)
        if step is not None:
            return [step]
    return []


def _given(cells: pd.Series) -> pd.Series:
    return cells[cells.notna() & (cells != "")]


def _more_often(now: pd.Series, before: pd.Series, column: str, view: SliceView) -> Step | None:
    if len(now) < FEWEST or len(before) < FEWEST:
        return None
    counts = now.value_counts()
    top = str(sorted(counts.index, key=lambda name: (-counts[name], str(name)))[0])
    hits, usual = float(counts[top]), float((before == top).sum())
    share, past = hits / len(now), usual / len(before)
    # All reasons were looked at, not this one alone.
    chance = chance_equal((hits, len(now)), (usual, len(before))) * max(now.nunique(), 1)
    if share <= past or chance >= CHANCE:
        return None
    return Step(
        f"more_{column}", "share", past, share, cases=float(len(now)), evidence=ASSOCIATED,
        members={column: top}, labels={"start": view.past.recent.start},
    )  # fmt: skip


def _effort(view: SliceView) -> Step | None:
    """Return the kind of contact that fell furthest short of what is usual with the slice."""
    found = {kpi: view.usually(kpi) for kpi in CONTACTS}
    short = {kpi: u for kpi, u in found.items() if u.far <= -FAR and u.now < u.usual}
    if not short:
        return None
    worst = min(short, key=lambda kpi: short[kpi].far)
    usual = short[worst]
    return Step("less_contact", worst, usual.usual, usual.now, evidence=ASSOCIATED)
