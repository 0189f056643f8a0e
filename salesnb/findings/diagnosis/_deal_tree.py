"""The change of the value won, attributed to the factors whose product it is."""

from collections.abc import Sequence

import pandas as pd

from salesnb.findings.diagnosis._comparisons import BASES, Against, Base, both
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.findings.recorded import NO_BASE, NO_LOSSES
from salesnb.methods.attribution import change_table
from salesnb.metrics import measure
from salesnb.schema import SCALE
from salesnb.scope import Scope
from salesnb.views.recorded import LOSSES, judged_all

PRICED = "priced_share"
"""A factor too where some deals won carry no amount, so that the product stays the value won."""

COLUMNS = ("against", "kpi", "effect", "before", "after")


def deal_tree(
    word: str, factors: Sequence[str], opportunities: pd.DataFrame, needed: Missing, scope: Scope, against: Against
) -> Finding:
    """Attribute the change of the value won to factors, exact to the last minor unit.

    Parameters
    ----------
    word
        The finding's word.
    factors
        Ids of figures whose product is the value won.
    needed
        What the finding asks for where the deals do not hold it.

    Returns
    -------
    Finding
        One row per factor (``effect`` in money, ``before`` and ``after`` the factor itself); the last row is the
        whole change of the value won. Of both comparisons, one after the other.
    """
    if against == "both":
        return both(*(_compared(word, factors, opportunities, needed, scope, base) for base in BASES))
    return _compared(word, factors, opportunities, needed, scope, against)


def _compared(
    word: str, factors: Sequence[str], opportunities: pd.DataFrame, needed: Missing, scope: Scope, against: Base
) -> Finding:
    base = scope.previous if against == "previous" else scope.last_year
    if len(opportunities) and (opportunities["status"] == "open").all():
        return _without(word, scope, "no_closed")
    if opportunities.empty or opportunities[list(needed.columns)].isna().all().any():
        return _without(word, scope, "not_given", (needed,))
    if base is None or not scope.holds(base):
        return _without(word, scope, "truncated" if base else f"no_base_{against}")
    if against == "last_year" and base == scope.previous:
        return _without(word, scope, "told_above")
    if not judged_all(scope, base, scope.window):
        return _without(word, scope, (NO_BASE if scope.recorded(LOSSES) else NO_LOSSES).key)
    ids, tables = ["won_value", *factors, PRICED], {"opportunities": opportunities}
    before, after = (measure(ids, tables, window).iloc[0] for window in (base, scope.window))
    if any(side[PRICED] < 1 for side in (before, after)):  # then the value won is of a part of the wins only
        factors = [*factors[:-1], PRICED, factors[-1]]
    if before.isna()["won_value"] or after.isna()["won_value"]:
        return _without(word, scope, "not_given", (needed,))
    if before["closed_deals"] == 0 and after["closed_deals"] == 0:
        return _without(word, scope, "no_closed")
    if any(side["won_value"] != 0 and not side[list(factors)].fillna(0.0).all() for side in (before, after)):
        return _without(word, scope, "not_given", (needed,))
    parts = change_table(before, after, factors, "won_value", SCALE)
    change = (round(after["won_value"] * SCALE) - round(before["won_value"] * SCALE)) / SCALE
    total = {"kpi": "won_value", "effect": change, "before": before["won_value"], "after": after["won_value"]}
    rows = pd.concat([parts, pd.DataFrame([total])], ignore_index=True).assign(against=against)[[*COLUMNS]]
    return Finding(
        f"diagnosis.{word}",
        scope,
        rows,
        _headline(rows, against),
        notes=tuple(_notes(scope, before, after)),
        chart=Chart("bridge", {"label": "kpi", "value": "effect"}, accent=_most(rows), total=len(rows) - 1),
    )


def _without(word: str, scope: Scope, key: str, missing: tuple[Missing, ...] = ()) -> Finding:
    rows = pd.DataFrame(columns=[*COLUMNS])
    return Finding(f"diagnosis.{word}", scope, rows, Say(key), missing=missing, quiet=True)


def _most(rows: pd.DataFrame) -> tuple[int, ...]:
    """Return the factor that moved the whole most its way; none where the whole is as it was."""
    effects = rows["effect"].iloc[:-1]
    if not rows["effect"].iloc[-1]:
        return ()
    return (int(effects.to_numpy().argmin() if rows["effect"].iloc[-1] < 0 else effects.to_numpy().argmax()),)


def _headline(rows: pd.DataFrame, against: str) -> Say:
    picks, most = {"change": len(rows) - 1}, _most(rows)
    if not most:
        return Say(f"same_{against}", picks)
    side = "fell" if rows["effect"].iloc[-1] < 0 else "rose"
    return Say(f"{side}_{against}", {**picks, "most": most[0]})


def _notes(scope: Scope, before: pd.Series, after: pd.Series) -> list[Say]:
    notes = [] if scope.complete else [Say("unfinished")]
    if min(before["closed_deals"], after["closed_deals"]) < scope.settings.sales.small_n:
        notes.append(Say("few"))
    return notes
