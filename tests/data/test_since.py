"""Since when a customer has been one."""

from datetime import date

import pyarrow as pa

from salesnb.data.since import first_sales


def rows(*pairs):
    customers, days = zip(*pairs, strict=True)
    return pa.table({"customer": pa.array(customers, pa.string()), "day": pa.array(days, pa.date32())})


SALES = rows(
    ("A", date(2024, 5, 1)), ("A", date(2024, 1, 31)), ("A", date(2025, 5, 2)), ("B", date(2025, 3, 1)),
    (None, date(2025, 3, 1)), ("C", None),
)  # fmt: skip


def days(since, *pairs):
    table = rows(*pairs)
    return since.of(table["customer"].combine_chunks(), table["day"].combine_chunks()).to_pylist()


def test_by_default_new_is_who_never_bought_before():
    since = first_sales([SALES], 0)
    asked = [("A", date(2025, 5, 2)), ("B", date(2025, 3, 1)), ("C", None), (None, date(2025, 3, 1))]
    assert days(since, *asked) == [date(2024, 1, 31), date(2025, 3, 1), None, None]


def test_with_a_window_who_comes_back_after_it_is_new_again():
    since = first_sales([SALES], 12)  # A paused from 2024-05-01 to 2025-05-02: one day more than 12 months
    asked = [("A", date(2024, 1, 31)), ("A", date(2024, 5, 1)), ("A", date(2025, 5, 2)), ("A", None)]
    assert days(since, *asked) == [date(2024, 1, 31), date(2024, 1, 31), date(2025, 5, 2), None]


def test_a_pause_of_just_the_window_is_none():
    since = first_sales([SALES.slice(0, 3)], 13)
    assert days(since, ("A", date(2025, 5, 2))) == [date(2024, 1, 31)]


def test_batches_do_not_matter_and_no_sale_gives_nothing():
    assert first_sales([SALES.slice(5)], 0) is None
    assert first_sales([], 12) is None
    one, many = first_sales([SALES], 4), first_sales([SALES.slice(i, 1) for i in range(6)], 4)
    asked = [("A", date(2024, 5, 1)), ("B", date(2025, 3, 1))]
    assert days(one, *asked) == days(many, *asked) == [date(2024, 1, 31), date(2025, 3, 1)]
