"""Deals closed: how many, how often won, worth how much, by any dimension."""

from collections.abc import Sequence

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.findings.recorded import unrecorded
from salesnb.methods.rates import furthest
from salesnb.metrics import UNASSIGNED, measure
from salesnb.metrics.dimensions import dimensions_of
from salesnb.scope import Scope
from salesnb.views.recorded import LOSSES

FIGURES = ("closed_deals", "won_deals", "lost_deals", "win_rate", "deal_value", "won_value")
STAGES = ("closed_deals", "proposed_deals", "won_deals")
"""How far the deals that were closed came, one stage within the other."""


def deals(opportunities: pd.DataFrame, *, scope: Scope, by: str | Sequence[str] = ("rep",)) -> Finding:
    """Count the deals closed in the period, won and lost, with win rate and value, by the members of dimensions.

    Win rates of fewer closed deals than the settings' limit are figures like any other, but no sentence ranks them;
    where most deals stand behind such rates, none is ranked.

    Parameters
    ----------
    opportunities
        Clean opportunities; open deals are left out.
    by
        Dimensions to break down by.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per member, largest won value first.
    """
    keys = dimensions_of(by, opportunities)
    if opportunities.empty:
        needed = Missing("opportunities", ("opportunity_id", "status", "close_date", "amount"))
        empty = pd.DataFrame(columns=[*keys, *FIGURES])
        return Finding("diagnosis.deals", scope, empty, Say("no_deals"), missing=(needed,))
    tables = {"opportunities": opportunities}
    proposed = bool(opportunities["proposal_date"].notna().any())
    figures = [*FIGURES, *(s for s in STAGES if s not in FIGURES and proposed)]
    whole = measure([*figures, "priced_wins"], tables, scope.window)
    part = 0 < whole["priced_wins"].iloc[0] < whole["won_deals"].iloc[0]
    figures += ["priced_wins"] if part else []
    whole = whole[figures]
    parts = measure(figures, tables, scope.window, keys)[[*keys, *figures]]
    parts = parts[(parts["closed_deals"] > 0) | (parts["won_value"] != 0)]
    unnamed = tuple(key for key in keys if len(parts) and (parts[key] == UNASSIGNED).all())
    parts = parts.sort_values(["won_value", *keys], ascending=[False, *[True] * len(keys)])
    rows = with_total(whole, parts.iloc[:0] if unnamed else parts, keys)
    headline, notes = _headline(rows, scope, bool(unnamed))
    return Finding(
        "diagnosis.deals",
        scope,
        rows,
        headline,
        notes=(
            *notes,
            *(() if headline.key.startswith(("wins", "no_wins", "lost_alone")) else unrecorded(scope, scope.window)),
            *((Say("unpriced", {"total": 0}),) if part else ()),
        ),
        chart=_chart(rows, headline, keys),
        table=(*keys, *(s for s in STAGES if s in figures), "win_rate", "deal_value", "won_value"),
        missing=(Missing("opportunities", unnamed),) if unnamed else (),
        quiet=len(parts) <= 1,
    )


def _headline(rows: pd.DataFrame, scope: Scope, unnamed: bool) -> tuple[Say, tuple[Say, ...]]:
    limit = scope.settings.sales.small_n
    recorded = scope.recorded(LOSSES) is not None
    if not rows["closed_deals"].iloc[0]:
        return Say("no_closed" if recorded else "no_wins"), ()
    if not recorded:
        return _said("wins", rows) if rows["won_deals"].iloc[0] else Say("lost_alone", {"total": 0}), ()
    fit = [i for i in range(1, len(rows)) if rows["closed_deals"].iloc[i] >= limit and rows["win_rate"].notna().iloc[i]]
    few = (Say("few"),) if len(rows) - 1 > len(fit) else ()
    if unnamed or len(fit) < 2:
        small = rows["closed_deals"].iloc[0] < limit
        return _said("small", rows) if small else _without_rates(rows), few
    pair = furthest([(float(rows["won_deals"].iloc[i]), float(rows["closed_deals"].iloc[i])) for i in fit])
    ranked = rows["closed_deals"].iloc[fit].sum()
    if pair is None or 2 * ranked < rows["closed_deals"].iloc[0]:
        return _without_rates(rows), few
    return Say("spread", {"total": 0, "best": fit[pair[0]], "worst": fit[pair[1]]}), few


def _said(key: str, rows: pd.DataFrame) -> Say:
    """Return what is said of the total, without its value where no amount is known; nothing won has none."""
    if key != "wins" and not rows["won_deals"].iloc[0]:
        return Say("none_won", {"total": 0})
    return Say(key if pd.notna(rows["won_value"].iloc[0]) else f"{key}_unpriced", {"total": 0})


def _without_rates(rows: pd.DataFrame) -> Say:
    """Name who won the most value, where rates of few deals are not to be ranked."""
    if len(rows) < 3 or not rows["won_value"].iloc[1] > 0:
        return _said("total", rows)
    alone = rows["won_value"].iloc[1] == rows["won_value"].iloc[0]
    return Say("alone" if alone else "most", {"total": 0, "top": 1})


def _chart(rows: pd.DataFrame, headline: Say, keys: list[str]) -> Chart | None:
    if len(rows) == 1:
        return None
    accent = tuple(int(str(p)) for name, p in headline.picks.items() if name != "total")
    stages = dict(zip(("first", "second", "third"), (s for s in STAGES if s in rows.columns), strict=False))
    told = "won_value" if headline.key in {"most", "alone"} else "win_rate"
    roles = {"label": keys[0], "value": told, **stages, "aside": told}
    return Chart("panels", roles, tuple(range(1, len(rows))), accent)
