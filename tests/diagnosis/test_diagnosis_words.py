"""No sentence has a hole, in either language, on the sample company in every kind of period."""

import pytest

from salesnb import words
from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text
from tests.reading import stumbles

PERIODS = [("South", "2025-09"), ("all", "2025-Q3"), ("West", "2024"), ("East", "2023-07"), ("Central", "2025-W36")]


def findings(case):
    tables = case.orders, case.targets
    yield diagnosis.trend(*tables, case.opportunities, scope=case.scope)
    for by in (["rep"], ["team"], ["product"], ["new_existing"], ["rep", "product_line"]):
        yield diagnosis.attainment(*tables, scope=case.scope, by=by)
    problems = diagnosis.problems(*tables, case.opportunities, case.receipts, scope=case.scope)
    yield problems
    yield diagnosis.problem_evidence(problems.rows, *tables, case.opportunities, case.receipts, scope=case.scope)
    yield diagnosis.ruled_out(problems.rows, *tables, scope=case.scope)
    gap = diagnosis.localisation(*tables, problems=problems.rows, scope=case.scope)
    yield gap
    yield diagnosis.slice_drivers(case.orders, case.opportunities, problems.rows, gap.rows, scope=case.scope)
    yield diagnosis.ratio_slices(case.orders, case.opportunities, case.receipts, scope=case.scope)
    for against in ("previous", "last_year"):
        yield diagnosis.drivers(case.orders, scope=case.scope, against=against)
        yield diagnosis.price_volume_mix(case.orders, scope=case.scope, against=against)
        yield diagnosis.deal_drivers(case.opportunities, scope=case.scope, against=against)
        yield diagnosis.proposals(case.opportunities, scope=case.scope, against=against)
    yield diagnosis.cycle(case.opportunities, case.orders, scope=case.scope)
    yield diagnosis.win_by_day(case.opportunities, scope=case.scope)
    yield diagnosis.stalled(case.opportunities, case.products, scope=case.scope)
    yield diagnosis.deals(case.opportunities, scope=case.scope)
    yield diagnosis.deals(case.opportunities, scope=case.scope, by=["product_line"])
    for by in ("stage", "cohort", "lead_source"):
        yield diagnosis.funnel(case.opportunities, case.stage_history, scope=case.scope, by=by)
    yield diagnosis.lost_deals(case.opportunities, scope=case.scope)
    for by in ("competitor", "month"):
        yield diagnosis.competitors(case.opportunities, case.notes, scope=case.scope, by=by)
    yield diagnosis.stock(case.notes, case.orders, case.products, scope=case.scope)
    named = ("orders", "opportunities", "activities", "reps", "receipts")
    given = {name: getattr(case, name) for name in named}
    yield diagnosis.key_figures(given, case.targets, scope=case.scope)
    yield diagnosis.situations(given, case.targets, scope=case.scope)
    work = (case.activities, case.orders, case.opportunities, case.reps, case.customers)
    yield diagnosis.process(*work, scope=case.scope)
    yield diagnosis.collection(case.receipts, case.orders, scope=case.scope)


@pytest.mark.parametrize(("team", "period"), PERIODS)
def test_sentences_have_no_holes_and_facts_do_not_contradict(sample, team, period):
    case, seen = sample(team, period), {}
    for found in findings(case):
        for lang in words.LANGUAGES:
            for say in (found.headline, *found.notes):
                text = sentence_text(found, say, lang)
                assert not stumbles(text), (stumbles(text), text)
            said = [sentence_text(found, say, lang) for say in (found.headline, *found.notes)]
            assert len(set(said)) == len(said), said
        for fact in found.facts():
            key = fact["finding"], fact["metric"], fact["dims"]
            assert seen.setdefault(key, fact["value"]) == fact["value"], key


def test_parts_add_up_on_real_looking_data(sample):
    case = sample("all", "2025-09")
    for found in (
        diagnosis.drivers(case.orders, scope=case.scope),
        diagnosis.deal_drivers(case.opportunities, scope=case.scope),
    ):
        units = (found.rows["effect"] * 10_000).round().astype("int64")
        assert units.iloc[:-1].sum() == units.iloc[-1] != 0


def test_optional_tables_may_be_absent(sample):
    case = sample("South", "2025-09")
    empty = {name: getattr(case, name).iloc[:0] for name in ("targets", "opportunities", "receipts")}
    bare = case.orders.assign(quantity=float("nan"))
    trend = diagnosis.trend(bare, empty["targets"], empty["opportunities"], scope=case.scope)
    assert trend.rows["target"].isna().all()
    assert diagnosis.attainment(bare, empty["targets"], scope=case.scope).headline.key == "whole_fell_last_year"
    assert diagnosis.problems(bare, *empty.values(), scope=case.scope).headline.key != "short"
    for found in (
        diagnosis.price_volume_mix(bare, scope=case.scope),
        diagnosis.deals(empty["opportunities"], scope=case.scope),
        diagnosis.deal_drivers(empty["opportunities"], scope=case.scope),
    ):
        assert found.missing
        assert sentence_text(found, found.headline, "zh")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tang Yong is 0K behind.", "nothing with a unit"),
        ("销售额0.0万。", "nothing with a unit"),
        ("The largest is existing customers: 5.09M of 5.09M sold.", "a part that is the whole"),
        ("最高的是老客户，销售额509万，合计509万。", "a part that is the whole"),
        ("Longer than 12 days days.", "a unit twice"),
        ("1 tables are given.", "one of many"),
        ("Of 7 deals begun in March to May 2025, 3 were won.", "in March to May"),
        ("The gap is \u2212\u2212400K.", "a sign twice"),
        ("减少\u221240万。", "a sign twice"),
        ("It ends here..", "a stop too many"),
        ("Now nan.", "a hole"),
    ],
)
def test_what_readers_stumble_over_is_seen(text, kind):
    assert stumbles(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "1 of 38 deals, worth 209K, all held by Gu Ying.",
        "Of 11 deals begun in May 2025, 0 were won; 20.0% of 1,291 deals before.",
        "None of the five situations holds now.",
        "Sales rose 10K of 100K, +10.0%; 5 of 5 reps sold below the usual prices.",
        "销售额10万，同比+14.4%，减少3.2万。",
    ],
)
def test_plain_sentences_are_left_alone(text):
    assert stumbles(text) == []
