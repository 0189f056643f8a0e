"""Calendar entries: their bytes, what a calendar reads in them, and which actions become one."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from salesnb.formats.calendar_entries import Entry, calendar_entries, calendar_file, entries
from salesnb.show.text import plain
from tests.formats.push_reports import reports

DAY = date(2025, 9, 30)
ENTRY = Entry(
    "1f@salesnb", date(2025, 12, 31), "Wu Min", "Wu Min: call; write, then \\ visit",
    ("Team: South", "Problem: smaller orders"), "South", False,
)  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>", 'O\'Brien "Bob", Ltd; \\n', "Wu\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x", "😀" * 60,
    "\u202eniM uW\u202c", "长" * 200, '=HYPERLINK("http://x")', "\u2028\u2029\x00\x07tab\there",
)  # fmt: skip


def read(content):
    """Return the entries that a calendar finds in a file."""
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    assert content.endswith(b"END:VCALENDAR\r\n")
    return [part for part in Calendar.from_ical(content).walk() if part.name == "VEVENT"]


def test_an_entry_is_what_the_standard_says():
    assert calendar_file([ENTRY], DAY).decode() == (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//salesnb//salesnb//EN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\n"
        "UID:1f@salesnb\r\nDTSTAMP:20250930T000000Z\r\nDTSTART;VALUE=DATE:20251231\r\nDTEND;VALUE=DATE:20260101\r\n"
        "SUMMARY:Wu Min: call\\; write\\, then \\\\ visit\r\n"
        "DESCRIPTION:Team: South\\nProblem: smaller orders\r\nCONTACT:Wu Min\r\nCATEGORIES:South\r\n"
        "STATUS:TENTATIVE\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def test_a_calendar_reads_owner_and_date_back():
    (found,) = read(calendar_file([ENTRY], DAY))
    assert str(found["summary"]) == ENTRY.summary
    assert str(found["description"]) == "Team: South\nProblem: smaller orders"
    assert str(found["contact"]) == "Wu Min"
    assert found.decoded("dtstart") == date(2025, 12, 31)
    assert [str(c) for c in found["categories"].cats] == ["South"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(name):
    hostile = replace(ENTRY, owner=name, summary=f"{name}: call", about=(f"Team: {name}", name), team=name)
    (found,) = read(calendar_file([hostile], DAY))
    assert str(found["contact"]) == plain(name)
    assert str(found["summary"]) == plain(f"{name}: call")
    assert str(found["description"]) == f"Team: {plain(name)}\n{plain(name)}"
    assert [str(c) for c in found["categories"].cats] == [plain(name)]


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=200))
def test_any_text_comes_back_as_it_reads(text):
    (found,) = read(calendar_file([replace(ENTRY, summary="x" + text)], DAY))
    assert str(found["summary"]) == plain("x" + text)


@pytest.fixture(scope="module")
def report(sample_reports):
    return reports(sample_reports, "2025-09")["South"]


def test_every_dated_action_is_an_entry(report):
    proposed = [row for row in _rows(report, "review", "actions_list") if row["play"]]
    decided = [row for row in _rows(report, "strategy", "register") if row["action_id"]]
    going = [row for row in decided if row["status"] in ("open", "blocked") and row["due"]]
    assert len(proposed) >= 2
    assert len(going) >= 2
    (content,) = calendar_entries(report, "en").values()
    found = read(content)
    assert [e.decoded("dtstart").isoformat() for e in found] == [row["due"] for row in [*proposed, *going]]
    named = [row["owner"] or "To be named" for row in [*proposed, *going]]
    assert [str(e["contact"]) for e in found] == named
    assert [str(e["status"]) for e in found] == ["TENTATIVE"] * len(proposed) + ["CONFIRMED"] * len(going)
    assert {str(c) for e in found for c in e["categories"].cats} == {"South"}


def test_ids_are_one_an_action_and_the_same_in_both_languages(report):
    ids = {lang: [entry.uid for entry in entries(report, lang)] for lang in ("en", "zh")}
    assert ids["en"] == ids["zh"]
    assert len(set(ids["en"])) == len(ids["en"])


def test_the_same_report_gives_the_same_bytes(report):
    assert calendar_entries(report, "zh") == calendar_entries(report, "zh")
    (content,) = calendar_entries(report, "zh").values()
    assert content.count(b"DTSTAMP:20250930T000000Z") == len(read(content))


def test_owners_can_be_chosen(report):
    everyone = {str(row["owner"]) for row in _rows(report, "review", "actions_list") if row["play"]}
    chosen = sorted(everyone)[0]
    (content,) = calendar_entries(report, "en", owners={chosen}).values()
    assert {str(e["contact"]) for e in read(content)} == {chosen}
    assert calendar_entries(report, "en", owners={"nobody"}) == {}


def _rows(report, stage, word):
    section = report.rows(stage)[word]
    names = [column["name"] for column in section["columns"]]
    return [dict(zip(names, row, strict=True)) for row in section["rows"]]
