"""Since when a customer has been one."""

from datetime import date

import pyarrow as pa

from salesnb.data.tables.since import first_sales


def rows(*sales):
    """Return sales of 100 each, or of what a third entry says."""
    customers, days, amounts = zip(*((*s, 100)[:3] for s in sales), strict=True)
    kinds = {"customer": pa.string(), "day": pa.date32(), "amount": pa.int64()}
    return pa.table(dict(zip(kinds, map(pa.array, (customers, days, amounts), kinds.values()), strict=True)))


SALES = rows(
    ("A", date(2024, 5, 1)), ("A", date(2024, 1, 31)), ("A", date(2025, 5, 2)), ("B", date(2025, 3, 1)),
    (None, date(2025, 3, 1)), ("C", None),
)  # fmt: skip


def days(since, *pairs):
    table = rows(*pairs)
    return since.of(table["customer"].combine_chunks(), table["day"].combine_chunks()).to_pylist()


def test_by_default_new_is_who_never_bought_before():
    since = first_sales(lambda: [SALES], 0)
    asked = [("A", date(2025, 5, 2)), ("B", date(2025, 3, 1)), ("C", None), (None, date(2025, 3, 1))]
    assert days(since, *asked) == [date(2024, 1, 31), date(2025, 3, 1), None, None]


def test_with_a_window_who_comes_back_after_it_is_new_again():
    since = first_sales(lambda: [SALES], 12)  # A paused from 2024-05-01 to 2025-05-02: one day more than 12 months
    asked = [("A", date(2024, 1, 31)), ("A", date(2024, 5, 1)), ("A", date(2025, 5, 2)), ("A", None)]
    assert days(since, *asked) == [date(2024, 1, 31), date(2024, 1, 31), date(2025, 5, 2), None]


def test_a_pause_of_just_the_window_is_none():
    since = first_sales(lambda: [SALES.slice(0, 3)], 13)
    assert days(since, ("A", date(2025, 5, 2))) == [date(2024, 1, 31)]


def test_batches_do_not_matter_and_no_sale_gives_nothing():
    assert first_sales(lambda: [SALES.slice(5)], 0) is None
    assert first_sales(list, 12) is None
    one, many = first_sales(lambda: [SALES], 4), first_sales(lambda: [SALES.slice(i, 1) for i in range(6)], 4)
    asked = [("A", date(2024, 5, 1)), ("B", date(2025, 3, 1))]
    assert days(one, *asked) == days(many, *asked) == [date(2024, 1, 31), date(2025, 3, 1)]


def test_a_return_makes_nobody_a_customer():
    sales = [
        rows(("A", date(2025, 1, 5), -50), ("A", date(2025, 3, 1)), ("B", date(2025, 2, 1), -100)),
        rows(("C", date(2025, 2, 3)), ("C", date(2025, 2, 3), -100), ("C", date(2025, 4, 1)), ("D", date(2025, 2, 1))),
    ]
    asked = [("A", date(2025, 1, 5)), ("B", date(2025, 2, 1)), ("C", date(2025, 2, 3)), ("D", date(2025, 2, 1))]
    # B bought before the data begin (2025-01-05); what C bought on his first day he gave back on it
    first = [date(2025, 3, 1), date(2025, 1, 4), date(2025, 4, 1), date(2025, 2, 1)]
    assert days(first_sales(lambda: sales, 0), *asked) == first
    again = first_sales(lambda: sales, 6)
    assert days(again, ("A", date(2025, 3, 1)), ("B", date(2025, 2, 1))) == first[:2]
    assert days(again, ("A", date(2025, 1, 5))) == [date(2025, 1, 4)]
