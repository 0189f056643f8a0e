"""The tables of a page as an Excel file: a sheet for each section, its sentence above, real numbers in their units."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from nbformat import NotebookNode

from salesnb import words
from salesnb.formats.team_report import TeamReport, file_name
from salesnb.formats.workbook import Cell, Sheet, sheet_names, workbook
from salesnb.show.cells import Cell as Shown
from salesnb.show.cells import Column, Table, unit_text
from salesnb.show.mime import PAGE, ROWS
from salesnb.show.numbers import currency_unit, period_text, unit_told
from salesnb.show.rows import told_apart_by
from salesnb.show.sentence import as_of_text, capitalised, column_name, team_text
from salesnb.stages import stage_text

Rows = Mapping[str, Any]

_DAY = {"en": "d mmm yyyy", "zh": 'yyyy"年"m"月"d"日"'}
_WHOLE, _PARTS, _RATE, _POINTS = "#,##0", "#,##0.00", "0.0%", "0.0"
_PERCENT = frozenset({"rate", "score"})
"""Units whose numbers carry their own sign."""

_LARGE = 1000.0
"""Money from here on is written in whole units."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Section:
    """One section of a page: its question, what it says, and the rows behind; none where the page leaves it out.

    ``name`` is what the page's list of sections calls it.
    """

    question: str
    name: str
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
    found, heading, spoken = [], ("", ""), dict[str, list[list[str]]]()
    for cell in notebook.cells:
        heading = _heading(cell, lang) or heading
        for output in cell.get("outputs", ()):
            page, rows = output.get("data", {}).get(PAGE, {}), output.get("data", {}).get(ROWS)
            if lang in page.get("said", {}):
                spoken.setdefault(page["finding"], []).append(page["said"][lang])
            if rows is None:
                continue
            said = spoken[rows["finding"]].pop(0) if spoken.get(rows["finding"]) else [heading[0]]
            own = heading if len(cell.outputs) < 2 else _apart(heading, rows, lang)
            if quiet := page.get("quiet"):
                found.append(Section(*own, [quiet[lang]], None))
            else:
                found.append(Section(*own, said, rows))
    return found


def _apart(heading: tuple[str, str], rows: Rows, lang: str) -> tuple[str, str]:
    """Return the heading of one of several findings in a section: what tells its rows apart stands first."""
    by = " × ".join(column_name(name, lang) for name in told_apart_by(rows))
    if not by:
        return heading
    question, name = (words.text("formats", "by", lang, by=by, question=text) for text in heading)
    return question, name


def _heading(cell: NotebookNode, lang: str) -> tuple[str, str] | None:
    """Return the question that a cell asks, or the heading that an analyst wrote, and its short name; else None."""
    if cell.cell_type != "markdown":
        return None
    catalogue, _, word = cell.metadata.get("salesnb", {}).get("words", "").partition(".")
    if word and words.has(catalogue, f"{word}.question"):
        named = "anchor" if words.has(catalogue, f"{word}.anchor") else "question"
        return words.text(catalogue, f"{word}.question", lang), words.text(catalogue, f"{word}.{named}", lang)
    heading = re.match(r"#{2,3} +(.+)", cell.source)
    return (heading[1].strip(), heading[1].strip()) if heading else None


def _book(report: TeamReport, stage: str, found: Sequence[Section], lang: str) -> bytes:
    scope, said_of = report.scope, [section for section in found if section.rows]
    names = sheet_names([words.text("formats", "contents", lang), *(_short(s.name) for s in said_of)])
    sheets = [_sheet(name, section, scope["currency"], lang) for name, section in zip(names[1:], said_of, strict=True)]
    first = _contents(report, stage, names[0], list(zip(names[1:], said_of, strict=True)), found, lang)
    return workbook([first, *sheets], date.fromisoformat(scope["as_of"]), first.title)


def _short(name: str) -> str:
    """Return the name of a section as that of a sheet; where that is a question, without its mark."""
    return name.rstrip("?？")


def _contents(
    report: TeamReport, stage: str, name: str, shown: Sequence[tuple[str, Section]], every: Sequence[Section], lang: str
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
    table = Table(rows, currency, lang)
    order = sorted(range(len(table.columns)), key=lambda i: i != table.stub)  # row heads come first
    body = [cells for _, cells in table.body(range(len(rows["rows"])))]
    made = [_column(table.columns[i], [cells[i] for cells in body], currency, lang) for i in order]
    heads = [_head(table, table.columns[i], currency, lang) for i in order]
    every = list(zip(*made, strict=True))
    told = [cells for cells in every if any(cell.value not in (None, "") for cell in cells[1:])] or every
    return Sheet(name, section.said[0], [section.question, *section.said[1:]], heads, told)


def _head(table: Table, column: Column, currency: str, lang: str) -> str:
    """Return the heading of a column, with its unit where all its cells have the same."""
    name, unit = table.head(column)[0], _unit(column.unit, currency, lang)
    if not unit or unit_told(name, unit):
        return name
    return words.text("show", "unit_in_head", lang, name=name, unit=unit)


def _column(column: Column, cells: Sequence[Shown], currency: str, lang: str) -> list[Cell]:
    """Return the cells of a column: numbers in full, in one format; days as dates; text as on the page."""
    together = _form(column.unit, column.numbers) if column.unit and column.numbers else ""
    return [_cell(cell, together, column.is_figure and column.signed, currency, lang) for cell in cells]


def _cell(cell: Shown, form: str, signed: bool, currency: str, lang: str) -> Cell:
    if isinstance(cell.value, float | int):
        if not form:
            form = _form(cell.unit, [cell.value])
            unit = _unit(cell.unit, currency, lang).replace('"', "")
            form += words.text("formats", "after_number", lang, unit=unit) if unit else ""
        form = f"+{form};-{form};{form}" if signed else form
        return Cell(round(cell.value * 100, 9) if cell.unit == "points" else float(cell.value), form)
    if cell.kind in {"absent", "few"}:
        return Cell(None)
    if cell.kind == "day" and _ISO.fullmatch(str(cell.value)):
        return Cell(date.fromisoformat(str(cell.value)), _DAY[lang])
    return Cell(cell.text)


def _unit(unit: str, currency: str, lang: str) -> str:
    """Return the unit as readers write it, empty where a number needs none or carries its own."""
    if unit == "money":
        return currency_unit(currency, "", lang)
    return "" if unit in _PERCENT else unit_text(unit, lang)


def _form(unit: str, values: Sequence[float]) -> str:
    """Return how numbers that stand together are written: without decimals where they need none."""
    if unit in _PERCENT:
        return _RATE
    if unit == "points":
        return _POINTS
    large = unit == "money" and max(abs(value) for value in values) >= _LARGE
    return _WHOLE if large or all(value == int(value) for value in values) else _PARTS
