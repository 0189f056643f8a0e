"""Whether the last period's problems are solved."""

import pandas as pd

from salesnb.causes.signals import can_tell
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.scope import Scope
from salesnb.views.slices import SLICE, used, with_slice

COUNTS = ["problems", "problems_open", "problems_solved"]


def previous_problems(then: pd.DataFrame, now: pd.DataFrame, *, scope: Scope) -> Finding:
    """Hold the problems of the period before against this period's.

    A problem is still open when this period's diagnosis names the same kind of problem in the same slice, in a part
    of it, or in one that contains it. While the period still runs, a problem that does not show is not called solved:
    some are judged at its end only.

    Parameters
    ----------
    then, now
        Rows of the diagnosis for the period before and for this one.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per problem of the period before: ``before`` and ``after`` are its effects
        in the two periods.
    """
    columns = ["problem", *SLICE, *COUNTS, "before", "after", "status"]
    before = scope.calendar.previous(scope.period)
    if before is None or not scope.holds(before.window):
        return Finding("review.previous_problems", scope, pd.DataFrame(columns=columns), Say("no_base"), quiet=True)
    if then.empty:
        return Finding(
            "review.previous_problems",
            scope,
            pd.DataFrame(columns=columns),
            Say("none" if can_tell(scope.at(before)) else "untold"),
            quiet=True,
        )
    current = with_slice(now)
    parts = pd.DataFrame([_stood(row, current, scope.complete) for _, row in with_slice(then).iterrows()])
    total = pd.DataFrame(
        [{**parts[COUNTS].sum().to_dict(), "before": parts["before"].sum(), "after": parts["after"].sum(min_count=1)}]
    )
    rows = pd.concat([total, parts], ignore_index=True).reindex(columns=columns)
    texts = ["problem", *SLICE, "status"]
    rows = rows.assign(**{c: rows[c].fillna("").astype("str") for c in texts})
    open_ones = [i for i in range(1, len(rows)) if rows["problems_open"].iloc[i]]
    alone = "one_open" if open_ones else "one_solved"
    many = "solved" if not open_ones else "all_open" if len(open_ones) == len(parts) else "some_open"
    key, first = alone if len(parts) == 1 else many, open_ones[0] if open_ones else 1
    if not scope.complete and len(open_ones) < len(parts):
        key, first = "one_running" if len(parts) == 1 else "running", 1
    return Finding(
        "review.previous_problems", scope, rows, Say(key, {"total": 0, "first": first}),
        chart=Chart("table", rows=tuple(range(1, len(rows)))),
        table=("problem", *used(rows), "before", "after", "status"),
        reasons={"after": "not_named"},
    )  # fmt: skip


def _stood(problem: pd.Series, current: pd.DataFrame, complete: bool) -> dict[str, object]:
    same = current["problem"] == problem["problem"]
    agrees = pd.Series(True, index=current.index)
    for d in SLICE:
        agrees &= (current[d] == problem[d]) | (current[d] == "") | (problem[d] == "")
    again = current[same & agrees]
    still = not again.empty
    counts = {"problems": 1, "problems_open": int(still), "problems_solved": int(complete and not still)}
    after = float(again["effect"].iloc[0]) if still else float("nan")
    status = "still_open" if still else "solved" if complete else "not_judged"
    return {
        "problem": problem["problem"], **{d: problem[d] for d in SLICE}, **counts, "before": float(problem["effect"]),
        "after": after, "status": status,
    }  # fmt: skip
