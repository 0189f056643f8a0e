"""A notebook rearranged for reading: verdict and first screen, then one section a question, with its prose.

Of what stands on the first screen the table has a section of its own, after all others: there the figures are proven.
Input, parameters and marks of the run are left out; outputs that carry a page in both languages give theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from salesnb import errors, words
from salesnb.report.cells import html_output, markdown_cell, output_cell
from salesnb.report.facts import Fact
from salesnb.show.mime import FACTS, PAGE, SCOPE
from salesnb.show.text import escaped, slug

_MANY_COLUMNS = 6

_HIDDEN = frozenset({"parameters", "injected-parameters"})


@dataclass
class Section:
    """One question: its anchor, heading, what answers it, and the prose that says how to read it."""

    anchor: str
    question: str
    prose: str = ""
    cells: list[NotebookNode] = field(default_factory=list)
    instead: list[str] = field(default_factory=list)
    """What is said where nothing is shown: one text for each output that has nothing to tell."""
    name: str = ""
    """What a list of anchors calls it; blank: its question."""
    part: str = ""
    """The part of a long page it belongs to: that of the section before it unless its words begin another."""
    hint: str = ""
    """What stands at the right of its name on the first screen."""
    front: str = ""
    """Its part of the first screen, HTML; the verdict's is the head of the page instead."""
    behind: bool = False
    """Whether it stands on the first screen, so that here is its table only."""
    facts: list[Fact] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        """Whether it has outputs, and none of them has anything to tell."""
        return bool(self.instead) and len(self.instead) == sum(len(c.get("outputs", ())) for c in self.cells)

    @property
    def kind(self) -> str:
        """How wide its evidence is set: ``cards`` and ``wide`` tables take the whole width, others leave a margin."""
        shown = "".join(
            o.get("data", {}).get("text/html", "") for c in self.cells for o in c.get("outputs", ())
        )
        if 'class="snb-cards"' in shown:
            return "cards"
        if "<figure" not in shown and shown.split("</thead>")[0].count('scope="col"') > _MANY_COLUMNS:
            return "wide"
        return "plain"


@dataclass
class Sheet:
    """All that a page says: title and intro of the stage, verdict, sections, and the scope it speaks about."""

    stage: str
    title: str
    intro: str
    verdict: str
    sections: list[Section]
    scope: dict[str, Any]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """Questions that are not shown, each with the reason."""


def arrange(notebook: NotebookNode, lang: str) -> Sheet:
    """Return a notebook as a page in one language."""
    sheet = Sheet("", "", "", "", [Section("start", "")], {})
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            _take_text(sheet, cell, lang)
        elif cell.cell_type == "code":
            _take_code(sheet, cell, lang)
    sheet.sections = [s for s in sheet.sections if s.question or s.cells]
    _name_apart(sheet.sections)
    _leave_out_quiet(sheet)
    _lead_with_verdict(sheet)
    sheet.sections.sort(key=lambda section: section.behind)
    return sheet


def _take_text(sheet: Sheet, cell: NotebookNode, lang: str) -> None:
    key = cell.metadata.get("salesnb", {}).get("words", "")
    catalogue, _, word = key.partition(".")
    if not word or not words.has(catalogue, f"{word}.{'title' if word == 'stage' else 'question'}"):
        _take_own_text(sheet, cell.source)
    elif word == "stage":
        sheet.stage = catalogue
        sheet.title = words.text(catalogue, "stage.title", lang)
        sheet.intro = words.text(catalogue, "stage.intro", lang)
    else:
        question, prose = (words.text(catalogue, f"{word}.{part}", lang) for part in ("question", "prose"))
        name, hint, part = (
            words.text(catalogue, f"{word}.{text}", lang) if words.has(catalogue, f"{word}.{text}") else ""
            for text in ("anchor", "hint", "part")
        )
        part = part or sheet.sections[-1].part
        sheet.sections.append(Section(slug(word), question, prose, name=name, part=part, hint=hint))


def _take_own_text(sheet: Sheet, source: str) -> None:
    """Take prose that an analyst wrote: a heading begins a section, other text stands where it is."""
    heading = re.match(r"#{1,2} +(.+)", source)
    if heading is None:
        sheet.sections[-1].cells.append(markdown_cell(source))
    elif source.startswith("# ") and not sheet.title:
        sheet.title, sheet.intro = heading[1].strip(), source[heading.end() :].strip()
    else:
        question = heading[1].strip()
        anchor = slug(question) or f"section-{len(sheet.sections)}"
        part = sheet.sections[-1].part
        sheet.sections.append(Section(anchor, question, source[heading.end() :].strip(), part=part))


def _take_code(sheet: Sheet, cell: NotebookNode, lang: str) -> None:
    if _HIDDEN & set(cell.metadata.get("tags", ())):
        return
    section = sheet.sections[-1]
    outputs = [o for output in cell.outputs if (o := _output(output, lang)) is not None]
    for output in cell.outputs:
        data = output.get("data", {})
        sheet.scope = data.get(SCOPE, sheet.scope)
        section.facts.extend(data.get(FACTS, {}).get("facts", ()))
        page = data.get(PAGE, {})
        if instead := page.get("quiet"):
            section.instead.append(instead[lang])
        elif page.get("front"):
            section.behind = True
            section.front = _with_front(section.front, page, lang)
    if outputs:
        section.cells.append(output_cell(outputs))


def _with_front(front: str, page: dict[str, Any], lang: str) -> str:
    """Return a section's part of the first screen with one more output: the drawing stands above its sentence.

    A sentence that only its drawing needs is left out where there is one.
    """
    if page["kind"] == "sentence":
        return page[lang] if page["front"] == "both" else _UNLESS_DRAWN + page[lang]
    drawing = page["front"][lang]
    if not drawing or _NOTHING_DRAWN in drawing:
        return front.removeprefix(_UNLESS_DRAWN)
    return drawing if front.startswith(_UNLESS_DRAWN) else drawing + front


_UNLESS_DRAWN = "<!-- unless drawn -->"
_NOTHING_DRAWN = 'class="snb-none"'


def _output(output: NotebookNode, lang: str) -> NotebookNode | None:
    """Return an output as a page shows it; None for what it does not show."""
    if output.output_type == "stream":
        return None if output.name == "stderr" else output
    if output.output_type == "error":
        return html_output(f'<p class="failed">{escaped(failure(output, lang))}</p>')
    page = output.data.get(PAGE)
    if page is None:
        return None if SCOPE in output.data or FACTS in output.data else output
    if page.get("kind") == "masthead":
        return None
    made = html_output(page.get(lang) or output.data.get("text/html", ""))
    made.metadata["salesnb"] = {"kind": page.get("kind", "")}
    return made


def failure(output: NotebookNode, lang: str) -> str:
    """Say in plain words why a cell failed: no traceback, no paths."""
    known = getattr(errors, output.ename, None)
    if isinstance(known, type) and issubclass(known, errors.SalesnbError):
        return words.text("report", "failed.known", lang, reason=output.evalue)
    return words.text("report", "failed.unknown", lang, error=output.ename)


def _name_apart(sections: list[Section]) -> None:
    """Give sections of one word anchors of their own: drivers, drivers-2."""
    seen: dict[str, int] = {}
    for section in sections:
        seen[section.anchor] = seen.get(section.anchor, 0) + 1
        if seen[section.anchor] > 1:
            section.anchor = f"{section.anchor}-{seen[section.anchor]}"


def _leave_out_quiet(sheet: Sheet) -> None:
    """Take sections out that have nothing to tell, but for the first: a page must say something."""
    quiet = [s for s in sheet.sections[1:] if s.quiet and s.question]
    sheet.left_out = [(s.question, " ".join(dict.fromkeys(s.instead))) for s in quiet]
    sheet.sections = [s for s in sheet.sections if s not in quiet]


def _lead_with_verdict(sheet: Sheet) -> None:
    """Move the first sentence to the head of the page: it is the answer that the reader came for.

    Above its table, where that stands further down, it stays as well.
    """
    for section in sheet.sections:
        for cell in section.cells:
            for output in cell.get("outputs", ()):
                if output.metadata.get("salesnb", {}).get("kind") == "sentence":
                    sheet.verdict = output.data["text/html"]
                    if not section.behind:
                        cell.outputs.remove(output)
                    section.front = ""
                    return
