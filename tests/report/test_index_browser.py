"""The indexes in a real browser: finding a team, phones, paper, no script, and what an audit says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesnb.places import open_place
from salesnb.report.index import write_indexes
from tests import chromium
from tests.hostile_company import ATTACKS
from tests.report.index_runs import fail, figures, run, tally
from tests.report.test_index import STAGES, WHY, write

pytestmark = chromium.in_chromium

NAMES = ("South", "Key accounts", "华东大区", "<b>West</b>", "W" * 200, "North")
"""South and North are behind, the company's own page has more than its teams, West failed."""
PAGES = ("index.html", "index.zh.html", "2025-09/index.html", "2025-09/index.zh.html")
SHOWN = "[...document.querySelectorAll('#teams tr')].filter(r => r.checkVisibility()).map(r => r.cells[0].innerText)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.running() as running:
        yield running


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    place = open_place(folder)
    for number, period in enumerate(("2025-07", "2025-08", "2025-09")):
        shares = (0.8, 1.1, 1.02, None, 1.0, 0.96)
        own = {"all": figures(80.0e6, 90.0e6, tallies={s: tally(6, 4) for s in STAGES})}
        for i, (name, share) in enumerate(zip(NAMES, shares, strict=True)):
            sales = None if share is None else (share - number / 50) * 1e7
            reps = [{"rep": f"Rep {i} {j}", "attainment": 1.3 - j / 9, "gap": 3e5 - j * 1e5} for j in range(5)]
            own[name] = figures(
                sales, None if sales is None else 1e7, reps=reps if sales else [],
                tallies={s: tally(6, (i + k) % 7) for k, s in enumerate(STAGES) if sales and k % 4},
            )  # fmt: skip
        record = run(period, own, STAGES)
        record = fail(record, "<b>West</b>", "outlook", reason=WHY, missing={"en": ["Why?"], "zh": ["为什么？"]})
        write(place, fail(record, "<b>West</b>", "strategy", status="not run"))
    write_indexes(place)
    return folder


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
def test_nothing_scrolls_sideways_nothing_overlaps(browser: Any, reports: Path, name: str, width: int) -> None:
    with chromium.reading(browser, width) as reader:
        page = reader.open(reports / name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert chromium.overlaps(page) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_an_audit_finds_nothing(browser: Any, reports: Path, name: str, scheme: str, width: int) -> None:
    with chromium.reading(browser, width, color_scheme=scheme) as reader:
        page = reader.open(reports / name)
        assert chromium.violations(page) == []
        assert chromium.faint(page) == []
        assert chromium.broken_references(page) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_keyboard_reaches_everything(browser: Any, reports: Path, width: int) -> None:
    with chromium.reading(browser, width) as reader:
        assert chromium.tabbed(reader.open(reports / "2025-09" / "index.html")) == ([], [])


def test_a_team_is_found_by_a_part_of_its_name(browser: Any, reports: Path) -> None:
    with chromium.reading(browser) as reader:
        page = reader.open(reports / "2025-09" / "index.html")
        assert len(page.evaluate(SHOWN)) == 6
        field = page.get_by_label("Find a team")
        for asked, found in (
            ("OUTH", ["South"]),
            ("ｋｅｙ acc", ["Key accounts"]),
            ("东大", ["华东大区"]),
            ("<b>", ["<b>West</b>"]),
        ):
            field.fill(asked)
            assert page.evaluate(SHOWN) == found
            assert page.locator("output").inner_text() == "1 of 6 teams shown"
        field.fill("nobody")
        assert page.evaluate(SHOWN) == []
        assert page.locator("text=The whole company").first.is_visible()
        field.fill("")
        assert len(page.evaluate(SHOWN)) == 6
        assert page.locator("output").inner_text() == ""


def test_another_language_keeps_the_place(browser: Any, reports: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto((reports / "2025-09" / "index.html").as_uri() + "#team-t3")
    page.get_by_text("中文").click()
    page.wait_for_url("**/2025-09/index.zh.html#team-t3")
    assert page.evaluate("document.querySelector('tr:target').cells[0].innerText") == "华东大区"
    context.close()


def test_teams_are_shown_by_how_they_stand(browser: Any, reports: Path) -> None:
    with chromium.reading(browser) as reader:
        page = reader.open(reports / "2025-09" / "index.html")
        kinds = page.get_by_label("Show")
        found = {}
        for kind in ("behind target", "target met", "with failures", "all teams"):
            kinds.select_option(label=kind)
            found[kind] = page.evaluate(SHOWN)
        assert found["behind target"] == ["South", "North", "W" * 200, "华东大区"]
        assert found["target met"] == ["Key accounts"]
        assert found["with failures"] == ["<b>West</b>"]
        assert len(found["all teams"]) == 6


def test_a_failure_leads_to_its_team_even_where_that_was_filtered_out(browser: Any, reports: Path) -> None:
    with chromium.reading(browser) as reader:
        page = reader.open(reports / "2025-09" / "index.html")
        page.get_by_label("Find a team").fill("South")
        page.locator(".failures a").first.click()
        page.wait_for_function(f"{SHOWN}.length === 6")
        assert page.evaluate("document.querySelector('tr:target').cells[0].innerText") == "<b>West</b>"


@pytest.mark.parametrize("width", [390, 1280])
def test_without_javascript_everything_is_there_but_the_search(browser: Any, reports: Path, width: int) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto((reports / "2025-09" / "index.html").as_uri())
    assert page.locator("#teams tr").count() == 6
    assert all(page.locator("#teams tr").nth(i).is_visible() for i in range(6))
    assert not page.get_by_label("Find a team").is_visible()
    context.close()


def test_on_a_phone_each_light_stands_beside_the_name_of_its_stage(browser: Any, reports: Path) -> None:
    with chromium.reading(browser, 390) as reader:
        page = reader.open(reports / "2025-09" / "index.zh.html")
        labels = page.evaluate(
            "[...document.querySelectorAll('#team-t1 td')].map(c => getComputedStyle(c, '::before').content)"
        )
        heads = page.evaluate("[...document.querySelectorAll('.teams thead th')].map(h => h.textContent)")
        assert [text.strip('"') for text in labels[:-1]] == heads[1:-1]
        assert page.evaluate("document.querySelector('.teams').scrollWidth") <= 390 - 32
        notes = page.evaluate(
            "[...document.querySelectorAll('td.note')].map(c => getComputedStyle(c, '::before').content)"
        )
        assert set(notes) == {"none"}


def test_lights_differ_in_colour_word_and_shape(browser: Any, reports: Path) -> None:
    with chromium.reading(browser) as reader:
        page = reader.open(reports / "2025-09" / "index.html")
        looks = page.evaluate(
            """Object.fromEntries([...document.querySelectorAll('.lights span')].map(e => {
              const own = getComputedStyle(e), mark = getComputedStyle(e, '::before');
              return [e.className, [e.textContent, own.color, mark.clipPath + mark.borderRadius + mark.height]]}))"""
        )
        bright = [looks[f"l-{code}"] for code in ("met", "some", "missed", "failed")]
        assert [len({look[k] for look in bright}) for k in range(3)] == [4, 4, 4]
        assert len({look[0] for look in looks.values()}) == len(looks)


def test_on_paper_no_column_is_cut(browser: Any, reports: Path) -> None:
    across = 1016  # A4 on its side, less the margins
    with chromium.reading(browser, across) as reader:
        page = reader.open(reports / "2025-09" / "index.html")
        page.emulate_media(media="print")
        wide = page.evaluate("[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().right)")
        assert max(wide) <= across
        inks = page.evaluate(
            "[...document.querySelectorAll('#team-t1 [class^=l-]')].map(e => [e.className, getComputedStyle(e).color])"
        )
        assert {ink for name, ink in inks if name == "l-missed"} == {"rgb(179, 38, 30)"}


def test_names_that_are_attacks_are_shown_as_text(browser: Any, tmp_path: Path) -> None:
    own = {"all": figures(9e6, 8e6)}
    for number, name in enumerate(ATTACKS):
        reps = [{"rep": attack, "attainment": 1.0 + number, "gap": 1e4} for attack in ATTACKS[:3]]
        own[name] = figures(1e6 + number, 1.2e6, reps=reps, tallies={"review": tally(1, 1)})
    why = {"en": ATTACKS[0] * 5, "zh": ATTACKS[0]}
    record = run("2025-09", own, company=ATTACKS[1], currency=ATTACKS[0])
    place = open_place(tmp_path)
    for name in ATTACKS[:9]:
        record = fail(record, name, "review", reason=why, missing={"en": list(ATTACKS), "zh": list(ATTACKS)})
    write(place, record)
    write_indexes(place)
    for file in (tmp_path / name for name in PAGES):
        for width in (390, 1280):
            with chromium.reading(browser, width) as reader:
                page = reader.open(file)
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert chromium.overlaps(page) == []
                odd = "document.querySelectorAll('img, iframe, h1 script, table script, [onerror], [onload]').length"
                assert page.evaluate(odd) == 0
                said = page.evaluate("document.body.innerText")
                if file.parent.name == "2025-09":
                    assert [a for a in ATTACKS if " ".join(a.split()) not in said and "\u202e" not in a] == []
