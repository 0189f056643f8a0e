"""Slices that explain a gap: bridges that add up, planted losses found, quiet where there is only noise."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesnb.calendar import Calendar
from salesnb.causes import explained
from salesnb.causes.baselines import baselines
from salesnb.findings import diagnosis
from salesnb.methods.at_once.scan import Scan, scan
from salesnb.scope import Scope
from salesnb.show.sentence import sentence_text
from salesnb.views.lines import lines_of
from salesnb.views.slices import SLICE
from tests.frames import frame, problems, scope_of

SCOPE = scope_of("2025-09", as_of=date(2025, 9, 30), team="South")
MONTHS = [p.strftime("%Y-%m") for p in pd.period_range("2023-07", "2025-09", freq="M")]
REPS, LINES, CHANNELS = ("Wu", "Li", "He"), ("Pumps", "Valves"), ("direct", "distributor")


def steady(seed=0, times=lambda *_: 1.0, months=MONTHS, each=60):
    """Orders of about 1,000 of every rep, line and channel: about ``each`` a month, times a factor."""
    random, rows = np.random.default_rng(seed), []
    for month in months:
        for rep in REPS:
            for line in LINES:
                for channel in CHANNELS:
                    for n in range(random.poisson(each * times(month, rep, line, channel))):
                        rows.append(
                            {"day": f"{month}-{random.integers(1, 28):02d}", "rep": rep, "product_line": line,
                             "channel": channel, "customer": f"{rep}{channel}{n % 8}", "order_id": str(len(rows)),
                             "money": round(1000 * random.lognormal(-0.02, 0.2), 2), "team": "South"}
                        )  # fmt: skip
    return frame("orders", *rows)


def targets(amount=120_000, by=("rep", "product_line")):
    rows = [{"rep": rep, "product_line": line} for rep in REPS for line in LINES]
    kept = {tuple(row[d] for d in by): {d: row[d] for d in by} for row in rows}
    share = len(rows) / len(kept)
    return frame(
        "targets", *[{"period": "2025-09", "team": "South", "amount": amount * share, **row} for row in kept.values()]
    )


def bridge(found, against):
    return found.rows[found.rows["against"] == against]


def units(frame, column="effect"):
    return (frame[column] * 10_000).round().astype("int64")


def named(found, against):
    rows = bridge(found, against)
    rows = rows[(rows["part"] == "") & (rows[list(SLICE)] != "").any(axis=1)]
    return [{d: row[d] for d in SLICE if row[d]} for _, row in rows.iterrows()]


def test_noise_alone_names_no_slice():
    for seed in range(4):
        found = diagnosis.localisation(steady(seed), targets(), scope=SCOPE)
        assert [named(found, a) for a in ("target", "last_year", "previous")] == [[], [], []]
        assert found.headline.key.startswith("none_target")
        assert found.chart is None or found.chart.form == "bridge"


def lost(month, rep, line, channel):
    return 0.35 if month == MONTHS[-1] and (line, channel) == ("Pumps", "direct") else 1.0


def test_a_planted_loss_is_named_with_its_size_against_all_three():
    found = diagnosis.localisation(steady(1, lost), targets(), scope=SCOPE)
    slice_ = {"product_line": "Pumps", "channel": "direct"}
    for against in ("target", "last_year", "previous"):
        assert slice_ in named(found, against)
        rows = bridge(found, against)
        row = rows[(rows["product_line"] == "Pumps") & (rows["channel"] == "direct")].iloc[0]
        assert row["effect"] == pytest.approx(-0.65 * 180_000, rel=0.25)
        assert round(row["sales"] - row["expected"] - row["effect"], 4) == 0
    assert found.headline.key == "one_target_fell"
    assert "Pumps × direct stands out" in sentence_text(found, found.headline, "en")


def test_a_part_that_fell_further_is_told_within_its_slice_and_carries_nothing_of_its_own(monkeypatch):
    """Wu loses 40 %, with distributors 85 %: one slice with all its loss, of which a part."""

    def offering(*given, **more):
        (cause,) = scan(*given, **more).causes
        parts = [{"rep": "Wu", "channel": "distributor"}, {"rep": "Wu", "channel": "direct", "product_line": "Seals"}]
        return Scan(1.0, 0.1, (replace(cause, parts=tuple(replace(cause, members=m) for m in parts)),))

    monkeypatch.setattr(explained, "scan", offering)
    random, rows = np.random.default_rng(6), []
    for month in MONTHS:
        for rep in ("Wu", "Li", "He", "Xu", "Ma", "Hu"):
            for line in ("Pumps", "Valves", "Seals", "Hoses", "Motors"):
                for channel in ("direct", "distributor", "online"):
                    fell = month == MONTHS[-1] and rep == "Wu"
                    each = 1000 * ((0.15 if channel == "distributor" else 0.6) if fell else 1.0)
                    rows += [
                        {"day": f"{month}-{n + 1:02d}", "rep": rep, "product_line": line, "channel": channel,
                         "customer": f"{rep}{channel}{n % 8}", "order_id": f"{len(rows)}-{n}", "team": "South",
                         "money": round(each * random.lognormal(0, 0.2), 2)}
                        for n in range(25)
                    ]  # fmt: skip
    found = diagnosis.localisation(frame("orders", *rows), frame("targets"), scope=SCOPE)
    for against in ("last_year", "previous"):
        table = bridge(found, against).reset_index(drop=True)
        assert named(found, against) == [{"rep": "Wu"}]
        (place,) = table.index[table["part"] == "of_which"]
        within, whole = table.loc[place], table.loc[place - 1]
        assert (within["rep"], within["channel"], whole["rep"], whole["channel"]) == ("Wu", "distributor", "Wu", "")
        assert whole["effect"] == pytest.approx(-250_000 * 0.4 - 125_000 * 0.85, rel=0.1)
        assert within["effect"] == pytest.approx(-125_000 * 0.85, rel=0.1)
        parts = table[table["part"] != "of_which"]
        assert units(parts.iloc[:-1]).sum() == units(parts).iloc[-1]
    assert "of_which" not in set(found.rows["part"][list(found.chart.rows)])


def test_what_falls_everywhere_alike_is_no_slices_loss():
    found = diagnosis.localisation(
        steady(2, lambda month, *_: 0.6 if month == MONTHS[-1] else 1.0), targets(), scope=SCOPE
    )
    assert named(found, "target") == []
    rows = bridge(found, "target")
    assert rows.set_index("part")["effect"]["rest"] == rows["effect"].iloc[-1] < -200_000


def test_a_gain_is_told_as_one():
    def gained(month, rep, line, channel):
        return 2.0 if month == MONTHS[-1] and rep == "Wu" else 1.0

    found = diagnosis.localisation(steady(3, gained), targets(300_000), scope=SCOPE)
    assert {"rep": "Wu"} not in named(found, "target")  # all are behind such a target, Wu too
    found = diagnosis.localisation(steady(3, gained), targets(), scope=SCOPE)
    assert named(found, "target") == [{"rep": "Wu"}]
    assert found.headline.key == "one_target_rose"


def rush(month, rep, line, channel):
    return 2.2 if month[-2:] in {"03", "06", "09", "12"} and channel == "distributor" else 1.0


def test_the_rush_of_one_channel_at_every_quarter_end_is_no_gain_nor_its_end_a_loss():
    for month in ("2025-09", "2025-08", "2025-07"):
        scope = scope_of(month, as_of=date(2025, 9, 30), team="South")
        orders = steady(4, rush)
        wanted = targets().assign(period=month)
        found = diagnosis.localisation(orders[orders["sales_date"] <= str(scope.window.end)], wanted, scope=scope)
        assert [named(found, a) for a in ("target", "last_year", "previous")] == [[], [], []], month


def test_working_days_and_season_are_parts_of_their_own():
    holidays = [date(2025, 9, d) for d in range(22, 27)] + [date(2024, 9, d) for d in range(2, 4)]
    calendar = Calendar(holidays=holidays)
    scope = Scope("South", calendar.period("2025-09"), date(2025, 9, 30), date(2023, 7, 1), calendar=calendar)
    rows = [
        {"day": f"{month}-02", "money": 2_100, "customer": "a", "rep": rep, "team": "South"}
        for month in MONTHS
        for rep in REPS
    ]
    found = diagnosis.localisation(frame("orders", *rows), frame("targets"), scope=scope)
    # 17 working days against 19 of last September, against 21 of August; sales were 6,300 each time.
    assert bridge(found, "last_year").set_index("part")["effect"]["working_days"] == pytest.approx(
        6300 * (17 / 19 - 1), abs=0.0001
    )
    previous = bridge(found, "previous").set_index("part")["effect"]
    assert previous["working_days"] == pytest.approx(6300 * (17 / 21 - 1), abs=0.0001)
    # The step from August to September, a working day: 2024 from 22 days to 19, 2023 from 23 to 21.
    step = np.sqrt((22 / 19) * (23 / 21))
    assert previous["season"] == pytest.approx(6300 * 17 / 21 * (step - 1), abs=0.001)
    assert units(bridge(found, "previous").iloc[:-1]).sum() == 0


def test_days_still_to_come_are_not_held_against_a_slice():
    scope = scope_of("2025-09", as_of=date(2025, 9, 15), team="South")
    orders = steady(5)
    found = diagnosis.localisation(orders[orders["sales_date"] <= "2025-09-15"], targets(), scope=scope)
    rows = bridge(found, "target").set_index("part")["effect"]
    assert rows["days_left"] == pytest.approx(-720_000 * 11 / 22)
    assert named(found, "target") == []
    assert "unfinished" in [note.key for note in found.notes]


def test_a_gain_against_what_is_due_by_now_is_told_before_the_whole_target_is_reached():
    def gained(month, rep, line, channel):
        return 1.8 if month == MONTHS[-1] and rep == "Wu" else 1.0

    orders = steady(11, gained)
    scope = scope_of("2025-09", as_of=date(2025, 9, 15), team="South")
    found = diagnosis.localisation(orders[orders["sales_date"] <= "2025-09-15"], targets(), scope=scope)
    rows = bridge(found, "target")
    assert named(found, "target") == [{"rep": "Wu"}]
    row = rows[rows["rep"] == "Wu"].iloc[0]
    # Of his 240,000 half are due; he has nine tenths of them.
    assert row["expected"] == pytest.approx(130_000, rel=0.15)  # as far ahead as all else is
    assert 120_000 < row["sales"] < 240_000
    assert rows.set_index("part")["effect"]["days_left"] == pytest.approx(-360_000)


def test_what_an_audience_may_not_see_is_in_the_rest_and_the_bridge_ends_where_it_must():
    def gained(month, rep, line, channel):
        return 2.0 if month == MONTHS[-1] and rep == "Wu" else 1.0

    orders = steady(3, gained)
    strict = Scope(SCOPE.team, SCOPE.period, SCOPE.as_of, SCOPE.history_start, SCOPE.settings, SCOPE.calendar,
                   audience="public")  # fmt: skip
    seen, hidden = (bridge(diagnosis.localisation(orders, targets(), scope=s), "target") for s in (SCOPE, strict))
    assert named(diagnosis.localisation(orders, targets(), scope=SCOPE), "target") == [{"rep": "Wu"}]
    assert (hidden["rep"] == "").all()
    assert units(hidden.iloc[:-1]).sum() == units(hidden).iloc[-1] == units(seen).iloc[-1]
    rest = [rows.set_index("part")["effect"]["rest"] for rows in (seen, hidden)]
    assert rest[1] - rest[0] == pytest.approx(seen.loc[seen["rep"] == "Wu", "effect"].iloc[0])


def test_known_problems_come_first_and_take_their_leaves_along():
    known = problems(
        {"rep": "Wu", "problem": "lower_win_rate", "effect": -1.0, "surprise": 6.0},
        {"problem": "lower_collection", "effect": -9.0, "surprise": 9.0},
    )
    orders = steady(6, lambda month, rep, *_: 0.8 if month == MONTHS[-1] and rep == "Wu" else 1.0)
    found = diagnosis.localisation(orders, targets(), scope=SCOPE, problems=known)
    row = bridge(found, "target").iloc[0]
    assert (row["rep"], row["confidence"], row["surprise"]) == ("Wu", "high", 6.0)
    assert row["effect"] < 0
    assert "amounts" in {n.key for n in found.notes}  # it has another amount above, by its own past
    for others in (None, known.iloc[1:]):
        alone = diagnosis.localisation(orders, targets(), scope=SCOPE, problems=others)
        assert "amounts" not in {n.key for n in alone.notes}


def test_a_target_that_is_too_high_for_a_rep_is_not_told_of_a_channel_of_his():
    goals = targets(by=("rep",)).assign(amount=lambda t: t["amount"].where(t["rep"] != "Wu", 480_000.0))
    found = diagnosis.localisation(steady(7), goals, scope=SCOPE)
    assert named(found, "target") == [{"rep": "Wu"}]


def test_targets_are_spread_by_the_past_and_stay_whole_without_one():
    orders = frame(
        "orders",
        *[{"day": f"{m}-03", "money": money, "rep": rep, "channel": channel, "customer": channel, "team": "South"}
         for m in MONTHS for rep, channel, money in (("Wu", "direct", 30), ("Wu", "online", 30), ("Li", "direct", 20))]
        + [{"day": "2025-09-09", "money": 7, "rep": "He", "channel": "online", "customer": "x", "team": "South"}]
    )  # fmt: skip
    goals = frame(
        "targets", *[{"period": "2025-09", "team": "South", "rep": rep, "amount": amount}
         for rep, amount in (("Wu", 80), ("Li", 10), ("He", 9), ("Ma", 5))]
    )  # fmt: skip
    lines = lines_of(orders, goals, SCOPE)
    leaves = baselines(lines, goals, SCOPE)[0].leaves
    by = leaves.groupby(["rep", "channel"])[["actual", "expected"]].sum() / 10_000
    assert by.loc[("Wu", "direct")].tolist() == [30.0, 40.0]
    assert by.loc[("Wu", "online")].tolist() == [30.0, 40.0]
    assert by.loc[("He", "")].tolist() == [7.0, 9.0]  # no past: in no channel's slice
    assert by.loc[("Ma", "")].tolist() == [0.0, 5.0]
    assert by["expected"].sum() == pytest.approx(104.0)


def test_too_short_a_history_says_so():
    scope = scope_of("2025-09", as_of=date(2025, 9, 30), begin=date(2025, 5, 1), team="South")
    found = diagnosis.localisation(steady(8, months=MONTHS[-5:]), targets(), scope=scope)
    assert found.headline.key == "short_target_fell" or found.headline.key == "short_target_rose"


def test_without_anything_to_compare_with_it_is_quiet():
    scope = scope_of("2025-09", as_of=date(2025, 9, 30), begin=date(2025, 9, 1), team="South")
    found = diagnosis.localisation(steady(9, months=MONTHS[-1:]), frame("targets"), scope=scope)
    assert found.quiet
    assert found.headline.key == "no_base"
    assert diagnosis.localisation(frame("orders"), frame("targets"), scope=scope).quiet


def test_members_not_given_name_no_slice():
    orders = steady(10, lost)
    for column in ("channel", "customer", "rep"):
        orders[column] = pd.Series([None] * len(orders), dtype="str")
    found = diagnosis.localisation(orders, frame("targets"), scope=SCOPE)
    assert all(set(members) <= {"product_line"} for a in ("last_year", "previous") for members in named(found, a))


DAYS = ["2024-08-06", "2024-09-03", "2025-07-08", "2025-08-05", "2025-09-02", "2025-09-16"]
ROW = st.fixed_dictionaries(
    {"day": st.sampled_from(DAYS), "money": st.integers(-50_000, 900_000).map(lambda n: n / 100),
     "rep": st.sampled_from(["Wu", "Li"]), "product_line": st.sampled_from(["Pumps", "Valves", None]),
     "channel": st.sampled_from(["direct", "online"]), "customer": st.sampled_from(["a", "b", "c", None])}
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=25), st.integers(0, 10_000_000), st.randoms(use_true_random=False))
def test_every_bridge_adds_up_whatever_the_order_of_rows(rows, goal, random):
    goals = frame("targets", {"period": "2025-09", "team": "South", "amount": goal / 100})
    orders = frame("orders", *rows, team="South")
    before = orders.copy()
    found = diagnosis.localisation(orders, goals, scope=SCOPE)
    pd.testing.assert_frame_equal(orders, before)
    for against in found.rows["against"].unique():
        part = bridge(found, against)
        assert units(part.iloc[:-1]).sum() == units(part.iloc[-1:]).iloc[0]
        whole = part.iloc[-1]
        assert round((whole["sales"] - whole["expected"]) * 10_000) == units(part.iloc[-1:]).iloc[0]
    mixed = orders.sample(frac=1, random_state=random.randrange(1000))
    pd.testing.assert_frame_equal(diagnosis.localisation(mixed, goals, scope=SCOPE).rows, found.rows)


def test_one_large_order_is_no_slice_that_rose_but_many_orders_are():
    """A customer who buys little orders for 60,000 once: chance. That sixty orders of 1,000 come is a rise."""
    plain = steady(2)
    row = plain.iloc[[-1]].assign(customer="Big", order_id="big", rep="Wu", channel="direct", product_line="Pumps")
    past = plain[plain["sales_date"] < "2025-09-01"].iloc[::150].assign(customer="Big")
    quiet = pd.concat([plain.drop(past.index), past], ignore_index=True)
    one = pd.concat([quiet, row.assign(amount=60_000.0)], ignore_index=True)
    many = pd.concat(
        [quiet, *(row.assign(amount=1_000.0, order_id=f"big{n}") for n in range(60))], ignore_index=True
    ).astype(quiet.dtypes)
    found = [diagnosis.localisation(t.astype(quiet.dtypes), targets(), scope=SCOPE) for t in (one, many)]
    named_ = [[s for s in named(f, "last_year") if s.get("customer") == "Big"] for f in found]
    assert not named_[0]
    assert named_[1]
