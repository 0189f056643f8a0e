"""The map from this team's problems to the playbook's candidate actions."""

import pandas as pd

from salesnb.causes.signals import can_tell
from salesnb.findings.finding import Chart, Finding, Say
from salesnb.scope import Scope
from salesnb.views.slices import SLICE, fitting, top_of, used, with_parts

COLUMNS = ["problem", *SLICE, "play", "effect", "recovers_low", "recovers_high", "action", "owner", "effort"]


def candidates(
    problems: pd.DataFrame, playbook: pd.DataFrame, parts: pd.DataFrame | None = None, *, scope: Scope
) -> Finding:
    """List, for each problem of the diagnosis, the actions that the team's playbook holds against it.

    Parameters
    ----------
    problems
        Rows of the diagnosis: ``problem``, dimensions, ``effect`` (money, negative: loss).
    playbook
        ``play``, ``problem``, ``action``, ``owner``, ``effort``, ``recovers_low``, ``recovers_high``.
    parts
        Rows of the same kind that say where the rest of the gap lies; they come after the problems.

    Returns
    -------
    Finding
        One row per problem and candidate, in the order of the problems, then of the playbook; a problem without a
        candidate is a row with a blank ``play``.
    """
    every = with_parts(top_of(problems), parts)
    if every.empty:
        return Finding(
            "strategy.candidates",
            scope,
            pd.DataFrame(columns=COLUMNS),
            Say("no_problems" if can_tell(scope) else "untold"),
            quiet=True,
        )
    found = every[["problem", *SLICE, "effect"]]
    rows = pd.concat([_mapped(problem, playbook) for _, problem in found.iterrows()], ignore_index=True)
    texts = ["play", "action", "owner", "effort"]
    rows = rows.assign(**{c: rows[c].astype("object").fillna("").astype("str") for c in texts})[COLUMNS]
    rows = rows.astype(dict.fromkeys(("effect", "recovers_low", "recovers_high"), "float64"))
    bare = [i for i in range(len(rows)) if rows["play"].iloc[i] == ""]
    mapped = "mapped_parts" if problems.empty else "mapped" if len(found) > 1 else "mapped_one"
    say = Say("some_bare", {"bare": bare[0]}) if bare else Say(mapped, {"first": 0})
    return Finding(
        "strategy.candidates", scope, rows, say if len(bare) < len(found) else Say("none", {"first": 0}),
        chart=Chart("table"),
        table=("problem", *used(rows), "effect", "action", "owner", "effort", "recovers_low", "recovers_high"),
    )  # fmt: skip


def _mapped(problem: pd.Series, playbook: pd.DataFrame) -> pd.DataFrame:
    plays = fitting(problem, playbook).drop(columns="problem")
    return (
        problem.to_frame().T.merge(plays, how="cross") if len(plays) else problem.to_frame().T.reindex(columns=COLUMNS)
    )
