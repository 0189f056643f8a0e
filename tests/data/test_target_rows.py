"""The targets table as a whole: whose a row is, rates in percent, rows that contradict each other, levels, scale."""

import pytest

from salesnb.data import check, load
from salesnb.errors import InputError

ORDERS = (
    "Order ID,Date,Rep,Team,Amount\n1,2025-08-05,Ann,East,130\n2,2025-08-06,Bo,East,60\n3,2025-08-07,Cy,South,66\n"
    "4,2025-08-31,Cy,South,0\n"
)


def of(folder, text, orders=ORDERS):
    folder.write("orders.csv", orders)
    folder.write("targets.csv", text)
    return load(str(folder), period="2025-08").targets


def codes(folder):
    return check(str(folder)).remarks.query("table == 'targets'").set_index("code")["value"].to_dict()


def test_a_rep_without_a_team_has_that_of_the_orders_and_no_one_has_two_targets(folder):
    found = of(
        folder,
        "Period,Team,Rep,Target\n2025-08,East,Ann,120\n2025-08,,Bo,90\n2025-08,,Ann,120\n2025-08,South,Cy,60\n"
        "2025-08,,Cy,70\n2025-08,,Di,5\n",
    )
    assert found[["team", "rep", "amount"]].fillna("").values.tolist() == [
        ["East", "Ann", 120], ["East", "Bo", 90], ["South", "Cy", 60], ["", "Di", 5],
    ]  # fmt: skip
    told = check(str(folder))
    assert told.quarantine[["row", "reason"]].values.tolist() == [[6, "target_contradicts"]]
    assert "2025-08 sales East Ann" in codes(folder)["target_twice"]
    (file,) = told.files.query("table == 'targets'").to_dict("records")
    assert (file["rows_read"], file["rows_accepted"], file["rows_quarantined"], file["rows_duplicate"]) == (6, 4, 1, 1)


def test_rates_are_judged_whole(folder):
    head = "Period,Metric,Rep,Target\n"
    rows = "2025-08,collection_rate,Ann,90\n2025-08,collection_rate,Bo,120\n2025-08,sales,Ann,90\n"
    assert of(folder, head + rows)["amount"].tolist() == [0.9, 1.2, 90]
    assert codes(folder)["rate_in_percent"] == "collection_rate 90 = 0.9"
    assert of(folder, head + rows + "2025-08,collection_rate,Cy,95 %\n")["amount"].tolist() == [90, 0.95]
    assert check(str(folder)).quarantine["reason"].tolist() == ["rate_out_of_scale"] * 2


def test_levels_that_contradict_each_other_are_told_with_both_sums(folder):
    months = "".join(f"2025-0{m},,r1,900\n" for m in (7, 8, 9))
    teams = "2025-08,East,,300\n2025-08,East,Ann,120\n2025-08,East,Bo,90\n"
    text = f"Period,Team,Rep,Target\n2025-Q3,,r1,3000\n{months}{teams}"
    of(folder, text)
    found = codes(folder)
    assert found["targets_periods_differ"] == "2025-Q3 r1 3,000, months 2,700"
    assert found["targets_levels_differ"] == "2025-08 East 300, reps 210"
    of(folder, text.replace("3000", "2700").replace(",300", ",210"))
    assert not {"targets_periods_differ", "targets_levels_differ"} & codes(folder).keys()


def test_a_year_of_targets_in_another_unit_is_told_with_the_line_to_paste(folder):
    text = "Period,Team,Target\n2025-08,East,0.02\n2025-08,South,0.007\n"
    of(folder, text)
    assert codes(folder)["targets_scale"] == "10000"
    folder.settings("[tables.targets]\nunits.amount = 10000\n")
    assert load(str(folder), period="2025-08").targets["amount"].tolist() == [200, 70]
    assert "targets_scale" not in codes(folder)
    folder.settings("")
    of(folder, "Period,Team,Target\n2025-08,East,0.02\n2025-08,South,70\n")
    assert "targets_scale" not in codes(folder)  # one slip of the pen is no unit


def test_rows_that_differ_in_an_unread_column_only_are_no_repeats(folder):
    text = "Month,Campaign,Target\n2025-08,A,50\n2025-08,B,50\n2025-08,C,150\n"
    with pytest.raises(InputError, match=r"differ only in Campaign, which is not read \(rows 2, 3, 4\)"):
        of(folder, text)
    assert of(folder, text.replace(",B,", ",A,").replace("2025-08,C", "2025-09,C"))["amount"].tolist() == [50, 150]
