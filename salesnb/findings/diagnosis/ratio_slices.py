"""In which few slices a rate strayed: deals won of deals closed, money an order, collected of what fell due."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from salesnb.calendar import Window
from salesnb.findings.finding import NOT_ASKED, Chart, Finding, Say
from salesnb.methods.at_once.scan import Cause
from salesnb.methods.at_once.scan_ratio import scan_ratio
from salesnb.methods.rates import chance_equal
from salesnb.metrics.collection import dated
from salesnb.metrics.deals import judged
from salesnb.metrics.grouped import coded, inside, order_codes, parts_of_one
from salesnb.scope import Scope
from salesnb.views.past import Past, past_of
from salesnb.views.periods import place_in
from salesnb.views.slices import SLICE, in_slice, without_removed

LIMIT, SURE = 0.01, 0.001
"""Chance of any false slice that is accepted, and chance below which a slice is named with high confidence."""

DEPTH, MOST = 3, 3
ALL_ALIKE = 0.0001
"""Chance below which a rate is said to have moved as a whole: what many small causes move is not told from chance."""

FAR = 4.5
"""Standard errors between two rates of money, whose few large amounts fool a test by slices."""

UNMOVED = 0.05
"""Chance from which the others did not move."""

FEWEST = 3
"""Earlier periods needed to speak of a usual rate."""

LARGE = 0.03
"""A customer with this share of what is counted is a slice of its own."""

OVER = ("week", "month")
"""Levels that are judged together with the periods just before: fourteen weeks, four months (`views.past.USUAL`)."""

COLUMNS = ("kpi", *SLICE, "before", "after", "change", "cases", "effect", "surprise", "confidence", "evidence")
_FIGURES = ("value", "base", "usual_value", "usual_base")
_CUT = ("team", "rep", "product_line", "region", "channel", "customer_type", "customer")


@dataclass(frozen=True, eq=False)
class _Ratio:
    """A rate as rows that add up: ``value`` over ``base``, each row of one day.

    ``part`` tells that the value is a part of the base, ``counted`` that the base counts cases (rows do otherwise),
    ``worth`` what one unit of the value is worth in money.
    """

    kpi: str
    rows: pd.DataFrame
    days: pd.Series
    value: np.ndarray
    base: np.ndarray
    part: bool
    worth: float = 1.0
    counted: bool = True
    unit: np.ndarray | None = None
    """What each row is a part of, e.g. its order."""
    money: np.ndarray | None = None
    """What the value of each row is worth, where that differs; ``worth`` is the mean."""


def ratio_slices(orders: pd.DataFrame, opportunities: pd.DataFrame, receipts: pd.DataFrame, *, scope: Scope) -> Finding:
    """Tell in which slices a rate strayed further from what is usual there than chance and all other slices did.

    Win rate (deals won of deals closed), average order value, and what was collected by a period's end of what fell
    due in it. A month is judged together with the three before it, so that few deals say something; usual is the year
    before these. What all slices share is no slice's.

    Parameters
    ----------
    orders, opportunities, receipts
        Clean tables; empty ones are left out.

    Returns
    -------
    Finding
        Per rate first its whole (blank slice), then the slices that strayed: ``before`` (usual) and ``after``,
        ``change``, ``cases`` of all that is judged, ``effect`` in money of this period alone, ``surprise``, confidence;
        a whole has these only where it moved as one.
    """
    past = past_of(scope)
    if len(past.usual) < FEWEST:
        return _without(scope, "short")
    made: tuple[Callable[[], _Ratio | None], ...] = (
        lambda: _wins(opportunities),
        lambda: _values(orders),
        lambda: _collected(receipts, [*past.usual, *past.together]),
    )
    found = [_rows(ratio, past, scope) for make in made if (ratio := make()) is not None]
    tables = [table for table in found if len(table)]
    if not tables:
        return _without(scope, "not_given")
    rows = without_removed(pd.concat(tables, ignore_index=True), scope).reset_index(drop=True)
    named = [int(i) for i in np.flatnonzero(rows["confidence"] != "")]
    effect = rows["effect"].tolist()
    losses = sorted((p for p in named if effect[p] < 0), key=lambda p: effect[p])
    gains = sorted((p for p in named if effect[p] > 0), key=lambda p: -effect[p])
    said, *more = [_said(rows, p, scope) for p in (*losses, *gains)] or [Say("none")]
    notes = [] if scope.complete else [Say("unfinished")]
    chart = Chart("table", rows=tuple(range(len(rows))), accent=tuple(losses[:1] or gains[:1]))
    return Finding(
        "diagnosis.ratio_slices", scope, rows, said, notes=(*more, *notes), chart=chart if named else None,
        reasons={"effect": NOT_ASKED, "surprise": NOT_ASKED},
    )  # fmt: skip


def _said(rows: pd.DataFrame, place: int, scope: Scope) -> Say:
    """Say what a rate was, and over which time where it is judged over more than the period."""
    side = "fell" if rows["effect"][place] < 0 else "rose"
    whole = "whole_" if (rows.loc[place, [*SLICE]] == "").all() else ""
    over = f"_{scope.period.level}" if scope.complete and scope.period.level in OVER else ""
    return Say(f"{whole}{side}{over}", {"first": place})


def _without(scope: Scope, key: str) -> Finding:
    return Finding("diagnosis.ratio_slices", scope, pd.DataFrame(columns=[*COLUMNS]), Say(key), quiet=True)


# -- the rates


def _wins(opportunities: pd.DataFrame) -> _Ratio | None:
    opportunities = judged(opportunities)
    closed = opportunities[opportunities["status"].isin(["won", "lost"]) & opportunities["close_date"].notna()]
    if closed.empty:
        return None
    won = (closed["status"] == "won").to_numpy(dtype="float64")
    money = closed["amount"].to_numpy(dtype="float64", na_value=0.0)
    worth = float((won * money).sum() / won.sum()) if won.any() else 0.0
    return _Ratio("win_rate", closed, closed["close_date"], won, np.ones(len(closed)), True, worth, money=won * money)


def _values(orders: pd.DataFrame) -> _Ratio | None:
    sold = orders[orders["sales_date"].notna() & orders["order_id"].notna()]
    if sold.empty:
        return None
    order = order_codes(sold, np.arange(len(sold)))
    money = sold["amount"].to_numpy(dtype="float64", na_value=0.0)
    return _Ratio("aov", sold, sold["sales_date"], money, parts_of_one(order, money), False, unit=order)


def _collected(receipts: pd.DataFrame, windows: Sequence[Window]) -> _Ratio | None:
    """Return what fell due, and what of it had come in by the end of the window in which it did."""
    receipts = dated(receipts)
    due = receipts[receipts["due_date"].notna() & (receipts["due_amount"] > 0).fillna(False).astype("bool")]
    if due.empty:
        return None
    ends = np.array([*(window.end for window in windows), "NaT"], dtype="datetime64[D]")
    ends = ends[place_in(windows, due["due_date"])]
    paid = due["received_date"].to_numpy().astype("datetime64[D]") <= ends
    asked, came = (due[c].to_numpy(dtype="float64", na_value=0.0) for c in ("due_amount", "received_amount"))
    unit = float(asked.mean())  # an instalment of average size is one case
    value = np.where(paid, np.minimum(came, asked), 0.0)
    return _Ratio("due_collection", due, due["due_date"], value / unit, asked / unit, True, unit, counted=False)


# -- the slices


def _rows(ratio: _Ratio, past: Past, scope: Scope) -> pd.DataFrame:
    """Return the whole and the slices of one rate; nothing where it has no base now or usually."""
    recent = past.recent if scope.complete else past.now
    before = np.logical_or.reduce([inside(ratio.days, window) for window in past.usual])
    judged = inside(ratio.days, recent) & ~before
    if not ratio.base[inside(ratio.days, past.now)].any() or not ratio.base[before].any():
        return pd.DataFrame(columns=[*COLUMNS])
    kept = np.flatnonzero(judged | before)
    cut = {d: _members(ratio.rows[d].array.take(kept)) for d in _CUT if d in ratio.rows}
    cut["customer"] = _large(cut["customer"], ratio.base[kept])
    dimensions = [d for d, members in cut.items() if len({*members} - {""}) > 1]
    lines = pd.DataFrame({d: cut[d] for d in dimensions}, index=range(len(kept)))
    for name, of in (("", judged), ("usual_", before), ("now_", inside(ratio.days, past.now))):
        lines[f"{name}value"], lines[f"{name}base"] = (ratio.value[kept] * of[kept], ratio.base[kept] * of[kept])
    lines["unit"] = np.arange(len(kept)) if ratio.unit is None else ratio.unit[kept]
    lines["money"] = 0.0 if ratio.money is None else ratio.money[kept]
    lines["cases"] = judged[kept] * (ratio.base[kept] if ratio.counted else 1.0)
    return _table(ratio, lines, dimensions, scope.settings.sales.small_n, _spread(ratio, past.usual))


def _spread(ratio: _Ratio, usual: Sequence[Window]) -> float:
    """Return how many times as widely a rate usually varies as of equal cases that fall by chance; at least once."""
    sums = np.array([[c[inside(ratio.days, w)].sum() for c in (ratio.value, ratio.base)] for w in usual])
    value, base = sums[sums[:, 1] > 0].T
    rate = float(value.sum() / base.sum()) if base.sum() > 0 else 0.0
    if len(base) < FEWEST or not 0 < rate < 1:
        return 1.0
    return max(float(((value - rate * base) ** 2 / base).sum() / (rate * (1 - rate) * (len(base) - 1))), 1.0)


def _table(ratio: _Ratio, lines: pd.DataFrame, dimensions: list[str], least: int, spread: float) -> pd.DataFrame:
    whole, *rows = _row(ratio, {}, lines), *_strayed(ratio, lines, dimensions, least)
    if not rows and ratio.part:
        members, chance = _leading(lines, dimensions, least, spread)
        found = _sized(ratio, members, lines, _expected(members, lines), _deviate(chance), chance)
        ours = lines[in_slice(lines, members)]
        usual = found["change"] * float(ours["now_base"].sum()) * _worth(ratio, ours)
        limit = SURE if members else ALL_ALIKE
        far = ratio.counted or _apart(ours, ratio.part) >= FAR
        if chance < limit and far and found["cases"] >= least and _still(found["effect"], usual):
            whole, rows = (whole, [found]) if members else (found, [])
    return pd.DataFrame([whole, *rows]).reindex(columns=[*COLUMNS])


def _strayed(ratio: _Ratio, lines: pd.DataFrame, dimensions: list[str], least: int) -> list[dict[str, Any]]:
    """Return the slices that strayed from the drift of all, and still do."""
    found = []
    for cause in _causes(ratio, lines, dimensions):
        inside_ = lines[in_slice(lines, cause.members)]
        if not (ratio.part and ratio.counted) and _apart(inside_, ratio.part) < FAR:
            continue
        base = float(inside_["base"].sum())
        expected = float(inside_["now_base"].sum()) * cause.drifted / base if base > 0 else 0.0
        row = _sized(ratio, cause.members, lines, expected, abs(cause.surprise), cause.chance)
        # What strayed for months and is back to normal is no news, nor is a mix that moved the other way.
        worth = _worth(ratio, inside_)
        usual = cause.effect * float(inside_["now_base"].sum()) / base * worth if base > 0 else 0.0
        if row["cases"] >= least and row["effect"] * row["change"] > 0 and _still(row["effect"], usual):
            found.append(row)
    return found


def _leading(lines: pd.DataFrame, dimensions: list[str], least: int, spread: float) -> tuple[dict[str, str], float]:
    """Return the member that alone moved, blank for the whole, and the chance of its move.

    Where one member is much of the whole, what it does looks like what all do: then the others are asked whether they
    moved that way too. Of several members the first dimension's is named, teams and reps before what they sell.
    """
    tables = {d: lines.groupby(d)[[*_FIGURES]].sum() for d in dimensions}
    limit = SURE / max(sum(len(sums) for sums in tables.values()), 1)
    for d, sums in tables.items():
        found = []
        for member, own, others in zip(sums.index, sums.to_numpy(), (sums.sum() - sums).to_numpy(), strict=True):
            (ours, fell), (theirs, others_fell) = _unlike(own, spread), _unlike(others, spread)
            large = min(own[1], others[1]) >= least
            if member and large and ours < limit and (theirs > UNMOVED or others_fell != fell):
                found.append((ours, str(member)))
        if found:
            return {d: min(found)[1]}, min(found)[0]
    return {}, _unlike(lines[[*_FIGURES]].sum().to_numpy(), spread)[0]


def _unlike(figures: np.ndarray, spread: float) -> tuple[float, bool]:
    """Return the chance that a rate is what it usually was, of two binomial rates, and whether it fell."""
    value, base, past, past_base = (float(f) / spread for f in figures)
    chance = chance_equal((round(value), round(base)), (round(past), round(past_base)))
    return 1.0 if np.isnan(chance) else chance, value * past_base < past * base


def _deviate(chance: float) -> float:
    return -float(ndtri(max(chance, 1e-15) / 2))


def _still(effect: float, usual: float) -> bool:
    """Tell whether a stray of several months goes on in this one: at least a third as far."""
    return effect * usual > 0 and abs(effect) >= abs(usual) / 3


def _apart(lines: pd.DataFrame, part: bool) -> float:
    """Return how far a rate of money lies from its past one, in standard errors that amounts of unequal size leave.

    Of a ``part`` the error is that of one rate for both times: a time in which all came in shows none of its own.
    """
    pairs = [lines.groupby("unit")[[value, base]].sum().to_numpy() for value, base in (_FIGURES[:2], _FIGURES[2:])]
    wholes = [float(sums[:, 1].sum()) for sums in pairs]
    if min(wholes) <= 0:
        return 0.0
    rates = [float(sums[:, 0].sum()) / whole for sums, whole in zip(pairs, wholes, strict=True)]
    same = sum(float(sums[:, 0].sum()) for sums in pairs) / sum(wholes)
    squares = sum(
        float(((sums[:, 0] - (same if part else rate) * sums[:, 1]) ** 2).sum()) / whole**2
        for sums, whole, rate in zip(pairs, wholes, rates, strict=True)
    )
    return abs(rates[0] - rates[1]) / float(np.sqrt(squares)) if squares > 0 else 0.0


def _expected(members: Mapping[str, str], lines: pd.DataFrame) -> float:
    """Return the value of the period at the usual rate of a slice."""
    ours = lines[in_slice(lines, members)]
    past = float(ours["usual_base"].sum())
    return float(ours["now_base"].sum()) * float(ours["usual_value"].sum()) / past if past > 0 else 0.0


def _sized(
    ratio: _Ratio, members: Mapping[str, str], lines: pd.DataFrame, expected: float, surprise: float, chance: float
) -> dict[str, Any]:
    """Return a slice's row with what its stray was worth in this period."""
    ours = lines[in_slice(lines, members)]
    effect = round((float(ours["now_value"].sum()) - expected) * _worth(ratio, ours), 4)
    confidence = "high" if chance < SURE else "medium"
    return {**_row(ratio, members, ours), "effect": effect, "surprise": surprise, "confidence": confidence}


def _worth(ratio: _Ratio, ours: pd.DataFrame) -> float:
    """Return what one unit of a slice's value is worth: its own won deals may be far smaller than those of all."""
    value = float(ours[["value", "usual_value"]].to_numpy().sum())
    return float(ours["money"].sum()) / value if ratio.money is not None and value > 0 else ratio.worth


def _causes(ratio: _Ratio, lines: pd.DataFrame, dimensions: list[str]) -> Sequence[Cause]:
    if not dimensions:
        return ()
    leaves = lines.groupby(dimensions, sort=False)[[*_FIGURES]].sum().reset_index()
    value, base, past, past_base = _FIGURES
    return scan_ratio(
        leaves, dimensions, value=value, base=base, expected_value=past, expected_base=past_base, part=ratio.part,
        sampled=True, depth=DEPTH, most=MOST, limit=LIMIT,
    ).causes  # fmt: skip


def _row(ratio: _Ratio, members: Mapping[str, str], lines: pd.DataFrame) -> dict[str, Any]:
    value, base, past, past_base = (float(lines[c].sum()) for c in _FIGURES)
    before, after = (v / b if b > 0 else np.nan for v, b in ((past, past_base), (value, base)))
    return {
        **dict.fromkeys(SLICE, ""),
        **members,
        "kpi": ratio.kpi,
        "before": before,
        "after": after,
        "change": after - before,
        "cases": round(float(lines["cases"].sum())),
        "effect": np.nan,
        "surprise": np.nan,
        "confidence": "",
        "evidence": "measured",
    }


def _members(cells: object) -> np.ndarray:
    """Return a column as text, blank where it names nobody."""
    codes, names = coded(cells, "")
    return np.array(names, dtype=object)[codes]


def _large(customers: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return customers, blank where they make up little of what is counted."""
    codes, names = pd.factorize(customers)
    sums = np.bincount(codes, base, minlength=len(names))
    large = sums >= LARGE * max(float(sums.sum()), 1e-9)
    return np.where(large[codes], customers, "")
