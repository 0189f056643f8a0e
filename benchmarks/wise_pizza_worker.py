"""Runs wise-pizza where it is installed, in a process and an environment of its own; `localisation.py` starts it.

It reads a line of JSON per case: the path of a table as CSV, its dimensions, its columns and how deep to look. It
answers with a line: the segments found, most important first, their sign, and the CPU seconds they took.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import warnings


def segments(case: dict) -> dict:
    """Return what wise-pizza finds in a case: segments whose actual figure strays most from what was expected.

    ``levels`` asks for segments whose ratio of actual to expected differs from the overall one, ``totals`` for those
    that explain the change of the total.
    """
    import pandas as pd
    import wise_pizza

    frame = pd.read_csv(case["table"], dtype=dict.fromkeys(case["dimensions"], str))
    dimensions, actual, expected = case["dimensions"], case["actual"], case["expected"]
    options = {"max_segments": case["most"], "max_depth": case["depth"], "solver": "lasso"}
    begun = time.process_time()
    if case["mode"] == "levels":
        some = frame[frame[expected] > 0]
        found = wise_pizza.explain_levels(some, dimensions, actual, expected, **options)
    else:
        before = frame[[*dimensions]].assign(total=frame[expected], size=1.0)
        after = frame[[*dimensions]].assign(total=frame[actual], size=1.0)
        found = wise_pizza.explain_changes_in_totals(before, after, dimensions, "total", "size", **options)
    seconds = time.process_time() - begun
    named = [(s["segment"], float(s["impact"])) for s in found.segments if set(s["segment"]) <= set(dimensions)]
    named.sort(key=lambda pair: -abs(pair[1]))
    return {"segments": [s for s, _ in named], "impact": [i for _, i in named], "seconds": seconds}


def answer_all() -> None:
    """Answer one line after the other; what wise-pizza prints goes to the errors."""
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):
            try:
                answer = segments(json.loads(line))
            except Exception as error:  # told to whoever asked
                answer = {"error": repr(error)}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    answer_all()
