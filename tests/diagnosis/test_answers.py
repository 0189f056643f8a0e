"""Answers kept to why find the problem they speak of, and no other; none is lost."""

from datetime import date

import pandas as pd
import pytest

from salesnb import words
from salesnb.causes.answers import placed
from tests.frames import frame, problems, scope_of

MEMBERS = {
    "team": ["South", "North"],
    "rep": ["Chen Wei", "Ma Xiaolong", "周凯"],
    "product_line": ["Sensors", "Pumps", "传感器"],
    "region": ["South China"],
    "channel": ["direct", "distributor"],
    "customer": ["Lingnan Yongji Fluid Co., Ltd.", "Bohai Steel Co., Ltd.", "岭南永济流体有限公司"],
}
ACCOUNT = "Lingnan Yongji Fluid Co., Ltd."


def whys_of(*answers, day="2025-08-06", team="South"):
    rows = [{"problem": a, "team": team} if isinstance(a, str) else {"team": team, **a} for a in answers]
    return frame("whys", *rows, answered_on=day, step=1, answer="because", author="Chen Wei")


def fit(answer, *found, since=None, team="South", period="2025-09", **given):
    scope = scope_of(period, date(2025, 9, 30), team=team)
    rows = problems(*found) if found else problems()
    out = placed(whys_of(answer, **given), rows, MEMBERS, since or [None] * len(found), scope)
    return tuple(out[["place", "basis"]].iloc[0])


STOPPED = {"problem": "customer_stopped", "customer": ACCOUNT}
PRICES = {"problem": "lower_prices", "product_line": "Sensors"}
RATE = {"problem": "lower_win_rate", "rep": "Ma Xiaolong"}


@pytest.mark.parametrize(
    ("said", "problem", "basis"),
    [
        ("the largest account has stopped ordering", STOPPED, "names_kind"),
        ("最大客户停止下单", STOPPED, "names_kind"),
        ("customer_stopped", STOPPED, "names_kind"),
        (f"Customer stopped ordering ({ACCOUNT})", STOPPED, "names_it"),
        ("LINGNAN YONGJI FLUID stopped buying", STOPPED, "names_it"),
        ("岭南永济流体停止下单", {"problem": "customer_stopped", "customer": "岭南永济流体有限公司"}, "names_it"),
        ("Lingnan Yongji Fluid: prices", STOPPED, "names_slice"),
        ("直销的商机", {"problem": "lower_prices", "channel": "direct"}, "names_slice"),
        ("deals are lost for slow follow-up", RATE, "names_kind"),
        ("跟进不及时导致丢单", RATE, "names_kind"),
        ("Ma Xiaolong's win rate", RATE, "names_it"),
        ("lower prices of sensors", PRICES, "names_it"),
        ("传感器降价", {"problem": "lower_prices", "product_line": "传感器"}, "names_it"),
        ("slower collection", {"problem": "lower_collection"}, "names_it"),
    ],
)
def test_an_answer_finds_its_problem_in_either_language_and_by_code(said, problem, basis):
    assert fit(said, problem) == (0, basis)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("Bohai Steel has stopped ordering", STOPPED),  # another account
        ("Chen Wei loses deals", RATE),  # another rep
        ("lower prices of pumps", PRICES),
        ("the win rate has fallen", STOPPED),  # another kind of problem
        ("new customers stay away", STOPPED),
        ("fewer customers of distributors", {"problem": "fewer_customers", "rep": "Ma Xiaolong"}),
        ("too many meetings", STOPPED),
        ("", STOPPED),
        ("North: the largest account has stopped ordering", STOPPED),  # another team
    ],
)
def test_an_answer_that_speaks_of_something_else_fits_none(said, problem):
    assert fit(said, problem) == (-1, "fits_none")


def test_the_team_of_an_answer_is_that_of_its_problem():
    said = "the largest account has stopped ordering"
    assert fit(said, STOPPED, team="North") == (-1, "fits_none")
    on_company_page = {**STOPPED, "team": "South"}
    assert fit(said, on_company_page, team="all") == (0, "names_kind")
    assert fit(said, {**STOPPED, "team": "North"}, team="all") == (-1, "fits_none")
    # A slice that spans teams is named by its members, not by the kind of problem alone.
    assert fit(said, STOPPED, team="all") == (-1, "fits_none")
    assert fit(f"{ACCOUNT} has stopped ordering", STOPPED, team="all") == (0, "names_it")
    # Without a team of its own an answer must name the slice.
    assert fit({"problem": said, "team": None}, STOPPED) == (-1, "fits_none")
    assert fit({"problem": f"{ACCOUNT} stopped buying", "team": None}, STOPPED) == (0, "names_it")


def test_of_several_problems_the_one_that_is_named_counts_and_otherwise_none():
    other = {"problem": "customer_stopped", "customer": "Bohai Steel Co., Ltd."}
    assert fit("an account has stopped ordering", STOPPED, other) == (-1, "fits_several")
    assert fit("Bohai Steel has stopped ordering", STOPPED, other) == (1, "names_it")
    assert fit("lower prices of sensors", STOPPED, PRICES, RATE) == (1, "names_it")


def test_an_answer_from_before_the_problem_is_not_about_it():
    said = "the largest account has stopped ordering"
    assert fit(said, STOPPED, since=[pd.Timestamp("2025-09-02")]) == (-1, "too_early")
    assert fit(said, STOPPED, since=[pd.Timestamp("2025-08-06")]) == (0, "names_kind")
    assert fit(said, STOPPED, day="2024-08-31") == (-1, "too_early")


def test_answers_given_after_the_day_as_of_are_not_known_yet_and_the_others_all_stay():
    whys = whys_of("a", "stopped ordering", "b", {"problem": "stopped ordering", "answered_on": "2025-10-01"})
    out = placed(whys, problems(STOPPED), MEMBERS, [None], scope_of("2025-09", date(2025, 9, 30), team="South"))
    assert sorted(out["problem_text"]) == ["a", "b", "stopped ordering"]
    assert (out["place"] >= 0).sum() == 1
    nothing = placed(whys, problems(), MEMBERS, [], scope_of("2025-09", date(2025, 9, 30), team="South"))
    assert nothing["basis"].tolist() == ["fits_none"] * 3


def test_the_order_of_rows_does_not_matter_and_the_table_is_not_changed():
    whys = whys_of(
        "stopped ordering", "x", {"problem": "prices are lower", "step": 2}, {"problem": "丢单", "step": None}
    )
    kept, scope = whys.copy(deep=True), scope_of("2025-09", date(2025, 9, 30), team="South")
    once = placed(whys, problems(STOPPED, PRICES), MEMBERS, [None, None], scope)
    pd.testing.assert_frame_equal(whys, kept)
    again = placed(whys[::-1], problems(STOPPED, PRICES), MEMBERS, [None, None], scope)
    assert once.sort_values("problem_text").values.tolist() == again.sort_values("problem_text").values.tolist()


def test_every_kind_of_problem_is_heard_by_its_name_in_both_languages():
    for kind, names in words.entry("dimensions", "members.problem").items():
        where = {"rep": "Ma Xiaolong"}
        for lang in words.LANGUAGES:
            assert fit(str(names[lang]), {"problem": kind, **where})[0] == 0, (kind, lang)
        others = [k for k in words.entry("dimensions", "members.problem") if k != kind]
        assert all(fit(kind, {"problem": other, **where})[0] == -1 for other in others), kind


def test_phrases_are_of_known_problems():
    assert set(words.entry("answers", "phrases")) <= set(words.entry("dimensions", "members.problem"))
