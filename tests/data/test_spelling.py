"""Names that only look different are one; those that differ a little more are named."""

import unicodedata

import pyarrow as pa
import pytest

from salesnb.data import load
from salesnb.data.cells import spelling


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("South", "South"), ("  South \t", "South"), ("Key  Accounts", "Key Accounts"),
        ("Key\u3000Accounts", "Key Accounts"), ("Key\u00a0Accounts", "Key Accounts"), ("So\u200buth", "South"),
        ("South\ufeff", "South"), ("Ｓｏｕｔｈ１", "South1"), ("华东\u200b一组", "华东一组"),
        (unicodedata.normalize("NFD", "Müller"), "Müller"), ("½ Team", "½ Team"), ("㈱山田", "㈱山田"),
        ("华星（北京）", "华星（北京）"), ("SOUTH", "SOUTH"), ("\u200b", ""),
        ("\x00\x00South\x7f", "South"), ("Key\x0bAccounts", "Key Accounts"), ("\x00", ""),
    ],
)  # fmt: skip
def test_one_form(written, one):
    assert spelling.one_form(written) == one
    assert spelling.in_one_form(pa.array([written, None])).to_pylist() == [one or None, None]


def test_nearly_equal_names():
    rows = {
        "North-East": 2,
        "North East": 9,
        "NORTH EAST": 1,
        "North": 5,
        "East": 4,
        "-": 1,
        "+": 1,
        "华东（一）": 1,
        "华东(一)": 2,
    }
    assert spelling.alike(rows) == [["North East", "North-East", "NORTH EAST"], ["华东(一)", "华东（一）"]]


def test_teams_of_one_name_are_one_in_all_tables(folder):
    folder.write(
        "orders.csv",
        "Order ID,Date,Amount,Team,Rep\n1,2025-09-01,10,South  East,Ann\n2,2025-09-02,20,Ｓouth East,Ann\u200b\n"
        "3,2025-09-30,40,South East,Bo\n4,2025-09-30,80,south east,Bo\n",
    )
    folder.write("targets.csv", "Period,Team,Target\n2025-09,South\u00a0East,100\n")
    folder.write("reps.csv", "Rep,Team\nAnn,South East\nBo ,South\u3000East\n")
    case = load(str(folder), team="South  East", period="2025-09")
    assert case.teams == ("South East", "south east")
    assert case.orders.amount.sum() == 70
    assert case.targets.team.tolist() == ["South East"]
    assert case.intake.unknown[["column", "value", "rows"]].values.tolist() == [["team", "south east", 1]]
    told = case.intake.remarks.query("code == 'names_nearly_equal'")
    assert told[["column", "value", "rows"]].values.tolist() == [["team", "“South East” (6), “south east” (1)", 7]]


def test_lookups_find_what_is_spelt_otherwise(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,Agent\n1,2025-09-01,10,Ann\u200b  Lee\n")
    folder.write("agents.csv", "Name,Unit\nAnn Lee,South\n")
    folder.settings('[[tables.orders.lookups]]\nfile = "agents.csv"\non = {Agent = "Name"}\ntake = {team = "Unit"}\n'
                    '[tables.orders.columns]\nrep = "Agent"\n')  # fmt: skip
    assert load(str(folder)).orders.team.tolist() == ["South"]


def test_ids_that_look_alike_are_one(folder):
    folder.write("opportunities.csv", "Deal ID,Status,Amount,Close Date,Team\nＤ-1\u200b,won,10,2025-09-01,South\n")
    folder.write("stage_history.csv", "Deal ID,Stage,Entered Date\nD-1,Demo,2025-08-01\n")
    case = load(str(folder), team="South")
    assert case.stage_history.opportunity_id.tolist() == case.opportunities.opportunity_id.tolist() == ["D-1"]
