"""What could be sales or targets and is in no figure is kept by team and day, with the money that can be read of it."""

from salesnb.data import load


def left(folder):
    rows = load(str(folder)).uncounted
    days = [str(d.date()) if d == d else "" for d in rows["day"]]
    names = ["of", "team", "rows", "unpriced", "gains", "returns", "largest"]
    return sorted([*values, day, period] for values, day, period in
                  zip(rows[names].to_numpy().tolist(), days, rows["period"], strict=True))  # fmt: skip


def test_orders_and_targets(folder):
    good = "".join(f"g{i},1,2025-09-{i % 28 + 1:02d},10,won,Ann,\n" for i in range(60))
    folder.write(
        "orders.csv",
        f"Order ID,Line,Date,Amount,Status,Rep,Team\n{good}"
        "1,1,2025-09-01,1.2.3.4,won,Ann,\n"  # no amount
        "2,1,nothing,500,won,Ann,\n3,1,2052-01-01,300,won,Ann,\n"  # no day
        "4,1,2025-09-05,40,vanished,,North\n5,1,2025-09-06,-70,odd,Bo,\n"  # sold, perhaps
        "6,1,2025-13-01,80,cancelled,Ann,\n"  # not sold
        "7,1,2025-09-09,90,won,Ann,\n7,1,2025-09-09,91,won,Ann,\n"  # two of one key
        "Total,,,9999,,,\nragged\n",
    )
    folder.write("reps.csv", "Rep,Team\nAnn,South\n")
    folder.write(
        "targets.csv",
        "Period,Metric,Team,Rep,Target\n2025-06,sales,South,,9\n2025-07,sales,South,,9\n2025-08,sales,South,,9\n"
        "2025-09,sales,South,,9\n2025-09,sales,North,,abc\nsoon,sales,,Ann,50\n"
        "2025-09,new_customers,South,,xyz\n",
    )
    assert left(folder) == [
        ["sales", "", 1, 0, 0.0, -70.0, 70.0, "2025-09-06", ""],
        ["sales", "", 1, 1, 0.0, 0.0, 0.0, "", ""],
        ["sales", "North", 1, 0, 40.0, 0.0, 40.0, "2025-09-05", ""],
        ["sales", "South", 1, 0, 91.0, 0.0, 91.0, "2025-09-09", ""],
        ["sales", "South", 1, 1, 0.0, 0.0, 0.0, "2025-09-01", ""],
        ["sales", "South", 2, 0, 800.0, 0.0, 500.0, "", ""],
        ["targets", "North", 1, 1, 0.0, 0.0, 0.0, "", "2025-09"],
        ["targets", "South", 1, 0, 50.0, 0.0, 50.0, "", ""],
    ]


def test_equal_lines_that_count(folder):
    folder.write(
        "orders.csv", "Order ID,Date,Amount\n1,2025-09-01,10\n1,2025-09-01,10\n1,2025-09-01,10\n2,2025-09-02,5\n"
    )
    assert left(folder) == [["equal", "", 2, 0, 20.0, 0.0, 10.0, "2025-09-01", ""]]


def test_sales_of_no_team_beside_those_of_teams(folder):
    folder.write(
        "orders.csv",
        "Order ID,Date,Amount,Rep\n1,2025-09-01,10,Ann\n2,2025-09-02,20,Bo\n3,2025-09-02,-5,Bo\n4,2025-09-02,,\n",
    )
    folder.write("reps.csv", "Rep,Team\nAnn,South\n")
    assert ["teamless", "", 2, 0, 20.0, -5.0, 20.0, "2025-09-02", ""] in left(folder)


def test_where_no_team_is_known_none_is_missing(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,Rep\n1,2025-09-01,10,Ann\n2,2025-09-02,20,Bo\n")
    assert left(folder) == []


def test_deals_where_there_are_no_orders(folder):
    good = "".join(f"g{i},10,won,2025-09-{i % 28 + 1:02d}\n" for i in range(30))
    folder.write(
        "opportunities.csv",
        f"Deal ID,Amount,Status,Close Date\n{good}"
        "1,70,won,\n2,,won,2025-09-03\n3,x,lost,2025-09-03\n4,x,won,2025-09-04\n",
    )
    assert left(folder) == [
        ["sales", "", 1, 0, 70.0, 0.0, 70.0, "", ""],
        ["sales", "", 1, 1, 0.0, 0.0, 0.0, "2025-09-03", ""],
        ["sales", "", 1, 1, 0.0, 0.0, 0.0, "2025-09-04", ""],
    ]


def test_nothing_is_read_where_nobody_asks(folder):
    folder.write("orders.csv", "Order ID,Date,Amount\n1,2025-09-01,10\n")
    case = load(str(folder))
    assert "uncounted.parquet" not in case.partitions_read
    assert case.uncounted.empty
    assert "uncounted.parquet" in case.partitions_read
