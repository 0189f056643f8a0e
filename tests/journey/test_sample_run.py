"""The sample company from files to memo."""

import json
import re
from html import unescape

import nbformat
import pytest

from salesnb import load, words
from salesnb.metrics import metrics
from salesnb.report.facts import read_facts
from salesnb.report.sections import arrange
from salesnb.stages import STAGES
from tests.journey.conftest import ROOT, facts
from tests.reading import stumbles

OF_TEAMS = [name for name, stage in STAGES.items() if not stage.whole_company_only]
KEY = json.loads((ROOT / "data" / "sample" / "answer_key.json").read_text(encoding="utf-8"))


def text_of(path):
    page = path.read_text(encoding="utf-8")
    page = re.sub(
        r"<(style|script|svg)\b.*?</\1>",
        lambda m: " ".join(re.findall(r"<text[^>]*>(.*?)</text>", m[0])),
        page,
        flags=re.S,
    )
    return unescape(re.sub(r"<[^>]+>", " ", page))


def text_in(markup):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", markup))).strip()


def pages(folder):
    found = sorted(folder.rglob("*.html"))
    assert len(found) == 2 * (2 * len(OF_TEAMS) + len(STAGES) + 3 + 1)
    return found


def test_every_team_has_its_pages_notebooks_and_facts(sample):
    for team in ("South", "Central", "all"):
        stages = STAGES if team == "all" else OF_TEAMS
        for stage in stages:
            for suffix in (".html", ".zh.html", ".ipynb"):
                assert (sample / team / f"{stage}{suffix}").is_file()
        assert (sample / team / "facts.parquet").is_file()
    record = json.loads((sample / "run.json").read_text(encoding="utf-8"))
    assert {n["status"] for n in record["notebooks"]} == {"ok"}
    assert {n["team"] for n in record["notebooks"]} == {"South", "Central", "all"}


def test_pages_are_small_whole_and_say_nothing_broken(sample):
    for page in pages(sample):
        text = text_of(page)
        assert page.stat().st_size < 1_000_000, page
        assert not re.search(r"\b(nan|None(?! was | of )|NaT|inf|Traceback)\b|\{[a-z_.]+\}", text), page
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page.read_text(encoding="utf-8")), page


SAID = re.compile(r'<(p|figcaption)[^>]* class="snb-(?:said|remark|title|run|more)[^"]*"[^>]*>(.*?)</\1>', re.S)


def test_no_sentence_of_any_page_makes_a_reader_stumble(sample):
    for page in pages(sample):
        said = [text_in(part) for _, part in SAID.findall(page.read_text(encoding="utf-8"))]
        assert said or page.stem.startswith("index"), page
        assert [(text, found) for text in said if (found := stumbles(text))] == [], page


def test_the_diagnosis_tells_the_problems_and_their_causes_right_after_the_gap(sample):
    for team in ("South", "all"):
        page = (sample / team / "diagnosis.html").read_text(encoding="utf-8")
        order = re.findall(r'<section[^>]* id="([a-z-]+)"', page)
        assert order[:4] == ["attainment", "problems", "problem-evidence", "five-whys"], team
        assert order.index("trend") < order.index("attainment-product-line")


def test_every_link_leads_somewhere(sample):
    for page in [*pages(sample), sample.parent / "index.html", sample.parent / "index.zh.html"]:
        for href in re.findall(r'<a[^>]* href="([^"]+)"', page.read_text(encoding="utf-8")):
            file, _, anchor = unescape(href).partition("#")
            target = (page.parent / file) if file else page
            assert target.is_file(), (page, href)
            assert not anchor or f'id="{anchor}"' in target.read_text(encoding="utf-8"), (page, href)


@pytest.mark.parametrize("team", ["South", "Central", "all"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_of_the_first_screen_leads_to_a_section_with_that_very_figure(sample, team, lang):
    suffix = "" if lang == "en" else f".{lang}"
    start, memo = (sample / team / f"{name}{suffix}.html" for name in ("index", "review"))
    page = start.read_text(encoding="utf-8")
    first = page[: page.index('id="pages"')]
    links = re.findall(r'<a class="snb-fact" data-fact="([^"]*)" href="([^"#]*)#([^"]*)"', first)
    assert len(links) == first.count('class="snb-fact"') >= 10
    assert len({file for _, file, _ in links}) > 1
    known = {(f["stage"], f["finding"], f["metric"], f["dims"]): f["value"]
             for f in read_facts(sample / team / "facts.parquet")}  # fmt: skip
    for name, file, anchor in links:
        finding, metric, dims = unescape(name).split("/", 2)
        stage = file.split(".")[0]
        book = nbformat.read(sample / team / f"{stage}.ipynb", as_version=4)
        held = [f["value"] for s in arrange(book, lang).sections if s.anchor == anchor for f in s.facts]
        value = known["review", finding, metric, dims]
        assert any(v is not None and abs(v - value) <= 1e-9 * abs(value) for v in held), (name, file, anchor)
    assert first.count("data-fact") <= memo.read_text(encoding="utf-8").count("data-fact")


@pytest.mark.parametrize("team", ["South", "Central"])
def test_the_index_names_the_problem_that_stands_first_on_the_team_s_page(sample, team):
    page = (sample / team / "review.html").read_text(encoding="utf-8")
    first = re.search(r'data-fact="problems_list/effect/[^>]*>(−[^<]+)</a>', page)
    index = (sample / "index.html").read_text(encoding="utf-8")
    row = re.search(rf'<tr id="team-{team}".*?</tr>', index, re.S)[0]
    beside = re.search(r"<small>(.*?)</small>", row)
    assert (team == "Central") == (first is None)
    assert (beside and beside[1].rpartition(" ")[2]) == (first and first[1])


def test_sales_target_and_gap_of_the_parts_are_those_of_the_company(sample):
    whole = facts(sample)["targets", "levels"]
    for metric in ("sales", "target", "gap"):
        parts = [f["value"] for (m, dims), f in whole.items() if m == metric and re.fullmatch("team=[^|]+", dims)]
        assert sum(v for v in parts if v is not None) == pytest.approx(whole[metric, ""]["value"], abs=1e-6)
    for team in ("South", "Central"):
        own = facts(sample, team)["review", "verdict"]
        assert own["sales", ""]["value"] == whole["sales", f"team={team}"]["value"]
        assert own["gap", ""]["value"] == whole["gap", f"team={team}"]["value"]
        assert own["sales", ""]["value"] == pytest.approx(KEY["sales"][team]["2025-09"], abs=0.005)


FOUR = {"sales", "target", "gap", "attainment", "yoy", "mom"}


def test_a_figure_has_one_value_wherever_a_team_sees_it(sample):
    for team in ("South", "Central", "all"):
        seen = {}
        for fact in read_facts(sample / team / "facts.parquet"):
            of_the_period = "month=" not in fact["dims"] and "quarter=" not in fact["dims"]
            if fact["metric"] in FOUR and of_the_period and fact["value"] is not None:
                first = seen.setdefault((fact["metric"], fact["dims"]), fact["value"])
                assert fact["value"] == first, fact
        assert len(seen) > 50


def test_every_fact_is_of_the_registry_with_its_unit(sample):
    for fact in read_facts(sample / "South" / "facts.parquet"):
        metric = metrics()[fact["metric"]]
        assert fact["unit"] == metric.unit or metric.unit == "kpi"
        assert (fact["value"] is None) == (fact["reason"] != "")
        assert (fact["period"], fact["team"]) == ("2025-09", "South")


def test_what_falls_below_zero_is_a_difference_and_declared_signed(sample):
    """So that nobody can forget the sign; of a KPI that a row names, the KPI's own."""
    below = {
        (fact["finding"], fact["metric"])
        for team in ("South", "all")
        for fact in read_facts(sample / team / "facts.parquet")
        if (fact["value"] or 0) < 0 and not metrics()[fact["metric"]].signed and not _signed_kpi(fact)
    } - {("previous_problems", "before"), ("previous_problems", "after")}  # what a problem took is below zero
    assert below == set()


def _signed_kpi(fact):
    """Whether a figure that takes the unit of the KPI that its row names has that of a difference."""
    named = re.search(r"(?:^|\|)kpi=([a-z_]+)", fact["dims"])
    return bool(named) and metrics()[fact["metric"]].unit == "kpi" and metrics()[named[1]].signed


def test_the_memo_names_the_account_that_was_lost_and_the_healthy_team_none(sample):
    planted = [p for p in KEY["problems"] if p["team"] == "South" and p["dims"].get("customer")]
    south = facts(sample, "South")["diagnosis", "problems"]
    assert any(f"customer={planted[0]['dims']['customer']}" in dims for _, dims in south)
    assert ("diagnosis", "problems") not in facts(sample, "Central")
    memo = text_of(sample / "South" / "review.html")
    assert planted[0]["dims"]["customer"] in memo


def test_accounting_on_the_page_is_that_of_the_answer_key(sample):
    rows = facts(sample)["intake", "accounting"]
    for table, dirt in KEY["dirt"].items():
        read = [f["value"] for (m, dims), f in rows.items() if m == "rows_read" and f"table={table}" in dims]
        bad = [f["value"] for (m, dims), f in rows.items() if m == "rows_quarantined" and f"table={table}" in dims]
        if "rows_read" in dirt:
            assert sum(read) == dirt["rows_read"]
        if "rows_quarantined" in dirt:
            assert sum(bad) == dirt["rows_quarantined"]
    total = {m: f["value"] for (m, dims), f in rows.items() if dims == ""}
    parts = ("rows_accepted", "rows_quarantined", "rows_duplicate", "rows_skipped")
    assert total["rows_read"] == sum(total[part] for part in parts)
    assert total["rows_quarantined"] > 0
    assert total["rows_duplicate"] > 0


@pytest.fixture(scope="module")
def alone(salesnb, tmp_path_factory):
    """Run one team in each language by itself."""
    folders = {}
    for lang in ("en", "zh"):
        out = tmp_path_factory.mktemp(lang)
        wish = ["--team", "South", "--stage", "diagnosis", "--stage", "review", "--lang", lang, "--workers", "1"]
        assert salesnb("run", "--data", "sample", "--period", "2025-09", *wish, "--out", out) == 0
        folders[lang] = out / "2025-09" / "South"
    return folders


def test_english_and_chinese_runs_have_the_same_facts(alone, sample):
    en, zh = (read_facts(alone[lang] / "facts.parquet") for lang in ("en", "zh"))
    assert en == zh
    both = [f for f in read_facts(sample / "South" / "facts.parquet") if f["stage"] in {"diagnosis", "review"}]
    assert en == both


def test_the_same_input_gives_the_same_bytes_but_for_the_time(alone, sample):
    for lang, suffix in (("en", ".html"), ("zh", ".zh.html")):
        for stage in ("diagnosis", "review"):
            one, two = (
                re.sub(r"<time.*?</time>", "", (folder / f"{stage}{suffix}").read_text(encoding="utf-8"))
                for folder in (alone[lang], sample / "South")
            )
            one, two = (re.sub(r"lang=\w+ |<a [^>]*hreflang.*?</a>", "", page) for page in (one, two))
            # Figures are led to proofs on other pages, of which the run of two stages has fewer.
            one, two = (re.sub(r'(data-fact="[^"]*") href="[^"]*"', r"\1", page) for page in (one, two))
            one, two = (re.sub(r"<!-- stages -->.*?<!-- /stages -->", "", page, flags=re.S) for page in (one, two))
            assert re.sub(r'href="\.\./index[^"]*"', "", one) == re.sub(r'href="\.\./index[^"]*"', "", two)


def data_words():
    """Return every word that stands in the sample's own texts, and names that are the same in all languages."""
    case = load(data="sample", team="all", period="2025-09")
    frames = [getattr(case, name) for name in ("orders", "targets", "opportunities", "customers", "products", "reps")]
    frames += [case.receipts, case.notes, case.actions, case.plans, case.activities, case.spend, case.whys]
    frames += [case.intake.files, case.intake.quarantine, case.intake.statuses, case.intake.unknown]
    frames += [case.intake.similar_customers]
    known = set()
    for frame in frames:
        for column in frame.select_dtypes(include=["str", "object"]).columns:
            for value in frame[column].dropna().astype("str").unique():
                known |= set(re.findall(r"[A-Za-z]{2,}", value))
    shared = ("CNY", "salesnb", "English", "Kunlan", "Flow", "Control", "OKR", "KPI")
    return known | {*shared, "facts", "parquet", "values"}


METHODS = {"Aalen", "Johansen", "Kaplan", "Meier", "Wilson"}
"""Names of methods in definitions: Chinese statisticians write them like this too."""


def test_chinese_pages_hold_no_english_but_the_data_s(sample):
    known = data_words()
    for page in [p for p in pages(sample) if p.name.endswith(".zh.html")]:
        text = text_of(page)
        text = re.sub(r"(audience|data|lang|period|team)=\S+( accounts)?", "", text)
        said = set(re.findall(r"[A-Za-z]{2,}", text))
        left = {
            w for w in said - METHODS if not any(k.lower().startswith(w.lower()) for k in known)
        }  # labels are cut short
        assert left == set(), (page, left)


def test_english_pages_hold_no_chinese_but_the_data_s(sample):
    case = load(data="sample", team="all", period="2025-09")
    data = "".join(
        str(v)
        for frame in (
            case.customers,
            case.notes,
            case.intake.files,
            case.intake.quarantine,
            case.intake.statuses,
            case.intake.similar_customers,
            case.intake.unknown,
        )
        for column in frame.columns
        for v in frame[column].dropna().unique()
    )
    for page in [p for p in pages(sample) if not p.name.endswith(".zh.html")]:
        text = text_of(page).replace(words.text("report", "other_language", "en"), "")
        left = {run for run in re.findall(r"[\u4e00-\u9fff]+", text) if run not in data}
        assert left == set(), page


def test_executed_notebooks_open_as_notebooks(sample):
    made = nbformat.read(sample / "South" / "review.ipynb", as_version=4)
    nbformat.validate(made)
    assert not any(o.output_type == "error" for c in made.cells for o in c.get("outputs", ()))
