"""A manager's folder holds what is his by the roster of the day, and no name of anybody else's people or customers."""

import html
import io
import json
import re
from functools import cache
from types import SimpleNamespace
from urllib.parse import unquote

import openpyxl
import pyarrow.parquet as pq
import pytest

from salesnb import words
from salesnb.errors import InputError, ScopeError
from salesnb.formats.bundle import Share, bundle, shares, unlinked
from salesnb.formats.bundle_page import Part, front_page
from salesnb.formats.export import Request, export
from salesnb.places import open_place
from salesnb.show.numbers import figure
from tests.formats import bundle_company
from tests.formats.bundle_company import HOSTILE, ROSTER, SHARED, customers
from tests.formats.push_reports import make, reports

REPS = sorted({rep for rep, *_ in ROSTER})
MANAGERS = sorted({manager for _, _, manager, *_ in ROSTER} - {""})
TEAMS = ("North", "South", "bundles")
"""Those of whom there are more pages than the memo."""
MAY_SEE = {
    "Mia Voss": {"Ann Alder", "Ben Birch", "Fay Fern", "Kim Karst", "Lea Larch"},
    "Max Stone": {"Cid Cole", "Dee Dorn"},
    "Liv Lake": {"Eve Ember"},
    HOSTILE: {"Ida Iris"},
}
"""Whose names and customers stand in whose folder; Fay Fern has gone from South to North."""


@pytest.fixture(scope="module")
def made(tmp_path_factory, quick_batches):
    """Return the place of the reports of September, and of May as of its last day, with the bundles of both."""
    folder = tmp_path_factory.mktemp("company") / "data"
    bundle_company.write(folder)
    out = folder.parent / "reports"
    with quick_batches():
        make(out, "2025-09", TEAMS, data=str(folder), stages=("diagnosis", "strategy", "review"))
        make(out, "2025-09", ("Coast", "West", "all"), data=str(folder), stages=("review",))
        make(out, "2025-05", ("North", "Coast"), data=str(folder), as_of="2025-05-31", stages=("review",))
    for period in ("2025-09", "2025-05"):
        (exported,) = export(Request(("bundle",), out, period))
        assert not exported.reason, exported.reason
    return out


@pytest.fixture(scope="module")
def folders(made):
    """Return the folder of each manager."""
    return {m["manager"]: made / "2025-09" / "bundles" / m["folder"] for m in listed(made, "2025-09")["managers"]}


def listed(made, period):
    return json.loads((made / period / "bundles" / "bundles.json").read_text(encoding="utf-8"))


@cache
def text_of(path):
    """Return all text of a file, whatever its form."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        return pq.read_table(io.BytesIO(content)).to_pandas().to_csv()
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row]
        return "\n".join([*book.sheetnames, *cells, str(vars(book.properties))])
    text = content.decode()
    if path.suffix == ".ics":
        return re.sub(r"\\(.)", r"\1", text.replace("\r\n ", ""))
    return html.unescape(text)


def strangers(manager):
    """Return the names that must not stand in a manager's folder."""
    others = set(REPS) - MAY_SEE[manager]
    bosses = set(MANAGERS) - {manager} - ({"Olaf Old"} if manager == "Mia Voss" else set())
    return others | bosses | {customer for rep in others for customer in customers(rep)}


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_everybody_who_leads_anybody_has_a_folder(made):
    found = listed(made, "2025-09")
    assert {m["manager"]: m["teams"] for m in found["managers"]} == {
        "Mia Voss": {"North": "whole", "Coast": "whole"}, "Max Stone": {"South": "part"},
        "Liv Lake": {"South": "part"}, HOSTILE: {"bundles": "whole"},
    }  # fmt: skip
    assert found["nobody"] == ["West"]
    inside = {path.name for path in (made / "2025-09" / "bundles").iterdir()}
    assert inside == {"bundles.json", *(m["folder"] for m in found["managers"])}


def test_the_roster_of_the_as_of_day_decides(made):
    found = listed(made, "2025-05")
    assert {m["manager"]: m["teams"] for m in found["managers"]} == {
        "Olaf Old": {"North": "whole"},
        "Mia Voss": {"Coast": "whole"},
    }


@pytest.mark.parametrize("manager", MAY_SEE)
def test_no_name_of_another_team_stands_in_a_bundle(folders, manager):
    wrong = [
        f"{path.name}: {name}"
        for path in files(folders[manager])
        for name in strangers(manager)
        if name in text_of(path) or name in str(path.relative_to(folders[manager]))
    ]
    assert wrong == []


def test_the_scan_sees_names_in_every_form_of_file(made, folders):
    """Else it would find none because it cannot read them."""
    page = text_of(made / "2025-09" / "South" / "diagnosis.html")
    assert all(rep in page for rep in ("Cid Cole", "Dee Dorn", "Eve Ember"))
    own = files(folders["Mia Voss"])
    named = {path.suffix for path in own if "Ann Alder" in text_of(path)}
    assert {".html", ".parquet", ".xlsx", ".ics"} <= named
    texts = [text_of(path) for path in own if path.suffix == ".txt"]
    assert texts
    assert all("North" in text or "Coast" in text for text in texts)
    assert any(SHARED in text_of(path) for path in own)
    assert any(customer in text_of(path) for path in own for customer in customers("Ann Alder"))


def test_no_notebook_and_nothing_of_the_whole_company_is_given_away(folders):
    for folder in folders.values():
        names = [path.name for path in files(folder)]
        assert not [n for n in names if n.endswith((".ipynb", ".json", ".pdf"))]
        assert not (folder / "all").exists()


@pytest.mark.parametrize("manager", MAY_SEE)
def test_every_link_stays_within_the_folder(folders, manager):
    followed = 0
    for page in files(folders[manager]):
        if page.suffix != ".html":
            continue
        for href in re.findall(r'<a\b[^>]*\shref="([^"]*)"', page.read_text(encoding="utf-8")):
            path = unquote(html.unescape(href)).partition("#")[0]
            target = (page.parent / path).resolve() if path else page
            assert target.is_relative_to(folders[manager].resolve()), (page, href)
            assert target.is_file(), (page, href)
            followed += bool(path)
    assert followed >= 2


def test_a_whole_team_is_given_with_all_its_pages_and_forms(folders):
    names = {path.name for path in files(folders["Mia Voss"] / "North")}
    stages = ("diagnosis", "strategy", "review")
    assert {f"{s}{end}" for s in stages for end in (".html", ".zh.html", ".xlsx", ".zh.xlsx")} <= names
    assert {
        "index.html",
        "index.zh.html",
        "facts.parquet",
        "email.html",
        "email.zh.txt",
        "message.txt",
        "actions.zh.ics",
    } <= names
    front = text_of(folders["Mia Voss"] / "index.zh.html")
    assert "North/review.zh.html" in front
    assert "Coast/review.zh.html" in front
    assert '<html lang="zh-CN">' in front


def test_a_part_of_a_team_is_given_as_the_figures_and_actions_of_its_people(folders):
    assert {path.name for path in files(folders["Max Stone"] / "South")} == {
        "facts.parquet", "actions.ics", "actions.zh.ics"
    }  # fmt: skip
    facts = pq.read_table(folders["Max Stone"] / "South" / "facts.parquet").to_pylist()
    assert {d for f in facts for d in f["dims"].split("|") if d.startswith("rep=")} == {"rep=Cid Cole", "rep=Dee Dorn"}
    assert all("rep=" in fact["dims"] for fact in facts)
    assert "Call Cole Foundry" in text_of(folders["Max Stone"] / "South" / "actions.ics")
    front = text_of(folders["Max Stone"] / "index.html")
    own = {(f["metric"], f["dims"]): f["value"] for f in facts if f["finding"] == "tracking"}
    assert f"<td>{figure(own['sales', 'rep=Cid Cole'], 'money', 'en')}</td>" in front
    assert "Eve Ember" not in front


def test_a_name_that_would_break_out_stays_a_folder_and_text(made, folders):
    folder = folders[HOSTILE]
    assert folder.parent == made / "2025-09" / "bundles"
    assert not re.search(r"[/\\<>\u202e]", folder.name)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "<b>CON" not in page
    assert "\u202e" not in page
    assert "&lt;b&gt;CON" in page


def test_a_team_called_bundles_has_another_folder(made):
    assert reports(made, "2025-09")["bundles"].folder != "bundles"


def test_made_again_it_has_the_same_bytes_and_nothing_of_before(made):
    place = open_place(made)
    before = {path: place.read(path) for path in place.find("2025-09/bundles")}
    list(export(Request(("bundle",), made, "2025-09", teams=("North",))))
    left = {path for path in place.find("2025-09/bundles") if "/Max Stone/" in path or "/Coast/" in path}
    assert left == set()
    list(export(Request(("bundle",), made, "2025-09")))
    assert {path: place.read(path) for path in place.find("2025-09/bundles")} == before


def test_an_object_store_takes_bundles_too(made, bucket_url):
    here, there = open_place(made), open_place(bucket_url)
    for path in here.find("2025-05"):
        if "/bundles/" not in path:
            there.write(path, here.read(path))
    (exported,) = export(Request(("bundle",), bucket_url, "2025-05"))
    assert not exported.reason
    assert there.find("2025-05/bundles") == here.find("2025-05/bundles")
    assert all(there.read(p) == here.read(p) for p in there.find("2025-05/bundles"))


@pytest.fixture
def bucket_url():
    import fsspec

    files = fsspec.filesystem("memory")
    yield "memory://bundles"
    files.rm("/bundles", recursive=True)


def report(team="North", managed=(), kept=()):
    scope = {"managed": managed, "audience": "outside" if kept else "leadership", "kept": kept}
    return SimpleNamespace(team=team, stages=["review"], scope=scope)


def test_links_out_of_the_folder_are_text():
    page = (
        '<a href="#gap">1</a><a class="x" href="../index.html?a#b">2</a><a lang="zh" href="review.zh.html">3</a>'
        '<a href="../../../all/review.html">4</a><a href="../South%20Sea/review.html" id="y">5</a>'
        '<a href="../../index.html">6</a>'
    )
    assert unlinked(page, "North/review.html", {"North/review.html", "index.html", "South Sea/review.html"}) == (
        '<a href="#gap">1</a><a class="x" href="../index.html?a#b">2</a><a lang="zh">3</a>'
        '<a>4</a><a href="../South%20Sea/review.html" id="y">5</a><a>6</a>'
    )


def test_a_team_without_a_memo_in_a_language_is_said_to_have_none():
    scope = {"as_of": "2025-09-30", "period": "2025-09", "company": "", "currency": "CNY"}
    own = SimpleNamespace(team="North", folder="North", stages=["review"], langs=["en"], scope=scope)
    page = front_page("Mia", [Part(own, ("Ann",), True, frozenset())], "zh", ["en", "zh"])
    assert words.text("push", "bundle.no_memo", "zh") in html.unescape(re.sub(r"</?span[^>]*>", "", page))


def test_who_leads_what():
    north = report("North", [["", "Cy"], ["Mia", "Ann"], ["Mia", "Bob"]])
    south = report("South", [["Max", "Eve"], ["Mia", "Dan"], ["", "Fay"]])
    assert shares([north, south, report("West", [["", "Gus"]])]) == {
        "Max": [Share(south, ("Eve",), False)],
        "Mia": [Share(north, ("Ann", "Bob"), True), Share(south, ("Dan",), False)],
    }


def test_who_leads_those_who_lead_has_their_teams_too():
    south = report("South", [["", "Lone"], ["Dir", "Huang"], ["Huang", "Ann"]])
    east = report("East", [["Dir", "Shen"], ["Lu", "Eve"], ["Shen", "Cy"], ["Shen", "Lu"]])
    assert shares([south, east]) == {
        "Dir": [Share(south, ("Huang", "Ann"), True), Share(east, ("Shen", "Eve", "Cy", "Lu"), True)],
        "Huang": [Share(south, ("Huang", "Ann"), True)],
        "Lu": [Share(east, ("Eve", "Lu"), False)],
        "Shen": [Share(east, ("Shen", "Eve", "Cy", "Lu"), True)],
    }


def test_nobody_gets_the_pages_that_tell_of_his_own_manager():
    team = report("South", [["", "Boss"], ["Boss", "Huang"], ["Huang", "Ann"]])
    assert shares([team]) == {
        "Boss": [Share(team, ("Boss", "Huang", "Ann"), True)],
        "Huang": [Share(team, ("Huang", "Ann"), False)],
    }


def test_a_circle_in_the_roster_ends():
    team = report("South", [["Ann", "Bob"], ["Bob", "Ann"]])
    assert shares([team]) == {"Ann": [Share(team, ("Bob", "Ann"), True)], "Bob": [Share(team, ("Bob", "Ann"), True)]}


def test_masked_reports_and_reports_without_managers_are_refused():
    for kept in ("persons_masked", "persons_removed"):
        with pytest.raises(ScopeError, match="outside"):
            bundle([report(managed=[["M*", "A*"]], kept=[kept])], ["en"])
    with pytest.raises(InputError, match="manager"):
        bundle([report(managed=[["", "Ann"]], kept=["pay_removed", "customers_masked"])], ["en"])
