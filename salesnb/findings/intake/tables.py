"""Which tables are there, and what those that are not would add."""

from collections.abc import Collection

import pandas as pd

from salesnb import schema, words
from salesnb.findings.finding import Chart, Finding, Say, with_total
from salesnb.scope import Scope


def tables(absent: Collection[str], *, scope: Scope) -> Finding:
    """List all tables the kit can use, and what each absent one would add.

    Parameters
    ----------
    absent
        Names of the tables that the data folder does not hold.

    Returns
    -------
    Finding
        Row 0 is the total; then the absent tables, ``note`` saying what each would add, then those given, both in
        the order of the schema.
    """
    known = sorted(schema.tables(), key=lambda name: name not in absent)
    parts = pd.DataFrame(
        {
            "table": known,
            "tables_given": [int(t not in absent) for t in known],
            "tables_absent": [int(t in absent) for t in known],
            "status": ["absent" if t in absent else "given" for t in known],
            "note": [_adds(t) if t in absent else "" for t in known],
        }
    )
    total = pd.DataFrame([{**parts[["tables_given", "tables_absent"]].sum().to_dict(), "status": "", "note": ""}])
    rows = with_total(total, parts, ["table"])
    missing = [i for i in range(1, len(rows)) if rows["tables_absent"].iloc[i]]
    say = Say("some", {"total": 0, "absent": tuple(missing)}) if missing else Say("all", {"total": 0})
    return Finding("intake.tables", scope, rows, say, chart=Chart("table", accent=tuple(missing)))


def _adds(table: str) -> str:
    return words.both(*(words.text("intake", f"tables_adds.{table}", lang) for lang in words.LANGUAGES))
