"""The weighted KPI score: one figure over several targets, capped and uncapped."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from math import isnan

import numpy as np
import pandas as pd

from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Missing, Say
from salesnb.metrics import metric, metrics
from salesnb.metrics.against import gap
from salesnb.metrics.covered import ALL, NOT_HELD, Held, held
from salesnb.metrics.dimensions import listed
from salesnb.metrics.scorecard import item_scores, total_score
from salesnb.scope import Scope
from salesnb.settings import Kpi
from salesnb.views.kpi_figures import figure_of
from salesnb.views.lights import covered_column

FIGURES = ["actual", "target", "gap", "attainment", "covered", "weight", "kpi_score", "kpi_score_capped"]


def score(
    tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, *, scope: Scope, by: str | Sequence[str] = ()
) -> Finding:
    """Weigh the attainment of each KPI of the settings into one score.

    Parameters
    ----------
    tables
        Clean tables the KPIs are computed from, by name, e.g. ``{"orders": case.orders}``.
    targets
        Clean targets; where they have none for a KPI, the settings' own target is used. Each is held against what it
        covers, and ``covered`` tells which share of the figure that is.
    by
        ``("rep",)`` gives each rep a score.

    Returns
    -------
    Finding
        Row 0 is the score of the whole scope (blank ``kpi``), then its items. By a dimension: then one row per
        member, lowest capped score first, each followed by its items. An item without actual or target has no
        part, and the score is taken over the weights that can be judged.
    """
    keys = listed(by)
    rows = _blocks(_items(tables, targets, scope, []).assign(**dict.fromkeys(keys, "")), keys)
    if keys:
        rows = pd.concat([rows, _blocks(_items(tables, targets, scope, keys), keys)], ignore_index=True)
    rows = rows[[*keys, "kpi", *FIGURES]].reset_index(drop=True)
    whole = np.flatnonzero(rows["kpi"] == "").tolist()
    headline, chart = (_by_member if keys else _whole)(rows, whole)
    missing = (Missing("targets", ("period", "metric", *keys, "amount")),) if targets.empty else ()
    return Finding(
        "targets.score", scope, rows, headline, notes=_notes(rows, keys, scope), chart=chart,
        missing=missing if rows["kpi_score"].isna().all() else (),
        reasons=_reasons(rows), table=tuple(str(c) for c in rows.columns if c != "covered" or covered_column(rows)),
    )  # fmt: skip


def _reasons(rows: pd.DataFrame) -> dict[str, str]:
    """A score has no actual or target of its own, so these are not asked of it; an item that lacks one has a reason."""
    items = rows[rows["kpi"] != ""]
    usual = dict.fromkeys(("gap", "attainment", "covered"), "no_target_or_actual")
    whole = {c: NOT_ASKED for c in ("actual", "target", "gap", "attainment", "covered") if items[c].notna().all()}
    return {**usual, **whole}


def _items(tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, scope: Scope, keys: list[str]) -> pd.DataFrame:
    """Return each member's actual and target of each KPI, and ``reached``: the figure of just what the target covers.

    An item that a member lacks is shown as lacking, but for one that no member has.
    """
    kpis = scope.settings.kpis
    usable = {name: frame for name, frame in tables.items() if not frame.empty}
    actual = [figure_of(kpi.metric, usable, scope, keys) for kpi in kpis]
    asked = [held(kpi.metric, usable, targets, scope, keys) for kpi in kpis]
    members = sorted({*chain(*actual), *chain(*asked)}) if keys else [()]
    rows: list[tuple[object, ...]] = []
    for kpi, done, given in zip(kpis, actual, asked, strict=True):
        if keys and not done and not given:
            continue
        other = _handed_down(kpi, usable, targets, scope, keys)
        none = 0.0 if keys and done and _countable(kpi.metric) else float("nan")
        rules = (kpi.metric, kpi.weight, kpi.cap, kpi.floor)
        rows += [(*m, *_sides(done.get(m, none), given.get(m), other), *rules) for m in members]
    figures = ["actual", "target", "reached", "covered"]
    items = pd.DataFrame(rows, columns=[*keys, *figures, "kpi", "weight", "cap", "floor"])
    return items.astype(dict.fromkeys((*figures, "weight", "cap", "floor"), "float64"))


def _sides(done: float, given: Held | None, other: float) -> tuple[float, float, float, float]:
    """Return actual, target, what the target is held against and the share that it covers."""
    if given is None:
        return done, other, done, 1.0 if other == other else float("nan")
    return done, given.target, done if given.covered >= 1 else given.actual, given.covered


def _countable(kpi: str) -> bool:
    """Tell whether a member without rows of a figure has none of it, rather than an unknown one."""
    return kpi in metrics() and metric(kpi).base is not None and metric(kpi).unit in {"money", "count"}


def _handed_down(
    kpi: Kpi, tables: Mapping[str, pd.DataFrame], targets: pd.DataFrame, scope: Scope, keys: list[str]
) -> float:
    """Return the target of who was given none: of a rate that of the whole, else that of the settings, or none."""
    if keys and kpi.metric in metrics() and metric(kpi.metric).unit == "rate":
        whole = held(kpi.metric, tables, targets, scope).get((), NOT_HELD)
        if whole.covered >= 1:
            return whole.target
    return float("nan") if kpi.target is None else kpi.target


def _blocks(items: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return each member's score, lowest first, and below it its items."""
    against = items.assign(actual=items["reached"])
    scored = item_scores(against).assign(gap=gap(against), actual=items["actual"])
    own: dict[tuple[str, ...], list[int]] = {}
    for i, member in enumerate(items[keys].astype("str").itertuples(index=False, name=None)):
        own.setdefault(member, []).append(i)
    figures = {name: scored[name].to_numpy() for name in ("weight", "kpi_score", "kpi_score_capped")}
    totals = {m: total_score({name: f[own[m]] for name, f in figures.items()}) for m in sorted(own)}
    heads = [{"kpi": "", **dict(zip(keys, m, strict=True)), **total} for m, total in totals.items()]
    weights, kpis = figures["weight"].tolist(), scored["kpi"].tolist()
    order = []
    for head, member in sorted(enumerate(totals), key=lambda place: _last_unjudged(totals[place[1]])):
        order.append(head)
        order += [len(heads) + i for i in sorted(own[member], key=lambda i: (-weights[i], kpis[i]))]
    return pd.concat([pd.DataFrame(heads), scored], ignore_index=True).iloc[order]


def _last_unjudged(total: dict[str, float]) -> tuple[bool, float]:
    unjudged = isnan(total["kpi_score_capped"])
    return unjudged, 0.0 if unjudged else total["kpi_score_capped"]


def _whole(rows: pd.DataFrame, whole: list[int]) -> tuple[Say, Chart]:
    chart = Chart("bars", {"label": "kpi", "value": "attainment"}, tuple(range(1, len(rows))))
    judged = [i for i in range(1, len(rows)) if pd.notna(rows["kpi_score"].iloc[i])]
    if not judged:
        return Say("cannot_judge", {"items": tuple(range(1, len(rows)))}), chart
    weakest = min(judged, key=lambda i: float(rows["attainment"].iloc[i]))
    if rows["attainment"].iloc[weakest] >= 1:
        if len(judged) < len(rows) - 1:
            return Say("judged_met", {"total": 0, "judged": tuple(judged)}), chart
        return Say("all_met", {"total": 0, "weakest": weakest}), chart
    return Say("weakest", {"total": 0, "weakest": weakest}), replace(chart, accent=(weakest,))


def _by_member(rows: pd.DataFrame, whole: list[int]) -> tuple[Say, Chart]:
    members = [p for p in whole[1:] if pd.notna(rows["kpi_score"].iloc[p])]
    roles = {"label": str(rows.columns[0]), "value": "kpi_score_capped", "panel": "kpi", "part": "attainment"}
    chart = Chart("panels", roles, tuple(members))
    if not members:
        return Say("cannot_judge_members"), chart
    if len(members) == 1:
        return Say("one_member", {"lowest": members[0]}), chart
    say = Say("members", {"lowest": members[0], "highest": members[-1]})
    return say, replace(chart, accent=(members[0], members[-1]))


def _notes(rows: pd.DataFrame, keys: list[str], scope: Scope) -> tuple[Say, ...]:
    notes = [] if scope.complete else [Say("to_date")]
    count = len(scope.settings.kpis)
    out = tuple(i for i in range(1, 1 + count) if pd.isna(rows["kpi_score"].iloc[i]))
    if out and not keys and len(out) < count:
        notes.append(Say("left_out", {"total": 0, "out": out}))
    part = tuple(i for i in range(1, 1 + count) if rows["covered"].iloc[i] < ALL)
    if part and not keys:
        notes.append(Say("partly_covered", {"part": part}))
    partly = (rows["kpi"] == "") & (rows["weight"] > 0) & (rows["weight"] < 1 - 1e-9)
    partial = [i for i in np.flatnonzero(partly).tolist() if i > count]
    if partial:
        notes.append(Say("partial_members", {"first": partial[0]}))
    return tuple(notes)
