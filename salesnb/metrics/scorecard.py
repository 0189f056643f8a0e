"""The weighted KPI score: each item's attainment times its weight, capped and uncapped."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from salesnb.metrics.against import attainment
from salesnb.metrics.registry import measured_by, metric, metrics, only, ratio

measured_by("targets.score", "rate", "weight")
measured_by("targets.score", "score", "kpi_score", "kpi_score_capped", absent="no_target_or_actual", par=1.0)

FULL = 1.0
"""Cap of an item for which the settings give none."""


def less_is_better(kpi: str) -> bool:
    """Tell whether a figure is the better the smaller it is (churn, contract cycle)."""
    return kpi in metrics() and metric(kpi).less_is_better


def item_attainment(items: pd.DataFrame) -> pd.Series:
    """Return each item's attainment: actual / target, or target / actual where less is better.

    Parameters
    ----------
    items
        Columns ``kpi``, ``actual``, ``target``.
    """
    reverse = items["kpi"].map(less_is_better).astype("bool")
    fit = (items["actual"] > 0) & (items["target"] >= 0)
    turned = only(ratio(items["target"], items["actual"]), fit)
    return attainment(items).mask(reverse, turned)


def item_scores(items: pd.DataFrame) -> pd.DataFrame:
    """Return items with ``attainment`` and their parts of the score, uncapped and capped.

    Parameters
    ----------
    items
        Columns ``kpi``, ``actual``, ``target``, ``weight``, ``cap`` (NaN: 100 %) and ``floor`` (NaN: none). An item
        that cannot be judged has no part.
    """
    reached = item_attainment(items)
    capped = reached.clip(lower=items["floor"].fillna(0.0), upper=items["cap"].fillna(FULL)).where(reached.notna())
    parts = {"attainment": reached, "kpi_score": items["weight"] * reached}
    return items.assign(**parts, kpi_score_capped=items["weight"] * capped)


def total_score(scored: Mapping[str, pd.Series | np.ndarray]) -> dict[str, float]:
    """Return the weight that can be judged and the score over it, uncapped and capped; NaN where nothing can."""
    names = ("weight", "kpi_score", "kpi_score_capped")
    parts = {name: np.asarray(scored[name], dtype="float64") for name in names}
    sums = {name: float(parts[name][~np.isnan(parts["kpi_score"])].sum()) for name in names}
    if sums["weight"] <= 0:
        return {"weight": 0.0, "kpi_score": float("nan"), "kpi_score_capped": float("nan")}
    return {"weight": sums["weight"], **{name: sums[name] / sums["weight"] for name in names[1:]}}
