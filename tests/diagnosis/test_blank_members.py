"""A blank team, rep or customer is a member of its own in every finding, and never takes the key of the total."""

from __future__ import annotations

import pandas as pd

from salesnb.findings.finding import Finding, Say
from tests.frames import scope_of
from tests.stage_facts import stage_facts, written

DAYS = [f"2025-09-{1 + i % 28:02d}" for i in range(24)]
WHO = ["Ann", "Bo", "Cy"]
FILES = {
    "orders": "Order ID,Date,Amount,Team,Rep,Customer,Channel\n"
    + "".join(
        f"{i},{d},{100 + i},{['South', 'North', 'South'][i % 3]},{WHO[i % 3]},C{i % 4},Web\n"
        for i, d in enumerate(DAYS)
    ),
    "activities": "Date,Rep,Kind,Customer\n" + "".join(f"{d},{WHO[i % 3]},call,C{i % 4}\n" for i, d in enumerate(DAYS)),
    "opportunities": "Deal ID,Created Date,Close Date,Status,Amount,Rep,Lead Source\n"
    + "".join(f"{i},2025-08-01,{d},{['won', 'lost'][i % 2]},100,{WHO[i % 3]},Web\n" for i, d in enumerate(DAYS)),
    "receipts": "Receipt ID,Customer,Rep,Due Date,Due Amount,Received Date,Received Amount\n"
    + "".join(f"{i},C{i % 4},{WHO[i % 3]},{d},100,{d},{80 + i % 3}\n" for i, d in enumerate(DAYS)),
    "notes": "Date,Rep,Kind,Text\n2025-09-02,Ann,stock,P1 is missing\n",
    "reps": "Rep,Team\nAnn,South\nBo,North\nCy,South\n",
}
STRANGERS = {
    "orders": "z1,2025-09-05,50,,,,\n",
    "activities": "2025-09-05,Zed,call,\n2025-09-05,Zed,call,\n",
    "opportunities": "z1,2025-08-01,2025-09-05,won,50,Zed,\nz2,2025-08-01,,open,,,\n",
    "receipts": "z1,,Zed,2025-09-02,50,,\nz2,,,2025-09-03,50,,\n",
    "notes": "2025-09-05,Zed,stock,P2 is missing\n2025-09-05,,competitor,Acme\n",
}


def test_rows_without_members_stand_beside_all_others(tmp_path):
    """Facts of named members stay, wherever a stranger or nobody is named; no two rows take one key."""
    alone = stage_facts("diagnosis", written(tmp_path / "alone", **FILES), period="2025-09")
    mixed = {name: text + STRANGERS.get(name, "") for name, text in FILES.items()}
    both = stage_facts("diagnosis", written(tmp_path / "both", **mixed), period="2025-09")
    sold = ("attainment", "sales", "")
    assert both[sold] == alone[sold] + 50
    assert both["attainment", "sales", "team=(none)"] == 50
    assert both["process", "calls", ""] == alone["process", "calls", ""] + 2
    assert both["process", "calls", "team=(none)"] == 2
    assert both["collection", "overdue", "team=(none)"] == 100
    named = {k for k in alone if any(f"{d}=" in k[2] for d in ("team", "rep")) and k[0] not in {"cycle", "prices"}}
    assert len(named) > 100
    assert {k: (alone[k], both.get(k)) for k in named if alone[k] != both.get(k)} == {}


def test_a_blank_row_below_the_total_is_named_by_the_finding():
    rows = pd.DataFrame({"team": ["", "South", None], "sales": [3.0, 2.0, 1.0]})
    found = Finding("diagnosis.attainment", scope_of(), rows, Say("total"))
    assert [f["dims"] for f in found.facts()] == ["", "team=South", "team=(none)"]
    assert found.rows.iloc[0].tolist() == ["", 3.0]
