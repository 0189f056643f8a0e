"""Every number of every title of every stage is recomputed from the rows that the output carries, in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

import salesnb
from salesnb import words
from salesnb.findings.finding import Finding, Say, number_of
from salesnb.metrics import metrics
from salesnb.show.charts import DRAWN
from salesnb.show.mime import PAGE, ROWS, page_html
from salesnb.show.numbers import figure
from salesnb.show.outputs import evidence_output, sentence_output
from salesnb.show.sentence import sentence_text
from salesnb.stages import STAGES
from tests.cells import shown
from tests.titles import SLOT, check, plain, read

RUNS = [
    {"data": "sample", "team": "South", "period": "2025-09"},
    {"data": "sample", "team": "East", "period": "2025-09"},
    {"data": "sample", "team": "North", "period": "2025-Q3"},
    {"data": "sample", "team": "Key accounts", "period": "2025-09", "as_of": "2025-09-12"},
    {"data": "sample", "team": "all", "period": "2025-09"},
    {"data": "sample", "team": "Central", "period": "2023-08"},
    {"data": "foreign", "team": "all", "period": "2025-09"},
]
ORDERS = """\
订单号,下单日期,金额,客户,业务员,产品线,渠道
A1,2025-08-04,¥3.2万,Böhm & Söhne,王芳,水泵,直销
A2,2025-08-11,18500.50,海通电气,李强,阀门,经销
A3,2025-08-20,9200,Lim Ltd.,李强,水泵,经销
A4,2025-09-03,41000,Böhm & Söhne,王芳,水泵,直销
A5,2025-09-09,-1500,海通电气,李强,阀门,经销
A6,2025-09-17,6400,Lim Ltd.,O'Neil,水泵,经销
"""
TARGETS = "月份,业务员,目标值\n2025-09,王芳,38000\n2025-09,李强,20000\n2025-09,O'Neil,6000\n"


@dataclass(frozen=True)
class Shown:
    """A finding and what is displayed of it: what stands above its chart, and the evidence, by language."""

    finding: Finding
    rows: dict[str, Any]
    titles: dict[str, list[str]]
    pages: dict[str, str]


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """Every finding that any stage of any run shows."""
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "订单.csv").write_bytes(ORDERS.encode("gb18030"))
    (folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
    (folder / "salesnb.toml").write_text('[company]\nname = "Böhm"\ncurrency = "EUR"\n', encoding="utf-8")
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(salesnb, "load", cache(salesnb.load))  # the stages of a run read the same tables
        for run in RUNS:
            data = str(folder) if run["data"] == "foreign" else run["data"]
            for stage in STAGES:
                found += shown(stage, patch, **{**run, "data": data})
    return [displayed(finding) for finding in found]


def displayed(finding: Finding) -> Shown:
    said, drawn = sentence_output(finding)[PAGE]["said"], evidence_output(finding)
    pages = {lang: page_html(drawn, lang) for lang in ("en", "zh")}
    titles = {}
    for lang, page in pages.items():
        captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", page)
        titles[lang] = [said[lang][0], *(plain(text) for text in captions)]
    return Shown(finding, drawn[ROWS], titles, pages)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_of_every_title_is_that_of_its_row(every: list[Shown], lang: str) -> None:
    checked: dict[str, int] = {}
    for one in every:
        for title in one.titles[lang]:
            checked[one.finding.id] = checked.get(one.finding.id, 0) + check(title, one.rows, lang)
    assert sum(checked.values()) > 500
    told = {name for name, count in checked.items() if count}
    assert {f"diagnosis.{w}" for w in ("attainment", "deals", "drivers", "trend", "problems")} <= told
    assert {name.split(".")[0] for name in told} == set(STAGES)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_title_that_took_a_number_from_another_row_is_found_out(every: list[Shown], lang: str) -> None:
    """Each name of each title is moved to every other row; where that changes a number the check must fail."""
    moved, missed = 0, []
    for one in every:
        say = one.finding.headline
        for name, right in say.picks.items():
            if not isinstance(right, int):
                continue
            figures = figures_of(one.finding, name)
            for wrong, told in enumerate(figures):
                if told == figures[right]:
                    continue
                moved += 1
                lie = sentence_text(one.finding, Say(say.key, {**say.picks, name: wrong}), lang)
                try:
                    check(lie, one.rows, lang)
                except AssertionError:
                    continue
                missed.append((one.titles[lang][0], lie))
    assert moved > 1000
    assert missed == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_of_a_title_stands_in_the_table_beneath(every: list[Shown], lang: str) -> None:
    for one in every:
        chart = one.finding.chart
        if not one.rows["rows"] or chart is None or chart.form not in DRAWN | {"heat"}:
            continue
        _, slots = read(one.titles[lang][0], one.finding.id, lang)
        told = {s.column for s in slots if s.column in metrics()}
        assert told <= set(one.rows["shown"]), (one.finding.id, one.titles[lang][0])


def figures_of(finding: Finding, name: str) -> list[list[str]]:
    """Return what a name's numbers would read like, taken from each row."""
    keys = finding.headline.key.split("+")
    template = " ".join(words.entry(finding.stage, f"{finding.word}.{key}")["en"] for key in keys)
    columns = {slot[2] for slot in SLOT.finditer(template) if slot[1] == name and slot[2] in metrics()}
    values = {c: [number_of(v) for v in finding.rows[c]] for c in sorted(columns)}
    return [[figure(v[i], finding.unit(c, i), "en") for c, v in values.items()] for i in range(len(finding.rows))]


def test_a_number_that_is_off_by_its_last_digit_is_found_out(every: list[Shown]) -> None:
    of_reps = (s for s in every if s.finding.id == "diagnosis.attainment")
    one = next(s for s in of_reps if s.finding.headline.key.startswith("behind_worst"))
    title, rows = one.titles["en"][0], one.rows
    assert check(title, rows, "en") >= 4
    for number in re.findall(r"\d[\d.]*", title):
        last = str((int(number[-1]) + 1) % 10)
        with pytest.raises(AssertionError):
            check(title.replace(number, number[:-1] + last, 1), rows, "en")
    with pytest.raises(AssertionError):
        check(title.replace("M", "K", 1), rows, "en")


def test_every_chart_says_its_title_to_those_who_cannot_see_it_and_has_its_data_beneath(every: list[Shown]) -> None:
    drawn = 0
    for one in every:
        for lang in ("en", "zh"):
            captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", one.pages[lang])
            for label in re.findall(
                r'<svg class="snb-(?:wide|narrow)" role="img" aria-label="([^"]*)"', one.pages[lang]
            ):
                assert plain(label) in [plain(caption) for caption in captions]
                drawn += 1
            if captions:
                assert re.search(r"<details|<table class=\"snb-table\"", one.pages[lang]), one.finding.id
    assert drawn > 200


def test_what_is_accented_is_what_the_title_names(every: list[Shown]) -> None:
    for one in every:
        chart = one.finding.chart
        if not chart or chart.form in {"table", "heat"}:
            continue
        say = chart.title or one.finding.headline
        named = {p for pick in say.picks.values() for p in (pick if isinstance(pick, tuple) else (pick,))}
        assert set(chart.accent) <= named, (one.finding.id, say.key)
