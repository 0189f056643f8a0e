"""Five whys: from each top problem's symptom towards a cause one can act on, as far as figures reach, then people."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from salesnb.causes.answers import members_in, placed
from salesnb.causes.signals import can_tell, price_windows
from salesnb.causes.sizing import Sized
from salesnb.causes.why_steps import ASSOCIATED, HYPOTHESIS, MEASURED, SERVED, UNITS, Step, last_order, steps
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.metrics.deals import judged
from salesnb.scope import Scope
from salesnb.views.customers import begun_with_kinds, sales_with_kinds
from salesnb.views.past import Past, past_of
from salesnb.views.prices import PRICED, at_usual_prices
from salesnb.views.slices import SLICE, members_of, top_of, with_slice, without_removed
from salesnb.views.usual import SliceView
from salesnb.views.workload import LOG

WHYS = 5
"""So many whys make a chain; where figures and answers are that many, what is left to ask is who acts."""

FURTHER = ("product", "lost_reason", "competitor", "kind")
"""Dimensions of steps beside those of a slice."""
DIMENSIONS = ("chain", "problem", *SLICE, *FURTHER, "step", "why", "kpi")
FIGURES = ("effect", "before", "after", "cases", "worth")
LABELLED = ("evidence", "start", "last_date", "answer", "author", "answered_on", "problem_text", "basis")
COLUMNS = (*DIMENSIONS, *FIGURES, *LABELLED)
"""``chain`` numbers the problems, ``step`` the whys of one; blank: an answer that fits no problem."""

SHOWN = ("chain", "problem", "step", *SLICE, *FURTHER, "kpi", "before", "after", "cases", "effect", "evidence",
         "start", "last_date", "answer", "author", "answered_on", "problem_text", "basis")  # fmt: skip

READ = {
    "orders": ("sales_date", "amount", "quantity", "order_id", "product", *SLICE),
    "opportunities": ("opportunity_id", "status", "created_date", "close_date", "proposal_date", "amount",
                      "lost_reason", "competitor", *SLICE),
    "activities": ("activity_date", "kind", "count", *SLICE),
}  # fmt: skip
"""Columns that are asked for; copying the others would cost more than all the rest."""

_TOLD = frozenset((
    "last_order", "less_price", "price_reps", "most_customer", "most_product", "most_rep", "lost_deal",
    "lost_deal_to", "overdue", "most_overdue", "more_lost_reason", "more_competitor", "less_contact",
    "less_begun",
))  # fmt: skip
"""Steps of which a headline has its own words."""

_ASKED_OF = {"more_lost_reason": "lost_reason", "lost_deal": "lost_reason", "lost_deal_to": "competitor",
             "more_competitor": "competitor", "less_contact": "contact",
             "less_begun": "begun", "most_overdue": "debtor"}  # fmt: skip
"""Which question the last thing that figures show leads to."""


def five_whys(
    problems: pd.DataFrame,
    orders: pd.DataFrame,
    opportunities: pd.DataFrame,
    activities: pd.DataFrame,
    receipts: pd.DataFrame,
    notes: pd.DataFrame,
    customers: pd.DataFrame,
    whys: pd.DataFrame,
    *,
    scope: Scope,
) -> Finding:
    """Lead from each top problem's symptom towards its cause: figures first, then what people say, then a question.

    A step is shown where the tables hold something that is more than chance, each marked as measured, associated or
    hypothesis. "Usual" is the mean of the twelve months that end three months before the period (or four quarters,
    the year, 26 weeks before). Answers that people gave earlier stand under the problem that they name, with day and
    author; those that fit none stand apart.

    Parameters
    ----------
    problems
        Rows of the diagnosis.
    orders, opportunities, activities, receipts, notes, customers
        Clean tables; empty ones give no step.
    whys
        Answers that people keep.

    Returns
    -------
    Finding
        One row per step; the last of each chain is the open question. ``before`` is what is usual, ``after`` what is.
    """
    past, named = past_of(scope), with_slice(top_of(problems)).reset_index(drop=True)
    given = {
        "orders": sales_with_kinds(orders, scope), "receipts": receipts,
        "opportunities": _told(opportunities, orders),
        "notes": notes, "activities": _usually_logged(activities, past, scope), "customers": customers,
    }  # fmt: skip
    tables = {name: table[[c for c in READ.get(name, table.columns) if c in table]] for name, table in given.items()}
    if named["problem"].isin(PRICED).any():
        tables["orders"] = tables["orders"].assign(usual=at_usual_prices(orders, price_windows(scope)))
    views = [SliceView(tables, members_of(p), past) for p in named.to_dict("records")]
    since = [
        last_order(view) if problem == "customer_stopped" else None
        for view, problem in zip(views, named["problem"], strict=True)
    ]
    known = members_in([orders, opportunities]) if len(whys) else {}
    teams = [p["team"] or view.team for p, view in zip(named.to_dict("records"), views, strict=True)]
    answers = placed(whys, named.assign(team=teams), known, since, scope)
    rows: list[dict[str, object]] = []
    for i, problem in enumerate(named.to_dict("records")):
        found = steps(str(problem["problem"]), _size_of(problem), views[i], scope.settings.sales.small_n)
        found = [step for step in found if _may_be_seen(step, scope)]
        rows += _chain(i, problem, found, answers[answers["place"] == i])
    rows += [_apart(answer) for answer in answers[answers["place"] < 0].iloc[::-1].to_dict("records")]
    return _finding(pd.DataFrame(rows, columns=[*COLUMNS]), len(named), scope)


def _usually_logged(activities: pd.DataFrame, past: Past, scope: Scope) -> pd.DataFrame:
    """Return activities only where they are logged all along: else what is usual cannot be told."""
    whole = all(scope.recorded(LOG, window) == window for window in (past.now, *past.usual))
    return activities if whole else activities.iloc[:0]


def _told(opportunities: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return the deals of which a rate can be told; what was begun is counted where these are all."""
    kept = begun_with_kinds(judged(opportunities), orders)
    return (
        kept
        if len(kept) == len(opportunities)
        else kept.assign(created_date=kept["created_date"].mask(kept["created_date"].notna()))
    )


def _size_of(problem: Mapping[Any, object]) -> Sized:
    """Return what a problem took, as its row tells."""
    names = ("actual", "expected", "worth", "effect", "cases")
    return Sized(str(problem["kpi"]), *(float(str(problem[name])) for name in names))


def _may_be_seen(step: Step, scope: Scope) -> bool:
    """Tell whether a step names nobody of whom the audience sees no figure."""
    return len(without_removed(pd.DataFrame([dict(step.members) or {"why": step.why}]), scope)) > 0


def _chain(
    place: int, problem: Mapping[object, object], found: Sequence[Step], answers: pd.DataFrame
) -> list[dict[str, object]]:
    """Return the rows of one chain: its steps, its answers, and what is to be asked next."""
    of = {"chain": str(place + 1), "problem": problem["problem"], **{d: problem[d] for d in SLICE}}
    rows = [
        {**of, **step.members, "why": step.why, "kpi": step.kpi, "effect": step.effect, "before": step.before,
         "after": step.after, "cases": step.cases, "worth": step.worth, "evidence": step.evidence,
         **{name: _day(value) for name, value in step.labels.items()}}
        for step in found
    ]  # fmt: skip
    rows += [
        {**of, "why": _signed("answer", a), "evidence": HYPOTHESIS, "answered_on": _day(a["answered_on"]),
         **{c: a[c] for c in ("answer", "author", "problem_text", "basis")}}
        for a in answers.to_dict("records")
    ]  # fmt: skip
    rows.append({**of, **_question(str(problem["problem"]), found, answers)})
    return [{**row, "step": str(number)} for number, row in enumerate(rows, start=1)]


def _question(problem: str, found: Sequence[Step], answers: pd.DataFrame) -> dict[str, object]:
    """Return what to ask next: on from the last answer, else from the last thing that figures show."""
    if len(answers):
        last = answers.iloc[-1]
        return {"why": "ask_who" if len(found) + len(answers) >= WHYS else "ask_on", "answer": last["answer"]}
    for step in reversed(found):
        if step.why in _ASKED_OF:
            kept = {d: m for d, m in step.members.items() if d in (*FURTHER, "customer")}
            return {"why": f"ask_{_ASKED_OF[step.why]}", "kpi": step.kpi if step.why == "less_contact" else "", **kept}
    priced = any(step.kpi == "price_level" for step in found)
    return {"why": "ask_lower_prices" if priced else f"ask_{problem}"}


def _apart(answer: Mapping[object, object]) -> dict[str, object]:
    """Return the row of an answer that is shown apart."""
    day, kept = _day(answer["answered_on"]), ("answer", "author", "problem_text", "basis", "team", "step")
    return {**{c: answer[c] for c in kept}, "why": _signed("apart", answer), "evidence": HYPOTHESIS, "answered_on": day}


def _signed(why: str, answer: Mapping[object, object]) -> str:
    return why if answer["author"] else f"{why}_unsigned"


def _day(value: object) -> object:
    """Return a day as ISO text; other labels as they are."""
    return value if isinstance(value, str) else pd.Timestamp(str(value)).date().isoformat()


def _finding(rows: pd.DataFrame, count: int, scope: Scope) -> Finding:
    texts = [c for c in COLUMNS if c not in FIGURES]
    rows = rows.astype(dict.fromkeys(FIGURES, "float64")).assign(
        **{c: rows[c].astype("object").fillna("").astype("str") for c in texts}
    )
    apart = rows.index[rows["chain"] == ""].tolist()
    say = _headline(rows) if count else Say("none" if can_tell(scope) else "untold")
    notes = [Say("apart")] if apart and count else []
    notes += [Say("kept")] if count else []
    chart = (
        Chart("chain", {"group": "chain", "why": "why", "title": "problem", "value": "effect"}) if len(rows) else None
    )
    return Finding(
        "diagnosis.five_whys", scope, rows, say, notes=tuple(notes), chart=chart, table=SHOWN,
        reasons=dict.fromkeys(FIGURES, NOT_ASKED), quiet=not len(rows),
    )  # fmt: skip


def _headline(rows: pd.DataFrame) -> Say:
    """Say how far the figures lead for the first problem."""
    own = (rows["chain"] == "1") & rows["evidence"].isin((MEASURED, ASSOCIATED)) & ~rows["why"].isin((SERVED, UNITS))
    shown = rows.index[own].tolist()
    last = shown[-1]
    told = str(rows["why"].iloc[last])
    if told not in _TOLD:
        sized = len(shown) == 1 and rows["kpi"].iloc[last] != "sales"
        told = "sized" if sized else "kpi" if pd.notna(rows["before"].iloc[last]) and len(shown) > 1 else "symptom"
    return Say(f"found_{told}", {"first": shown[0], "last": last})
