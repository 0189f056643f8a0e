"""Indexes from run records and facts alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from salesnb.report.index import write_indexes
from salesnb.report.run_record import NotebookRecord, RunRecord, write_run
from salesnb.report.standing import figures_of
from salesnb.stores import Store, open_store

EVIL = "<b>East</b> & 华东"
FIGURES = {
    "all": (40.0e6, 42.0e6),
    "South": (8.54e6, 9.6e6),
    EVIL: (12.7e6, 12.4e6),
    "North": (8.02e6, 8.1e6),
}


def facts(team: str, period: str) -> list[dict[str, Any]]:
    sales, target = FIGURES[team]
    values = {"attainment": sales / target, "gap": sales - target, "sales": sales, "target": target}
    common = {
        "period": period,
        "team": team,
        "stage": "diagnosis",
        "finding": "attainment",
        "dims": "",
        "reason": "",
    }
    return [{**common, "metric": m, "value": v, "unit": "money", "definition": 1} for m, v in values.items()]


def record(store: Store, period: str, lang: str = "both") -> RunRecord:
    teams = [
        {
            "team": t,
            "folder": f"t{i}",
            "figures": figures_of(facts(t, period), period) if t in FIGURES else {},
        }
        for i, t in enumerate([*FIGURES, "West"])
    ]
    notebooks: list[NotebookRecord] = []
    for team in teams:
        for stage in ("diagnosis", "review"):
            bad = team["team"] == "West" and stage == "review"
            page = {
                k: f"{team['folder']}/{stage}{x}"
                for k, x in (("en", ".html"), ("zh", ".zh.html"))
                if lang in (k, "both")
            }
            for path in page.values():
                store.write(f"{period}/{path}", b"<p>x</p>")
            reason = {"en": "Table <targets> is empty.", "zh": "目标表为空。"} if bad else {}
            notebooks.append(
                NotebookRecord(
                    team=team["team"],
                    stage=stage,
                    status="failed" if bad else "ok",
                    seconds=1.0,
                    attempts=1,
                    key="k",
                    reason=reason,
                    missing={"en": ["Gap?", "Why <x>?"], "zh": ["差距？", "原因？"]} if bad else {},
                    page={} if bad else page,
                )
            )
    return RunRecord(
        version="0.1.0",
        versions={},
        period=period,
        parameters={"lang": lang},
        inputs={},
        teams=teams,
        notebooks=notebooks,
        started="2025-10-03T08:00:00",
        finished="2025-10-03T08:15:00",
    )


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    store = open_store(tmp_path)
    for period in ("2025-08", "2025-09"):
        write_run(store, record(store, period))
    write_indexes(store)
    return tmp_path


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_failures_come_first_then_teams_by_gap_then_the_company(reports: Path) -> None:
    page = read(reports / "2025-09" / "index.html")
    rows = re.findall(r'<tr id="team-(\w+)"', page)
    assert rows == ["t4", "t1", "t3", "t2", "t0"]
    assert "Table &lt;targets&gt; is empty." in page
    assert "Questions not answered: 2</summary><ul><li>Gap?</li><li>Why &lt;x&gt;?</li></ul>" in page
    assert "未回答的问题：2</summary>" in read(reports / "2025-09" / "index.zh.html")
    assert "1 of 10 pages failed" in page
    assert page.index("is empty") < page.index("<table")


def test_verdict_and_figures_come_from_the_facts(reports: Path) -> None:
    page = read(reports / "2025-09" / "index.html")
    assert "40M sold against a target of 42M: 2M short. South is furthest behind, 1.06M." in page
    south = page[page.index('id="team-t1"') :].split("</tr>")[0]
    assert re.findall(r'class="number[^"]*">([^<]*)', south) == ["8.54M", "9.60M", "−1.06M", "89.0%"]
    assert "Missed" in south
    assert "Met" in page[page.index('id="team-t2"') :].split("</tr>")[0]
    west = page[page.index('id="team-t4"') :].split("</tr>")[0]
    assert re.findall(r'class="number[^"]*">([^<]*)', west) == ["–"] * 4
    assert "Failed" in west


def test_names_are_text_and_links_resolve(reports: Path) -> None:
    for path in [reports / "index.html", reports / "index.zh.html", *reports.glob("2025-*/index*.html")]:
        page = read(path)
        assert "<b>East" not in page
        assert not re.search("<script|https?://(?!www.w3.org)", page)
        assert page.count("<h1") == 1
        assert len(page.encode()) < 200_000
        for href in re.findall(r'href="([^"#]+)"', page):
            assert href == "data:," or (path.parent / href).is_file(), href


def test_both_languages_and_neighbours(reports: Path) -> None:
    chinese = read(reports / "2025-09" / "index.zh.html")
    assert "销售额4,000万，目标4,200万，差200万。" in re.sub("<[^>]*>", "", chinese)
    assert 'href="../2025-08/index.zh.html"' in chinese
    assert 'href="t1/review.zh.html"' in chinese
    assert "全公司" in chinese
    assert "Next: September 2025" in read(reports / "2025-08" / "index.html")


def test_only_a_changed_period_and_those_that_link_to_it_are_written_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for period in ("2025-06", "2025-07", "2025-08", "2025-Q2"):
        write_run(store, record(store, period))
    write_indexes(store)
    for page in tmp_path.rglob("index*.html"):
        page.write_text("old")
    write_indexes(store, [])
    assert read(tmp_path / "index.html") == "old"
    write_indexes(store, ["2025-08"])
    fresh = {p.parent.name for p in tmp_path.glob("*/index.html") if read(p) != "old"}
    assert fresh == {"2025-07", "2025-08"}
    assert "June 2025" in read(tmp_path / "index.html")


def test_what_has_not_had_its_turn_is_said_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    made = record(store, "2025-09")
    for notebook in made["notebooks"][:5]:
        notebook["status"] = "not run"
    write_run(store, made)
    write_indexes(store)
    page = read(tmp_path / "2025-09" / "index.html")
    assert page.count("Not made yet: 5") == 1
    listed = page[page.index('class="failures"') : page.index("<table")]
    assert listed.count('<li><span class="snb-light') == 2  # the one that failed, and all that wait


def test_a_record_of_another_version_is_passed_over(reports: Path) -> None:
    (reports / "2025-07").mkdir()
    (reports / "2025-07" / "run.json").write_text('{"period": "2025-07", "teams": [], "notebooks": [{}]}')
    (reports / "2025-06").mkdir()
    (reports / "2025-06" / "run.json").write_text("{")
    write_indexes(open_store(reports))
    assert "July" not in read(reports / "index.html")
    assert "September 2025" in read(reports / "index.html")


def test_a_run_in_one_language_has_its_index_in_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    write_run(store, record(store, "2025-09", "zh"))
    write_indexes(store)
    assert '<html lang="zh-CN">' in read(tmp_path / "index.html")
    assert not (tmp_path / "2025-09" / "index.zh.html").exists()


def test_indexes_repeat_byte_for_byte(reports: Path) -> None:
    before = {p: p.read_bytes() for p in reports.rglob("*.html")}
    write_indexes(open_store(reports))
    assert {p: p.read_bytes() for p in reports.rglob("*.html")} == before
    assert not list(reports.rglob(".*"))
