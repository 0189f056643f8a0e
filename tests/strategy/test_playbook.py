"""The playbook: the default one is sound, a team's own is checked as a whole."""

import pytest

from salesnb import words
from salesnb.data.tables import playbook
from salesnb.errors import InputError
from salesnb.settings import Settings, Strategy

GOOD = """[[play]]
id = "call"
problem = "fewer_customers"
action = "Call them"
resources = { en = "a list", zh = "清单" }
owner = "rep"
effort = "low"
recovers = [0.1, 0.3]
"""


def test_the_default_answers_every_problem():
    plays = playbook.default()
    general = plays[plays["where"] == ""]
    assert set(general["problem"]) == set(playbook.PROBLEMS)
    assert plays["play"].is_unique
    assert (plays["recovers_low"] <= plays["recovers_high"]).all()
    for text in (*plays["action"], *plays["resources"]):
        assert words.choose(text, "en") != words.choose(text, "zh")


@pytest.mark.parametrize("code", playbook.PROBLEMS)
def test_every_problem_owner_and_effort_has_words(code):
    assert words.has("dimensions", f"members.problem.{code}")
    assert all(words.has("dimensions", f"members.owner.{o}") for o in playbook.OWNERS if o != "rep")
    assert all(words.has("dimensions", f"members.effort.{e}") for e in playbook.EFFORTS)


def test_a_teams_own_playbook_beside_the_data_is_taken(tmp_path):
    (tmp_path / "playbook.toml").write_text(GOOD, encoding="utf-8-sig")
    rows = playbook.load(tmp_path, Settings())
    assert rows[rows["problem"] != playbook.GAP_PART].to_dict("records") == [
        {"play": "call", "problem": "fewer_customers", "action": "Call them", "resources": words.both("a list", "清单"),
         "owner": "rep", "effort": "low", "recovers_low": 0.1, "recovers_high": 0.3, "where": "",
         "asks_why": False, "needs": ""}
    ]  # fmt: skip


def test_a_teams_own_that_says_nothing_of_parts_of_the_gap_has_the_default_ones_for_these(tmp_path):
    (tmp_path / "playbook.toml").write_text(GOOD, encoding="utf-8")
    default = playbook.default()
    assert set(playbook.load(tmp_path, Settings())["play"]) == {
        "call",
        *default[default["problem"] == "gap_part"]["play"],
    }
    own = GOOD + GOOD.replace('"call"', '"look"').replace("fewer_customers", "gap_part")
    (tmp_path / "playbook.toml").write_text(own, encoding="utf-8")
    assert playbook.load(tmp_path, Settings())["play"].tolist() == ["call", "look"]


def test_without_one_the_default_is_taken_but_a_named_one_must_exist(tmp_path):
    assert len(playbook.load(tmp_path, Settings())) == len(playbook.default())
    with pytest.raises(InputError) as fault:
        playbook.load(tmp_path, Settings(strategy=Strategy(playbook="ours.toml")))
    assert fault.value.problems[0].code == "playbook_missing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('problem = "fewer_customers"', 'problem = "fewer"'), "playbook_choice"),
        (('owner = "rep"', 'owner = "me"'), "playbook_choice"),
        (('effort = "low"\n', ""), "playbook_part"),
        (("recovers = [0.1, 0.3]", "recovers = [0.4, 0.3]"), "playbook_range"),
        (("recovers = [0.1, 0.3]", "recovers = [0.1, 1.3]"), "playbook_range"),
        (("recovers = [0.1, 0.3]", 'recovers = "half"'), "playbook_range"),
        (("effort = ", "efort = "), "playbook_key"),
        (('action = "Call them"', 'action = { en = "only" }'), "playbook_text"),
        (("[[play]]", "[play]"), "playbook_form"),
        (("id = ", "id = = "), "settings_not_toml"),
    ],
)
def test_what_is_wrong_is_named_in_both_languages(tmp_path, change, code):
    (tmp_path / "playbook.toml").write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(InputError) as fault:
        playbook.load(tmp_path, Settings())
    assert code in [p.code for p in fault.value.problems]
    assert all(p.text("zh") and p.text("en") for p in fault.value.problems)


def test_everything_wrong_is_said_at_once(tmp_path):
    text = GOOD.replace("rep", "me").replace("low", "tiny") + GOOD
    (tmp_path / "playbook.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        playbook.load(tmp_path, Settings())
    assert [p.code for p in fault.value.problems] == ["playbook_choice", "playbook_choice", "playbook_twice"]
