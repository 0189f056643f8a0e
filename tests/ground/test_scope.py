"""What a period is compared with, whole and cut short."""

from datetime import date

from salesnb.calendar import Window, month
from salesnb.scope import Scope


def scope(as_of: date, history: date = date(2024, 1, 1)) -> Scope:
    return Scope("South", month(2025, 9), as_of, history)


def test_a_finished_period_is_compared_with_whole_ones():
    s = scope(date(2025, 12, 1))
    assert s.complete
    assert s.window == month(2025, 9).window
    assert s.previous == month(2025, 8).window
    assert s.last_year == month(2024, 9).window


def test_an_unfinished_period_is_compared_up_to_the_same_working_day():
    s = scope(date(2025, 9, 5))  # Friday, the 5th working day
    assert not s.complete
    assert s.window == Window(date(2025, 9, 1), date(2025, 9, 5))
    assert s.previous == Window(date(2025, 8, 1), date(2025, 8, 7))  # 5th working day: Thursday 7 August


def test_a_period_is_finished_on_its_last_working_day():
    august = Scope("all", month(2025, 8), date(2025, 8, 29), date(2024, 1, 1))  # 30 and 31 August: a weekend
    assert august.complete


def test_what_lies_before_the_history_is_not_compared_with():
    s = scope(date(2025, 9, 30), history=date(2025, 8, 15))
    assert s.last_year is None
    assert s.previous == month(2025, 8).window
    assert not s.holds(s.previous)
    assert s.holds(s.window)


def test_the_history_holds_a_window_but_for_a_tenth_of_its_days():
    def begun(day):
        return scope(date(2025, 9, 30), history=date.fromisoformat(day))

    quarter = Window(date(2017, 1, 1), date(2017, 3, 31))
    assert not begun("2017-03-01").holds(quarter)
    assert begun("2017-01-03").holds(quarter)  # a first sale on the second working day
    assert begun("2016-01-01").holds(quarter)
    assert not begun("2017-04-01").holds(quarter)
    assert not begun("2016-01-01").holds(None)


def test_another_period_keeps_everything_else():
    s = scope(date(2025, 9, 30)).at(month(2025, 7))
    assert (s.team, s.period.name, s.as_of) == ("South", "2025-07", date(2025, 9, 30))


def test_names_of_other_teams_are_masked_for_a_team_where_all_teams_read():
    rules = [
        Scope(t, month(2025, 9), date(2025, 9, 30), date(2024, 1, 1), audience="team").rights for t in ("South", "all")
    ]
    assert [(r.customers, r.persons, r.pay) for r in rules] == [
        ("shown", "shown", "removed"),
        ("masked", "masked", "removed"),
    ]


def test_leadership_sees_all_everywhere():
    assert scope(date(2025, 9, 30)).rights.sees_all
    assert Scope("all", month(2025, 9), date(2025, 9, 30), date(2024, 1, 1)).rights.sees_all
