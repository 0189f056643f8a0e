"""From problem to evidence, whys and what was ruled out: notebooks and pages as readers get them, in both languages."""

import html
import re

import nbformat
import pytest

from salesnb import load, words
from salesnb.report.sections import arrange
from salesnb.show.mime import page_html
from salesnb.show.outputs import evidence_output, sentence_output
from salesnb.views.slices import SLICE, top_of, with_slice
from tests.cells import shown
from tests.reading import HOLE, said

WORDS = ("problems", "problem_evidence", "five_whys", "ruled_out")
RUNS = {
    "South": {"team": "South", "period": "2025-09"},
    "North": {"team": "North", "period": "2025-09"},
    "West": {"team": "West", "period": "2025-09"},
    "all": {"team": "all", "period": "2025-09"},
    "quiet": {"team": "North", "period": "2025-03"},
    "week": {"team": "South", "period": "2025-W38"},
    "unfinished": {"team": "West", "period": "2025-09", "as_of": "2025-09-12"},
    "quarter": {"team": "North", "period": "2025-Q3"},
    "first month": {"team": "Central", "period": "2023-08"},
    "outsiders": {"team": "West", "period": "2025-09", "audience": "public"},
}
CAUSAL = {
    "en": re.compile(r"\b(because|due to|caused by|thanks to|led to)\b", re.I),
    "zh": re.compile("(?<!原)因为|由于|导致|造成"),
}


@pytest.fixture(scope="module", params=[*RUNS, "zh"])
def case(request, written):
    """Return the findings of one run by word, with the case they were made from."""
    run = {"data": "sample", **RUNS.get(request.param, {"team": "华南", "period": "2025-09"})}
    if request.param == "zh":
        run["data"] = str(written("zh"))
    with pytest.MonkeyPatch.context() as patch:
        sections = [f"diagnosis.{w}" for w in ("attainment", *WORDS)]  # the first works out the problems for all
        findings = {f.word: f for f in shown("diagnosis", patch, sections, **run)}
        yield {**{w: findings[w] for w in WORDS}, "case": load(**run), "run": request.param}


def chains(case):
    rows = case["five_whys"].rows
    return [part for _, part in rows[rows["chain"] != ""].groupby("chain", sort=False)]


def test_every_problem_told_first_has_its_evidence_and_its_chain_and_nothing_else_has(case):
    problems = top_of(case["problems"].rows)
    for word in ("problem_evidence", "five_whys"):
        rows = case[word].rows
        rows = rows[rows["chain"] != ""]
        assert sorted(rows["chain"].unique()) == [str(i + 1) for i in range(len(problems))]
        firsts = rows.drop_duplicates("chain")
        assert firsts["problem"].tolist() == problems["problem"].tolist()
        for d in SLICE:
            assert firsts[d].tolist() == problems[d].fillna("").tolist()


def test_figures_come_first_then_what_people_say_then_one_question(case):
    order = {"measured": 0, "associated": 0, "hypothesis": 1, "": 2}
    for chain in chains(case):
        assert chain["step"].tolist() == [str(i + 1) for i in range(len(chain))]
        assert chain["evidence"].iloc[0] == "measured"
        assert (chain["evidence"] == "").tolist() == [False] * (len(chain) - 1) + [True]
        of_people = chain["why"].str.startswith(("answer", "ask"))
        assert of_people.is_monotonic_increasing
        assert [order[e] for e in chain["evidence"]][-1] == 2


def test_what_people_said_is_never_measured_and_no_answer_is_lost(case):
    rows, whys = case["five_whys"].rows, case["case"].whys
    told = rows[rows["why"].str.startswith(("answer", "apart"))]
    assert set(told["evidence"]) <= {"hypothesis"}
    known = whys[whys["answered_on"] <= str(case["case"].scope.as_of)]
    assert sorted(told["answer"]) == sorted(known["answer"])
    assert set(told["answered_on"]) == {str(d.date()) for d in known["answered_on"]}


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_pages_say_all_of_it_and_claim_no_cause(case, lang):
    for word in WORDS:
        found = case[word]
        page = page_html(sentence_output(found), lang) + page_html(evidence_output(found), lang)
        text = html.unescape(re.sub(r"<[^>]+>", " ", page))
        assert not HOLE.search(text), (word, HOLE.search(text))
        if word != "problems":
            assert not CAUSAL[lang].search(text), CAUSAL[lang].search(text)
    page = html.unescape(page_html(evidence_output(case["five_whys"]), lang))
    for chain in chains(case):
        for answer, day in zip(chain["answer"], chain["answered_on"], strict=True):
            assert answer in page
            assert not day or day[:4] in page
    steps = re.findall(r"<li(?: class=\"snb-ask\")?><span class=\"snb-told\">", page)
    assert len(steps) == len(case["five_whys"].rows)
    assert page.count('class="snb-ask"') == len(chains(case))


def test_sentences_have_no_holes_and_facts_do_not_contradict(case):
    for word in WORDS:
        said(case[word])


def test_the_loss_of_a_problem_is_the_same_wherever_it_stands(case):
    losses = top_of(case["problems"].rows)["effect"].tolist()
    assert [c["effect"].iloc[0] for c in chains(case)] == pytest.approx(losses)
    rows = case["problem_evidence"].rows
    assert rows["effect"].dropna().tolist() == pytest.approx(losses)
    last = rows.drop_duplicates("chain", keep="last")
    money = last[last["kpi"] == "sales"]
    if case["run"] not in ("quarter",):
        assert (money["actual"] - money["expected"]).tolist() == pytest.approx(money["effect"].tolist())


def test_what_is_ruled_out_is_behind_has_a_reason_and_is_no_problem(case):
    rows, problems = case["ruled_out"].rows, case["problems"].rows
    assert set(rows["reason"]) <= set(words.entry("dimensions", "members.reason"))
    assert (rows["effect"] < 0).all()
    assert (rows["actual"] - rows["before"]).tolist() == pytest.approx(rows["effect"].tolist())
    named = [{d: p[d] for d in SLICE if p[d]} for p in with_slice(problems).to_dict("records")]
    for row in rows.to_dict("records"):
        assert {d: row[d] for d in SLICE if row[d]} not in named
        assert (row["reason"] == "part_of_problem") == (row["chain"] != "")
        if row["explained"] == row["explained"]:
            assert row["explained"] <= 0.5 * row["effect"]


def test_outsiders_see_no_single_person_and_no_customer_s_name(case):
    if case["run"] != "outsiders":
        return
    for word in ("problem_evidence", "five_whys", "ruled_out"):
        rows = case[word].rows
        assert set(rows["rep"]) <= {""}, word
        assert not any(name in set(rows["customer"]) for name in ("Yanshan Zhengyang Power Co., Ltd.",)), word


@pytest.mark.parametrize("team", ["South", "all"])
def test_the_sections_stand_in_order_on_the_page_and_say_the_same_in_both_languages(sample, team):
    book = nbformat.read(sample / team / "diagnosis.ipynb", as_version=4)
    placed = {}
    for lang in words.LANGUAGES:
        anchors = [s.anchor for s in arrange(book, lang).sections]
        own = [a for a in anchors if a in {w.replace("_", "-") for w in WORDS}]
        assert own == ["problems", "problem-evidence", "five-whys", "ruled-out"]
        page = (sample / team / f"diagnosis{'' if lang == 'en' else '.zh'}.html").read_text(encoding="utf-8")
        section = page[page.index('id="five-whys"') : page.index('id="ruled-out"')]
        placed[lang] = section.count('class="snb-told"')
    assert placed["en"] == placed["zh"] > 3


def test_the_answers_of_the_south_stand_under_the_account_that_it_lost(sample):
    for suffix, quoted in (("", "about “the largest account has stopped ordering”"), (".zh", "针对“")):
        page = (sample / "South" / f"diagnosis{suffix}.html").read_text(encoding="utf-8")
        section = page[page.index('id="five-whys"') : page.index('id="ruled-out"')]
        text = html.unescape(re.sub(r"<[^>]+>", " ", section))
        assert "Lingnan Yongji Fluid" in text
        assert quoted in text
        assert "Two deliveries in spring came three weeks late." in text
        assert "Chen Wei" in text
