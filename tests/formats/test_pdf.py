"""Pages on paper: whole or single, with Chinese letters wherever they are printed, and the same bytes every time."""

import io
import shutil
import subprocess
from dataclasses import replace

import pypdf
import pytest

from salesnb.formats.browser import BrowserError
from salesnb.formats.pdf import check_printing, index, pdf
from tests import chromium, show_frames
from tests.formats import literal_report
from tests.paper import Paper

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not chromium.CHROMIUM, reason="no Chromium found")]

NO_CHINESE = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<selectfont><rejectfont>{globs}</rejectfont></selectfont>
</fontconfig>"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        show_frames.install(patch)
        yield literal_report.write(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def whole(report):
    """Return the whole report by language."""
    return {lang: opened(content) for lang in ("en", "zh") for content in pdf(report, lang).values()}


def opened(content):
    return pypdf.PdfReader(io.BytesIO(content))


def text(pages):
    return " ".join(" ".join(page.extract_text().split()) for page in pages.pages)


def squeezed(written):
    """Return text without the blanks that stand between scripts on paper."""
    return "".join(written.split())


def outline(entries):
    return [[outline(e) if isinstance(e, list) else e.title for e in entries]][0]


def test_the_whole_report_is_one_file_that_begins_with_the_memo(report, whole):
    assert list(pdf(report, "zh")) == ["report.zh.pdf"]
    titles = outline(whole["en"].outline)
    assert titles[0::2] == ["South September 2025 Review", "South September 2025 Diagnosis"]
    assert "Who carries the gap?" in titles[1]
    assert outline(whole["zh"].outline)[0] == "South 2025年9月 复盘"


def test_each_sheet_is_a4_and_says_whose_it_is(whole):
    for pages in whole.values():
        for page in pages.pages:
            assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)
    count = len(whole["en"].pages)
    for number, page in enumerate(whole["en"].pages, start=1):
        said = " ".join(page.extract_text().split())
        assert "South · September 2025 · as of 22 Sep 2025 · Provisional" in said
        assert f"{number} / {count}" in said
    assert "South·2025年9月·截至2025年9月22日·暂定" in squeezed(whole["zh"].pages[0].extract_text())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_is_cut_and_no_heading_stands_alone(report, lang):
    (content,) = pdf(report, lang).values()
    paper = Paper.read(content)
    assert paper.cut() == paper.headless() == paper.alone() == paper.overlaps() == []


def test_links_lead_to_the_other_stages_and_to_no_file(whole):
    pages = whole["en"]
    named = set(pages.named_destinations)
    links = [a.get_object() for page in pages.pages for a in page.get("/Annots", ())]
    inside = {str(link.get("/Dest") or link["/A"].get("/D")) for link in links if "/URI" not in link.get("/A", {})}
    assert {"/diagnosis", "/review"} <= {name if name.startswith("/") else f"/{name}" for name in named}
    assert {name.lstrip("/") for name in inside} <= {name.lstrip("/") for name in named}
    assert [link for link in links if "/URI" in link.get("/A", {})] == []


def test_single_pages_where_stages_are_asked_for(report):
    files = pdf(replace(report, wanted=("diagnosis",)), "en")
    assert list(files) == ["diagnosis.pdf"]
    assert outline(opened(files["diagnosis.pdf"]).outline)[0] == "South September 2025"


def test_the_first_page_of_a_team_and_the_index_of_all_can_be_printed_too(report):
    report.place.write(
        "2025-09/South/index.html", b"<html lang='en'><title>S</title><body><h1>First</h1></body></html>"
    )
    report.place.write("2025-09/index.zh.html", "<html lang='zh-CN'><body><h1>目录</h1></body></html>".encode())
    started = pdf(replace(report, wanted=("start",)), "en")
    assert {name: text(opened(content)) for name, content in started.items()} == {"start.pdf": "First"}
    printed = index([report], ["en", "zh"])
    assert {name: text(opened(content)) for name, content in printed.items()} == {"index.zh.pdf": "目录"}


def test_the_same_pages_give_the_same_bytes_dated_as_of(report):
    first, second = pdf(report, "zh"), pdf(report, "zh")
    assert first == second
    assert opened(first["report.zh.pdf"]).metadata.creation_date.isoformat().startswith("2025-09-22T00:00:00")


@pytest.fixture
def machine_without_chinese(tmp_path, monkeypatch):
    """A machine none of whose own fonts knows Chinese, for the browser and for everyone else who asks fontconfig."""
    if not shutil.which("fc-list"):
        pytest.skip("no fontconfig")
    file = tmp_path / "fonts.conf"
    chinese = fc_list("--format=%{file}\n", ":lang=zh-cn").split("\n")
    globs = "".join(f"<glob>{path}</glob>" for path in sorted(set(chinese)) if path)
    file.write_text(NO_CHINESE.format(globs=globs))
    monkeypatch.setenv("FONTCONFIG_FILE", str(file))
    assert fc_list(":lang=zh-cn") == ""
    assert fc_list() != ""


def fc_list(*options):
    return subprocess.run(["fc-list", *options], capture_output=True, text=True, check=True).stdout


def test_chinese_is_embedded_and_can_be_selected_on_a_machine_without_chinese_fonts(
    report, machine_without_chinese, tmp_path
):
    (content,) = pdf(report, "zh").values()
    assert "销售额258万，目标300万，差42万" in squeezed(text(opened(content)))
    fonts_of = {
        font.get_object()["/BaseFont"]: font.get_object()
        for page in opened(content).pages
        for font in page["/Resources"]["/Font"].values()
        if "/BaseFont" in font.get_object()
    }
    chinese = [font for name, font in fonts_of.items() if "NotoSansSC" in name]
    assert chinese
    for font in chinese:
        assert "/ToUnicode" in font
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no poppler")
def test_other_readers_find_the_chinese_text_too(report, machine_without_chinese, tmp_path):
    (content,) = pdf(report, "zh").values()
    file = tmp_path / "report.pdf"
    file.write_bytes(content)
    said = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    assert "销售额258万，目标300万，差42万" in squeezed(said)
    listed = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()[2:]]
    assert {row[-5] for row in rows} == {"yes"}  # embedded
    assert {row[-3] for row in rows} == {"yes"}  # with its letters


def test_without_any_chinese_font_nothing_is_printed_in_boxes(monkeypatch):
    from matplotlib import font_manager

    latin = font_manager.findfont("DejaVu Sans")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [latin])
    check_printing(["en", "zh"])
    monkeypatch.setattr("salesnb.show.letters.find_spec", lambda _: None)
    check_printing(["en"])
    with pytest.raises(BrowserError) as none:
        check_printing(["en", "zh"])
    assert none.value.problems[0].code == "print_font"
