"""The tables of a page as an Excel file: a sheet for each section, its sentence above, real numbers in their units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from nbformat import NotebookNode

from salesnb import words
from salesnb.findings.columns import DAYS, column_of
from salesnb.formats.team_report import TeamReport, file_name
from salesnb.formats.workbook import Cell, Sheet, sheet_names, workbook
from salesnb.show.mime import PAGE, ROWS
from salesnb.show.numbers import currency_unit, period_text
from salesnb.show.sentence import as_of_text, capitalised, column_name, member, team_text
from salesnb.show.text import plain
from salesnb.stages import stage_text

Rows = Mapping[str, Any]

_DAY = {"en": "d mmm yyyy", "zh": 'yyyy"年"m"月"d"日"'}
_WHOLE, _PARTS, _RATE, _POINTS = "#,##0", "#,##0.00", "0.0%", "0.0"
_LARGE = 1000.0
"""Money from here on is written in whole units."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Section:
    """One section of a page: its question, what it says, and the rows behind; none where the page leaves it out."""

    question: str
    said: Sequence[str]
    rows: Rows | None


def xlsx(report: TeamReport, lang: str) -> dict[str, bytes]:
    """Return the tables of each page of a team as an Excel file."""
    found = {stage: sections(report.notebook(stage), lang) for stage in report.stages}
    return {
        file_name(stage, lang, "xlsx"): _book(report, stage, own, lang)
        for stage, own in found.items()
        if any(section.rows for section in own)
    }


def sections(notebook: NotebookNode, lang: str) -> list[Section]:
    """Return the sections of a notebook in order, those without rows to show with what is said instead."""
    found, question, spoken = [], "", dict[str, list[str]]()
    for cell in notebook.cells:
        question = _question(cell, lang) or question
        for output in cell.get("outputs", ()):
            page, rows = output.get("data", {}).get(PAGE, {}), output.get("data", {}).get(ROWS)
            if lang in page.get("said", {}):
                spoken[page["finding"]] = page["said"][lang]
            if rows is None:
                continue
            if quiet := page.get("quiet"):
                found.append(Section(question, [quiet[lang]], None))
            else:
                found.append(Section(question, spoken.pop(rows["finding"], [question]), rows))
    return found


def _question(cell: NotebookNode, lang: str) -> str:
    """Return the question that a cell asks, or the heading that an analyst wrote; empty for other cells."""
    if cell.cell_type != "markdown":
        return ""
    catalogue, _, word = cell.metadata.get("salesnb", {}).get("words", "").partition(".")
    if word and words.has(catalogue, f"{word}.question"):
        return words.text(catalogue, f"{word}.question", lang)
    heading = re.match(r"#{2,3} +(.+)", cell.source)
    return heading[1].strip() if heading else ""


def _book(report: TeamReport, stage: str, found: Sequence[Section], lang: str) -> bytes:
    scope, said_of = report.scope, [section for section in found if section.rows]
    names = sheet_names([words.text("formats", "contents", lang), *(_short(s.question) for s in said_of)])
    sheets = [
        _sheet(name, section, scope["currency"], lang)
        for name, section in zip(names[1:], said_of, strict=True)
    ]
    first = _contents(report, stage, names[0], list(zip(names[1:], said_of, strict=True)), found, lang)
    return workbook([first, *sheets], date.fromisoformat(scope["as_of"]), first.title)


def _short(question: str) -> str:
    """Return a question as the name of a sheet."""
    return question.rstrip("?？")


def _contents(
    report: TeamReport,
    stage: str,
    name: str,
    shown: Sequence[tuple[str, Section]],
    every: Sequence[Section],
    lang: str,
) -> Sheet:
    """Return the first sheet: whose figures these are, as of when, and what stands on which sheet."""
    scope = report.scope
    team = capitalised(team_text(scope["team"], lang))
    title = words.text("formats", "title", lang, team=team, period=period_text(scope["period"], lang))
    as_of = as_of_text(scope, lang)
    lines = [
        f"{scope['company']} {stage_text(stage, 'title', lang)}".strip(),
        capitalised(as_of),
        *([] if scope["complete"] else [words.text("report", "provisional", lang)]),
        words.text("formats", "amounts", lang, unit=currency_unit(scope["currency"], "", lang)),
    ]
    rows = [[Cell(sheet, sheet=sheet), Cell(section.said[0])] for sheet, section in shown]
    rows += [[Cell(section.question), Cell(section.said[0])] for section in every if not section.rows]
    heads = [words.text("formats", f"head.{key}", lang) for key in ("sheet", "says")]
    return Sheet(name, title, lines, heads, rows)


# -- a table


def _sheet(name: str, section: Section, currency: str, lang: str) -> Sheet:
    rows = section.rows or {}
    table = _Table(rows, currency, lang)
    shown = [i for i in table.asked() if table.says(i)]
    heads = [table.head(i) for i in shown]
    body = [[table.cell(i, row) for i in shown] for row in range(len(rows["rows"]))]
    told = [cells for cells in body if any(cell.value not in (None, "") for cell in cells[1:])] or body
    return Sheet(name, section.said[0], [section.question, *section.said[1:]], heads, told)


class _Table:
    """The rows of a section and how each of their cells is written."""

    def __init__(self, rows: Rows, currency: str, lang: str) -> None:
        self._columns, self._rows = rows["columns"], rows["rows"]
        self._shown = rows["shown"]
        self._currency, self._lang = currency_unit(currency, "", lang), lang
        self._dimensions = [i for i, column in enumerate(self._columns) if column["kind"] == "dimension"]

    def asked(self) -> list[int]:
        """Return the columns of the table on the page, what names the rows first."""
        places = {column["name"]: i for i, column in enumerate(self._columns)}
        order = [places[name] for name in self._shown]
        stub = next((i for i in order if not self._is_figure(i)), None)
        return sorted(order, key=lambda i: i != stub)

    def says(self, column: int) -> bool:
        """Tell whether there is anything in a column."""
        return self._is_figure(column) or any(row[column] for row in self._rows)

    def head(self, column: int) -> str:
        """Return the heading of a column, with its unit where all its cells have the same."""
        name = self._columns[column]["name"]
        text = column_name(name, self._lang) if _is_named(name) else plain(name)
        unit = self._columns[column].get("unit", "")
        said_unit = self._unit(unit) if isinstance(unit, str) else ""
        return (
            words.text("show", "unit_in_head", self._lang, name=text, unit=said_unit) if said_unit else text
        )

    def cell(self, column: int, row: int) -> Cell:
        """Return what stands in a cell."""
        value = self._rows[row][column]
        if self._is_figure(column):
            return self._figure(column, row, value)
        name = self._columns[column]["name"]
        if name in DAYS and _ISO.fullmatch(value):
            return Cell(date.fromisoformat(value), _DAY[self._lang])
        return Cell(self._text(column, row, value))

    def _figure(self, column: int, row: int, value: float | None) -> Cell:
        if value is None:
            return Cell(None)
        units = self._columns[column]["unit"]
        mixed = not isinstance(units, str)
        unit = units[row] if mixed else units
        beside = [value] if mixed else [r[column] for r in self._rows if r[column] is not None]
        form = _form(unit, beside)
        if mixed and self._unit(unit):
            form += words.text("formats", "after_number", self._lang, unit=self._unit(unit).replace('"', ""))
        if column_of(self._columns[column]["name"]).signed:
            form = f"+{form};-{form};{form}"
        return Cell(round(value * 100, 9) if unit == "points" else float(value), form)

    def _unit(self, unit: str) -> str:
        """Return the unit as readers write it, empty where a number needs none or carries its own."""
        if unit == "money":
            return self._currency
        return words.text("show", f"unit.{unit}", self._lang) if unit in ("points", "days") else ""

    def _text(self, column: int, row: int, value: str) -> str:
        name = self._columns[column]["name"]
        if name == "light" and value:
            code = value if words.has("show", f"light.{value}") else "none"
            return words.text("show", f"light.{code}", self._lang)
        if value:
            return (
                capitalised(member(name, value, self._lang))
                if name == "kpi"
                else member(name, value, self._lang)
            )
        if column in self._dimensions[:1]:
            blank = not any(self._rows[row][i] for i in self._dimensions)
            return words.text("show", "total" if blank else "all_of_it", self._lang)
        return ""

    def _is_figure(self, column: int) -> bool:
        return bool(self._columns[column]["kind"] == "figure")


def _is_named(column: str) -> bool:
    return words.has("metrics", f"{column}.name") or words.has("dimensions", f"names.{column}")


def _form(unit: str, values: Sequence[float]) -> str:
    """Return how numbers that stand together are written: without decimals where they need none."""
    if unit in ("rate", "score"):
        return _RATE
    if unit == "points":
        return _POINTS
    large = unit == "money" and max(abs(value) for value in values) >= _LARGE
    return _WHOLE if large or all(value == int(value) for value in values) else _PARTS
