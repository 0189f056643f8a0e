"""Findings for an audience that does not see all: nothing of single persons, and it is said."""

from datetime import date

import pandas as pd
import pytest

from salesnb import words
from salesnb.calendar import month
from salesnb.findings.finding import Finding, Missing, Say
from salesnb.scope import Scope
from salesnb.settings import from_mapping
from salesnb.show.mime import FACTS, PAGE, ROWS
from salesnb.show.outputs import evidence_output, masthead_output, sentence_output
from salesnb.show.render import masthead_html
from salesnb.show.sentence import kept_text
from salesnb.views.slices import without_removed

RULES = from_mapping({"audience": {"fair": {"customers": "removed", "persons": "masked"}}})


def scope(audience, team="South"):
    return Scope(
        team, month(2025, 9), date(2025, 9, 30), date(2024, 1, 1), RULES, langs=("en", "zh"), audience=audience
    )


def finding(audience, notes=(), **columns):
    rows = pd.DataFrame({**columns, "sales": [1.0] * len(next(iter(columns.values())))})
    return Finding("diagnosis.attainment", scope(audience), rows, Say("nothing", {"total": 0}), notes=notes)


def test_leadership_sees_single_persons():
    made = finding("leadership", rep=["", "Chen Wei"])
    assert len(made.rows) == 2
    assert not made.quiet
    assert made.notes == ()


@pytest.mark.parametrize("dimension", ["rep", "manager"])
def test_a_finding_by_person_holds_nothing_for_the_public_and_says_why(dimension):
    made = finding("public", **{dimension: ["", "C*** W***"]})
    assert made.rows.empty
    assert made.facts() == []
    assert made.quiet
    page = sentence_output(made)[PAGE]
    assert page["quiet"]["en"] == "Figures of single persons are not shown to this audience."
    assert "个人数据" in page["quiet"]["zh"]
    shown = evidence_output(made)
    assert shown[ROWS]["rows"] == []
    assert "W***" not in str(shown)
    assert sentence_output(made)[FACTS]["facts"] == []


def test_a_finding_that_names_no_person_stays_and_says_what_it_leaves_out_once():
    made = finding("public", rep=["", ""], product_line=["", "Pumps"])
    again = Finding(made.id, made.scope, made.rows, made.headline, notes=made.notes)
    assert [len(m.rows) for m in (made, again)] == [2, 2]
    assert made.notes == again.notes == (Say("audience.some_persons"),)
    assert "not shown to this audience" in sentence_output(made)["text/html"]


def test_customers_under_masks_stay_and_removed_ones_go():
    assert len(finding("public", customer=["", "H*** S***"]).rows) == 2
    assert finding("fair", customer=["", "H*** S***"]).rows.empty
    assert len(finding("fair", rep=["", "C*** W***"]).rows) == 2


def test_what_is_missing_stays_missing():
    rows = pd.DataFrame({"rep": pd.Series([], dtype="str")})
    made = Finding(
        "diagnosis.deals", scope("public"), rows, Say("no_deals"), missing=(Missing("opportunities", ("rep",)),)
    )
    assert made.missing
    assert made.notes == ()


def test_rows_of_single_persons_are_left_out_of_a_list_of_problems():
    rows = pd.DataFrame(
        {"problem": ["a", "b", "c"], "rep": ["X", "", None], "customer": ["", "K", ""], "effect": [-3.0, -2.0, -1.0]}
    )
    assert without_removed(rows, scope("public"))["problem"].tolist() == ["b", "c"]
    assert without_removed(rows, scope("fair"))["problem"].tolist() == ["a", "c"]
    assert without_removed(rows, scope("leadership")) is rows


def test_the_head_of_a_page_says_for_whom_it_is_and_what_it_keeps_back():
    class Case:
        scope = scope("public")

    said = {lang: masthead_html(Case(), lang) for lang in words.LANGUAGES}
    assert (
        "Public: figures of single persons are not shown and their names are masked; names of customers are masked; pay"
        in said["en"]
    )
    assert "公开：个人数据不展示，人名已脱敏；客户名称已脱敏；薪酬和原始行不展示。" in said["zh"]
    Case.scope = scope("leadership")
    assert "masked" not in str(masthead_output(Case()))


def test_an_audience_of_one_s_own_is_told_by_its_name_as_text():
    assert kept_text("<board>", ["pay_removed"], "en").startswith("<board>: pay")
    assert kept_text("x", [], "en") == ""
