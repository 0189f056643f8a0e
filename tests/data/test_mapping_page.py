"""Every example of docs/mapping.md gives what the page says."""

import csv
import re
import tomllib
from pathlib import Path

import pytest

from salesnb import words
from salesnb.data.reading.remarks import worded
from salesnb.data.taking.intake import account, take
from salesnb.schema import SCALE, table, tables
from salesnb.settings import from_mapping

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mapping.md"
SECTION = re.compile(r"^### (.+?)$(.*?)(?=^##|\Z)", re.M | re.S)
BLOCK = re.compile(r"^```(\w+) ?(.*?)$\n(.*?)^```$", re.M | re.S)
EXAMPLES = {title: BLOCK.findall(body) for title, body in SECTION.findall(PAGE.read_text(encoding="utf-8"))}
COLUMNS = {name: tuple(t.mapped) for name, t in tables().items()}


def shown(name, column, value):
    if value is None:
        return ""
    if table(name).columns[column].type == "money":
        value = value / SCALE
    return f"{value:g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_reads_as_the_page_says(title, tmp_path):
    said = {"toml": "", "text": ""}
    read = {}
    for kind, name, body in EXAMPLES[title]:
        if name.endswith(" as read"):
            read[name.removesuffix(" as read")] = list(csv.reader(body.splitlines()))
        elif kind == "csv":
            (tmp_path / name).write_text(body, encoding="utf-8")
        else:
            said[kind] = body
    taken = take(tmp_path, from_mapping(tomllib.loads(said["toml"]), tables=COLUMNS), tmp_path / "work")
    assert read
    for name, (header, *rows) in read.items():
        got = taken.whole(name).select(header).to_pylist()
        assert [[shown(name, c, row[c]) for c in header] for row in got] == rows
    intake = account(taken)
    lines = [worded(row, "en") for row in intake.remarks.to_dict("records")]
    lines += [words.text("check", "files.accounting", "en", **row) for row in intake.files.to_dict("records")]
    for line in said["text"].splitlines():
        assert any(found.endswith(line) for found in lines), lines


def test_all_that_the_language_has_is_shown():
    assert len(EXAMPLES) >= 9
