"""The funnel: how far deals came that began in the same months, where they were lost, how long they waited."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from salesnb.calendar import Period, Window
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.findings.recorded import NO_LOSSES
from salesnb.methods.rates import RARE, chance_alike, chance_equal, furthest, surest, wilson
from salesnb.metrics import UNASSIGNED, measure
from salesnb.metrics.dimensions import refuse
from salesnb.metrics.funnel import STAGES
from salesnb.metrics.registry import measured
from salesnb.scope import Scope
from salesnb.views.cohorts import POOLED, Cohorts, cohorts
from salesnb.views.periods import months_to, name_of, window_of
from salesnb.views.recorded import outcomes_from
from salesnb.views.stages import WON, Journey, journey

COHORT = ("cohort_deals", "cohort_won", "cohort_lost", "cohort_open", "close_rate")
CLOSE = ("close_rate", "close_low", "close_high")
STEPS = ("reached_deals", "passed_deals", "conversion")

_SHOWN = 15
"""Months of entry that are listed: this quarter's and those of a year before it."""

_LATELY = 3
"""Ripe months that are held against the year before them; a single month has too few deals."""

By = Literal["stage", "cohort", "lead_source"]
_WAYS = get_args(By)


def funnel(opportunities: pd.DataFrame, stage_history: pd.DataFrame, *, scope: Scope, by: By = "stage") -> Finding:
    """Follow deals from their first contact to the close, in cohorts of the month in which they began.

    Conversions are counted among deals of the same months, the last twelve that are ripe (`cohorts`), and beside them
    those of the twelve before. Where there is no stage history, what the deals themselves hold is followed.

    Parameters
    ----------
    opportunities, stage_history
        Clean tables; the latter may be empty.
    by
        ``stage``: one row a step; ``cohort``: one row a month of entry, then the last three ripe ones and the year
        before them; ``lead_source``: one row a source and step.

    Returns
    -------
    Finding
        Rows by ``cohort`` (the months counted together), and ``stage`` or ``lead_source``; blank: all of it.
    """
    refuse({by} - {*_WAYS}, _WAYS)
    needed = Missing("opportunities", ("opportunity_id", "status", "created_date", "close_date"))
    if opportunities.empty:
        return _without(scope, by, "no_deals", needed)
    told = journey(opportunities, stage_history, scope)
    dated = told.deals["created_date"].notna().to_numpy()
    months = cohorts(told.deals, scope)
    if not months.months and outcomes_from(scope) != scope.history_start:
        return _without(scope, by, NO_LOSSES.key, None)
    if not dated.any() or not months.months:
        return _without(scope, by, "no_entry", needed if not dated.any() else None)
    kept = scope.recorded("stage_history", Window(scope.history_start, scope.as_of))
    if by != "cohort" and told.how != "deals" and kept:
        months = months.since(kept.start)  # of deals begun before, the first stages are not known
    made = {"stage": _by_stage, "cohort": _by_cohort, "lead_source": _by_source}[by]
    return made(told, months, scope)


def _without(scope: Scope, by: By, key: str, needed: Missing | None) -> Finding:
    rows = pd.DataFrame(columns=["cohort", *([by] if by != "cohort" else []), *COHORT])
    missing = (needed,) if needed else ()
    return Finding("diagnosis.funnel", scope, rows, Say(key), missing=missing, quiet=True)


# -- by stage


def _by_stage(told: Journey, months: Cohorts, scope: Scope) -> Finding:
    recent = months.recent()
    steps = _steps(told, months, recent, scope)
    total = _total(told, months, scope).assign(
        unplaced_deals=float(told.deals["created_date"].isna().sum()),
        untracked_deals=float((told.reached[_inside(told, recent)] < 0).sum()),
    )
    rows = pd.concat([total, steps], ignore_index=True).assign(cohort=name_of(recent))
    rows = rows[["cohort", "stage", *(c for c in rows.columns if c not in ("cohort", "stage"))]]
    headline = _stage_headline(rows, scope)
    asked = [c for c in rows.columns if c not in ("cohort", "stage")]
    accent = tuple(int(str(p)) for name, p in headline.picks.items() if name == "worst")
    return Finding(
        "diagnosis.funnel",
        scope,
        rows,
        headline,
        notes=tuple(_stage_notes(told, months, rows, scope)),
        chart=Chart("bars", {"label": "stage", "value": "reached_deals"}, tuple(range(1, len(rows))), accent),
        table=("stage", *STEPS, "conversion_before", "conversion_change", "stage_days", "waiting_deals",
               "conversion_low", "conversion_high"),
        reasons=dict.fromkeys((c for c in asked if c not in CLOSE or any(months.ripe)), NOT_ASKED),
        quiet=not rows["cohort_deals"].iloc[0],
    )  # fmt: skip


def _total(told: Journey, months: Cohorts, scope: Scope) -> pd.DataFrame:
    """Return all deals of the cohorts, whatever is known of their stages."""
    window = window_of(months.recent())
    ids = [*COHORT, *(["intent_conversion", "qualified_deals"] if _has_leads(told) else [])]
    tables = {"opportunities": told.deals, STAGES: told.entries(scope.settings.funnel.opportunity_stage)}
    whole = measure(ids, tables, window)
    low, high = wilson(whole["cohort_won"], whole["cohort_deals"])
    whole = whole.assign(stage="", close_low=low, close_high=high, ripe_days=months.ripe_days)
    return _ripe_only(whole, months)


def _ripe_only(rows: pd.DataFrame, months: Cohorts) -> pd.DataFrame:
    """Leave out close rates where no month is ripe: deals still open would make them too low."""
    return rows if any(months.ripe) else rows.assign(**dict.fromkeys(CLOSE, np.nan))


def _has_leads(told: Journey) -> bool:
    """Tell whether a stage before the opportunity is known; what the deals table holds are opportunities already."""
    return told.how != "deals" and len(told.stages) > 1


def _steps(told: Journey, months: Cohorts, recent: Sequence[Period], scope: Scope) -> pd.DataFrame:
    entries = told.entries(scope.settings.funnel.opportunity_stage)
    now = _measured(entries, window_of(recent), told.stages)
    earlier = [m for m in months.ripened() if m.end < recent[0].start][-POOLED:]
    before = _measured(entries, window_of(earlier), told.stages) if earlier else now.assign(
        reached_deals=np.nan, passed_deals=np.nan, conversion=np.nan
    )  # fmt: skip
    low, high = wilson(now["passed_deals"], now["reached_deals"])
    own = told.of(_inside(told, recent))
    past = told.of(_inside(told, earlier)).waiting() if earlier else np.full(len(told.stages), np.nan)
    made = now.assign(
        conversion_low=low,
        conversion_high=high,
        reached_before=before["reached_deals"].to_numpy(),
        waiting_before=past,
        conversion_before=before["conversion"].to_numpy(),
        conversion_change=now["conversion"].to_numpy() - before["conversion"].to_numpy(),
        stage_days=own.stays(np.datetime64(scope.as_of)),
        waiting_deals=own.waiting(),
    )
    end = pd.DataFrame({"stage": [WON], "reached_deals": [made["passed_deals"].iloc[-1]]})
    return pd.concat([made, end], ignore_index=True)


def _measured(entries: pd.DataFrame, window: Window, stages: Sequence[str]) -> pd.DataFrame:
    """Return the figures of the steps in the stages' order; a stage that no deal reached has zero."""
    found = measure(STEPS, {STAGES: entries}, window, ["stage"]).set_index("stage").reindex(list(stages))
    counts = found[["reached_deals", "passed_deals"]].fillna(0.0)
    return found.assign(reached_deals=counts["reached_deals"], passed_deals=counts["passed_deals"]).reset_index()


def _inside(told: Journey, months: Sequence[Period]) -> np.ndarray:
    window, begun = window_of(months), told.deals["created_date"]
    return ((begun >= pd.Timestamp(window.start)) & (begun <= pd.Timestamp(window.end))).to_numpy(dtype=bool)


def _stage_headline(rows: pd.DataFrame, scope: Scope) -> Say:
    few, steps = scope.settings.sales.small_n, _places(rows)
    picks: dict[str, int | tuple[int, ...]] = {"first": steps[0], "last": steps[-1]}
    if rows["reached_deals"].iloc[1] < few:
        return Say("few", picks)
    judged = [i for i in steps if rows["reached_deals"].iloc[i] >= few]
    fallen = _fallen(rows, judged, few)
    if fallen is not None:
        return Say("fell", {**picks, "worst": fallen})
    if len(steps) == 1:
        return Say("one_step", picks)
    order = sorted(judged, key=lambda i: (rows["conversion"].iloc[i], i))
    pair = [(float(rows["passed_deals"].iloc[i]), float(rows["reached_deals"].iloc[i])) for i in order[:2]]
    # The lowest was picked among so many.
    apart = len(pair) > 1 and chance_equal(*pair) * (len(order) - 1) < RARE
    return Say("narrowest" if apart else "even", {**picks, "worst": order[0]})


def _places(rows: pd.DataFrame) -> list[int]:
    """Return where the steps stand: after the total, before the deals won."""
    return list(range(1, len(rows) - 1))


def _fallen(rows: pd.DataFrame, judged: Sequence[int], few: int) -> int | None:
    """Return the step from which deals went on less often than the year before, by more than chance explains.

    Deals that are still there have not failed yet: they are left out on both sides.
    """
    pairs = []
    for i in judged:
        row, enough = rows.iloc[i], rows["reached_before"].iloc[i] >= few
        now = float(row["passed_deals"]), float(row["reached_deals"] - row["waiting_deals"])
        went = round(float(row["conversion_before"] * row["reached_before"])) if enough else 0
        pairs.append((now, (went, float(row["reached_before"] - row["waiting_before"]))) if enough else None)
    fell = [rows["conversion_change"].iloc[i] < 0 for i in judged]
    fallen = [place for place in surest(pairs, higher=False) if fell[place]]
    return judged[fallen[0]] if fallen else None


def _stage_notes(told: Journey, months: Cohorts, rows: pd.DataFrame, scope: Scope) -> list[Say]:
    steps = tuple(_places(rows))
    whole, notes = {"total": 0}, [_counted(months)]
    notes.append(Say("no_history") if told.how == "deals" else Say(f"order_{told.how}", {"steps": steps}))
    if told.left_out:
        notes.append(Say("left_out"))
    if _has_leads(told) and rows["reached_deals"].iloc[0] >= scope.settings.sales.small_n:
        stage = scope.settings.funnel.opportunity_stage
        at = 1 + (told.stages.index(stage) if stage in told.stages else 1)
        notes.append(Say("leads", {**whole, "from": at}))
    longest = _longest(rows, scope.settings.sales.small_n)
    if longest is not None:
        notes.append(Say("longest", {"long": longest}))
    notes += [Say(k, whole) for k in ("unplaced", "untracked") if rows[f"{k}_deals"].iloc[0]]
    if rows["cohort_open"].iloc[0]:
        notes.append(Say("open", whole))
    return notes


def _counted(months: Cohorts) -> Say:
    """Say which months the deals began in, and whether these can be judged."""
    if any(months.ripe):
        return Say("ripe_all" if months.ripe[-1] else "ripe", {"total": 0})
    return Say("untold_age" if np.isnan(months.ripe_days) else "unripe", {"total": 0})


def _longest(rows: pd.DataFrame, few: int) -> int | None:
    """Return the step in which deals stay longest; None where there are not two to compare."""
    known = rows["stage_days"].where(rows["reached_deals"] >= few).iloc[1:].dropna()
    return max(known.index.tolist(), key=lambda i: known[i]) if len(known) > 1 else None


# -- by month of entry


def _by_cohort(told: Journey, months: Cohorts, scope: Scope) -> Finding:
    first = told.deals["created_date"].min().date()
    listed = [m for m in months_to(scope, _SHOWN) if m.end >= first]
    ripe = months.ripened()
    now, before = ripe[-_LATELY:], ripe[: -len(ripe[-_LATELY:])][-POOLED:] if ripe else []
    runs = [[m] for m in listed]
    runs += [run for run in (now, before) if run and run not in runs]
    rows = _cohorts(told, runs).assign(note=[_age(run, ripe, scope) for run in runs])
    unfit = rows["note"] != ""
    rows = rows.assign(**{c: rows[c].mask(unfit) for c in CLOSE})[["cohort", *COHORT, *CLOSE[1:], "note"]]
    few = scope.settings.sales.small_n
    fit = (rows["close_rate"].notna() & (rows["cohort_deals"] >= few)).to_numpy()[: len(listed)]
    drawn = tuple(int(i) for i in np.flatnonzero(fit))
    headline = _cohort_headline(rows, now, before, few)
    line = Chart("line", {"x": "cohort", "value": "close_rate"}, drawn)
    return Finding(
        "diagnosis.funnel",
        scope,
        rows,
        headline,
        notes=tuple(_cohort_notes(rows, headline)),
        chart=line if len(drawn) > 1 else Chart("table"),
        quiet=not listed,
    )


def _cohort_notes(rows: pd.DataFrame, headline: Say) -> list[Say]:
    notes = []
    if "before" in headline.picks and rows["cohort_open"].iloc[[int(str(p)) for p in headline.picks.values()]].any():
        notes.append(Say("still_open", headline.picks))
    return notes + [Say(note) for note in ("not_ripe", "cut_short") if (rows["note"] == note).any()]


def _cohorts(told: Journey, runs: Sequence[Sequence[Period]]) -> pd.DataFrame:
    """Return what became of the deals begun in each run of months."""
    tables = {"opportunities": told.deals}
    found = [measured(COHORT, tables, window_of(run))[1] for run in runs]
    figures = {c: np.array([of_run[c][0] for of_run in found]) for c in COHORT}
    low, high = wilson(figures["cohort_won"], figures["cohort_deals"])
    names = pd.array([name_of(run) for run in runs], dtype="str")
    return pd.DataFrame({"cohort": names, **figures, "close_low": low, "close_high": high})


def _age(run: Sequence[Period], ripe: Sequence[Period], scope: Scope) -> str:
    """Say why a month has no rate: it is too young, or began before the data did."""
    first = outcomes_from(scope)
    if first is None or run[0].start < first:
        return "cut_short"
    return "" if run[-1] in ripe else "not_ripe"


def _cohort_headline(rows: pd.DataFrame, now: Sequence[Period], before: Sequence[Period], few: int) -> Say:
    if not now:
        return Say("cohort_unripe")
    at = [int(np.flatnonzero(rows["cohort"] == name_of(run))[0]) for run in (now, before) if run]
    won, deals = (rows[c].iloc[at].tolist() for c in ("cohort_won", "cohort_deals"))
    picks = dict(zip(("now", "before"), at, strict=False))
    if deals[0] < few:
        return Say("cohort_few", {"now": at[0]})
    if len(at) < 2 or deals[1] < few:
        return Say("cohort_alone", {"now": at[0]})
    if chance_equal((won[0], deals[0]), (won[1], deals[1])) >= RARE:
        return Say("cohort_steady", picks)
    ended = [w + rows["cohort_lost"].iloc[i] for w, i in zip(won, at, strict=True)]
    if chance_equal((won[0], ended[0]), (won[1], ended[1])) >= RARE:
        return Say("cohort_open", picks)
    return Say("cohort_fell" if won[0] / deals[0] < won[1] / deals[1] else "cohort_rose", picks)


# -- by lead source


def _by_source(told: Journey, months: Cohorts, scope: Scope) -> Finding:
    source = told.deals["lead_source"]
    if source.isna().all():
        return _without(scope, "lead_source", "no_source", Missing("opportunities", ("lead_source",)))
    recent = months.recent()
    whole, steps = _of_sources(told, recent, scope)
    whole = _ripe_only(whole, months)
    rows = pd.concat([_total(told, months, scope)[[*COHORT, "close_low", "close_high", "ripe_days"]], whole, steps])
    rows = rows.assign(cohort=name_of(recent)).reset_index(drop=True)
    rows = rows.assign(**{d: rows[d].fillna("") for d in ("lead_source", "stage")})
    keys = ["cohort", "lead_source", "stage"]
    rows = rows[[*keys, *(c for c in rows.columns if c not in keys)]]
    sources = range(1, 1 + len(whole))
    few = scope.settings.sales.small_n
    headline = _source_headline(rows, sources, few) if any(months.ripe) else Say("cohort_unripe")
    accent = tuple(int(str(p)) for name, p in headline.picks.items() if name != "total")
    return Finding(
        "diagnosis.funnel",
        scope,
        rows,
        headline,
        notes=(_counted(months),),
        chart=Chart("bars", {"label": "lead_source", "value": "close_rate"}, tuple(sources), accent),
        table=(*keys[1:], "cohort_deals", "cohort_won", "close_rate", *STEPS, "close_low", "close_high"),
        reasons=dict.fromkeys([c for c in rows.columns if c not in keys], NOT_ASKED),
        quiet=len(whole) < 2,
    )


def _of_sources(told: Journey, recent: Sequence[Period], scope: Scope) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a row for each source, the best close rate first, and a row for each source and step."""
    window, entries = window_of(recent), told.entries(scope.settings.funnel.opportunity_stage)
    whole = measure(COHORT, {"opportunities": told.deals}, window, ["lead_source"])
    low, high = wilson(whole["cohort_won"], whole["cohort_deals"])
    whole = whole.assign(close_low=low, close_high=high)
    whole = whole.sort_values(["close_rate", "lead_source"], ascending=[False, True])
    steps = measure(STEPS, {STAGES: entries}, window, ["lead_source", "stage"])
    places = [
        (list(whole["lead_source"]).index(source), told.stages.index(stage))
        for source, stage in zip(steps["lead_source"], steps["stage"], strict=True)
    ]
    return whole, steps.iloc[sorted(range(len(steps)), key=lambda i: places[i])]


def _source_headline(rows: pd.DataFrame, sources: Sequence[int], few: int) -> Say:
    """Name the sources whose leads are won most and least often, where that is more than chance."""
    total: dict[str, int | tuple[int, ...]] = {"total": 0}
    fit = [i for i in sources if rows["cohort_deals"].iloc[i] >= few and rows["lead_source"].iloc[i] != UNASSIGNED]
    if len(fit) < 2:
        return Say("source_few", total)
    rates = [(float(rows["cohort_won"].iloc[i]), float(rows["cohort_deals"].iloc[i])) for i in fit]
    ends = {**total, "best": fit[0], "worst": fit[-1]}
    pair = furthest(rates)
    if pair is None:
        return Say("source_alike" if chance_alike(rates) >= RARE else "source_uneven", ends)
    best, worst = (fit[place] for place in pair)
    return Say(
        "source_apart" if (best, worst) == (fit[0], fit[-1]) else "source_pair", {**total, "best": best, "worst": worst}
    )
