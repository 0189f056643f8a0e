"""A whole run of a company whose names are attacks: text everywhere, in safe folders, and twice the same bytes."""

import io
import json
import re
import unicodedata
from pathlib import PurePosixPath

import nbformat
import openpyxl
import pytest

from tests import chromium
from tests.chromium import overlaps, reading
from tests.hostile_company import ATTACKS, COMPANY, TEAMS, make_company, team_name

FORMATS = ("xlsx", "email", "message", "calendar", "bundle")
MARKS = "\u202e\u202c\u200f"


@pytest.fixture(scope="module")
def runs(salesnb, tmp_path_factory):
    """Run one of its teams beside the company, and again by itself; put both into other forms."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    make_company(data)
    made = []
    for teams in (("--team", team_name(TEAMS[0]), "--team", "all"), ("--team", team_name(TEAMS[0]))):
        out = tmp_path_factory.mktemp("out") / "reports"
        wish = ("--period", "2025-09", "--lang", "both", "--workers", 1)
        assert salesnb("run", "--data", data, *wish, *teams, "--out", out) == 0
        assert salesnb("export", "--out", out, "--lang", "both", *FORMATS) == 0
        made.append(out)
    return made


def files(out):
    """Every file that was made, but for the log of how it went."""
    found = {p.relative_to(out).as_posix(): p for p in sorted(out.rglob("*")) if p.is_file()}
    return {name: path for name, path in found.items() if not name.startswith("logs/")}


def shown(name):
    """A name as a page shows it: without marks that turn the text around it."""
    return " ".join(name.translate(dict.fromkeys(map(ord, MARKS))).split())


def test_every_name_is_shown_as_it_is_written_and_does_nothing(runs, browser):
    said = ""
    with reading(browser) as reader:
        for file in runs[0].rglob("*.html"):
            page = reader.open(file)
            assert page.evaluate(INJECTED) == [], file
            said += page.evaluate("document.body.textContent")
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 844})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (file, width)
                assert overlaps(page) == [], (file, width)
    assert [attack for attack in (*ATTACKS, COMPANY) if shown(attack) not in shown(said)] == []


INJECTED = """() => [...document.querySelectorAll('*')].filter(e =>
    e.matches('img, iframe, object, embed, base, link:not([rel=icon]), #injected, [href^="javascript"]')
    || [...e.attributes].some(a => a.name.startsWith('on')) || e.matches('script') && e.textContent.includes('alert')
  ).map(e => e.outerHTML.slice(0, 200))"""
"""Whatever a name could have put into a page that does something."""


def test_what_jupyterlab_shows_of_a_notebook_does_nothing(runs, browser, tmp_path):
    with reading(browser) as reader:
        for path in runs[0].rglob("*.ipynb"):
            outputs = [o for c in nbformat.read(path, as_version=4).cells for o in c.get("outputs", ())]
            rich = [o.data["text/html"] for o in outputs if "text/html" in o.get("data", {})]
            assert rich
            file = tmp_path / f"{path.parent.name[-8:]} {path.stem}.html"
            start = '<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><meta charset="utf-8">'
            file.write_text(start + "".join(rich), encoding="utf-8")
            assert reader.open(file).evaluate(INJECTED) == [], path


def test_folders_and_files_have_plain_names_and_lie_where_they_belong(runs):
    for name in files(runs[0]):
        for part in PurePosixPath(name).parts:
            assert part not in {".", ".."}
            assert not re.search(r'[<>:"/\\|?*&;$`\']', part)
            assert not {unicodedata.category(c)[0] for c in part} & {"C", "S"} - {"S"}
            assert len(part.encode()) < 200
    assert not list(runs[0].parent.glob("x*"))
    assert sorted(p.name for p in runs[0].parent.iterdir()) == ["reports"]


def test_cells_of_a_workbook_hold_text_and_no_formula(runs):
    texts = set()
    books = sorted(runs[0].rglob("*.xlsx"))
    assert books
    for path in books:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
        for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row):
            assert cell.data_type != "f", (path, cell)
            assert cell.hyperlink is None or (cell.hyperlink.target or "#").startswith("#"), (path, cell)
            texts |= {str(cell.value)}
    begin = {attack: [t for t in texts if t.startswith(attack)] for attack in ATTACKS if attack[0] in "=@"}
    assert all(begin.values()), begin


def test_the_same_input_gives_the_same_bytes_but_for_the_stated_time(runs):
    (entry,) = json.loads((runs[1] / "2025-09" / "run.json").read_text(encoding="utf-8"))["teams"]
    one, two = ({n: p for n, p in files(out).items() if entry["folder"] in PurePosixPath(n).parts} for out in runs)
    assert set(one) == set(two)
    assert len(one) > 20
    assert {PurePosixPath(name).suffix for name in one} >= {".html", ".ipynb", ".parquet", ".json", ".xlsx", ".ics"}
    differ = [name for name in one if steady(name, one[name]) != steady(name, two[name])]
    assert differ == []


def steady(name, path):
    """A file's bytes without the time of the run: what pages state of it, and what records keep of it."""
    content = path.read_bytes()
    if name.endswith(".html"):
        return re.sub(rb"<time[^>]*>.*?</time>", b"", content)
    if name.endswith(".json"):
        return json.dumps(untimed(json.loads(content)), sort_keys=True).encode()
    return content


TIMED = {"seconds", "started", "finished", "workers", "out"}


def untimed(record):
    if isinstance(record, dict):
        return {key: untimed(value) for key, value in record.items() if key not in TIMED}
    return [untimed(value) for value in record] if isinstance(record, list) else record


@pytest.fixture(scope="module")
def browser():
    with chromium.running() as running:
        yield running


pytestmark = chromium.in_chromium
