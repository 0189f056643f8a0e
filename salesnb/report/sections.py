"""A notebook rearranged for reading: verdict and first screen, then one section a question, with its prose.

A section that its cell marks ``folded`` shows its question and its sentence, the rest when asked. Of several findings
in one section the first is shown and each of the others folded beneath it; where the mark is ``each``, all are. So is
the table of what stands on the first screen. What failed is never folded.

Of what stands on the first screen the table has a section of its own, after all others: there the figures are proven.
Input, parameters and marks of the run are left out; outputs that carry a page in both languages give theirs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from salesnb import errors, words
from salesnb.report.cells import html_output, markdown_cell, output_cell
from salesnb.report.facts import Fact
from salesnb.show.mime import FACTS, PAGE, ROWS, SCOPE, page_html
from salesnb.show.rows import told_apart_by
from salesnb.show.sentence import column_name
from salesnb.show.text import escaped, slug

_HEADING = re.compile(r"#{1,2} +(.+)")

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
    hint: str = ""
    """What stands at the right of its name on the first screen."""
    drawn: str = ""
    """Its drawing on the first screen, HTML."""
    said: str = ""
    """Its sentence there, HTML; the verdict's is the head of the page instead."""
    said_beside: bool = False
    """Whether that stands beneath a drawing too."""
    behind: bool = False
    """Whether it stands on the first screen, so that here is its table only."""
    facts: list[Fact] = field(default_factory=list)
    folded: bool = False
    """Whether all but its question and its sentence is shown only when asked."""
    failed: bool = False
    """Whether a part of it could not be made."""
    each: bool = False
    """Whether its first finding is folded too where it has several."""
    finding: str = ""
    """The finding whose sentence it says; blank: none of ours."""
    folds: list["Section"] = field(default_factory=list)
    """Further findings of it, each a section named by what it is by."""

    @property
    def quiet(self) -> bool:
        """Whether it has outputs, and none of them has anything to tell."""
        outputs = sum(len(c.get("outputs", ())) for c in self.cells)
        own = len(self.instead) == outputs and bool(outputs or self.folds)
        return own and all(fold.quiet for fold in self.folds)

    @property
    def reasons(self) -> list[str]:
        """What is said where nothing of it is shown."""
        return list(dict.fromkeys([*self.instead, *(reason for fold in self.folds for reason in fold.reasons)]))

    @property
    def in_short(self) -> str:
        """Its sentence in plain text; blank where it says none."""
        outputs = [output for cell in self.cells for output in cell.get("outputs", ())]
        said = [text for output in outputs for text in output.metadata.get("salesnb", {}).get("said", ())[:1]]
        return str(said[0]) if said else self.folds[0].in_short if self.folds else ""

    width: str = ""
    """How wide its evidence is set, see `salesnb.show.render.evidence_width`; blank: it has none of ours."""

    @property
    def front(self) -> str:
        """Its part of the first screen: the drawing above its sentence, which some have only without a drawing."""
        return self.drawn + (self.said if self.said_beside or not self.drawn else "")


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
    said: str = ""
    """The verdict in plain text."""
    how: str = ""
    """What opens the intro where it is the catalogue's, which teaches; blank: its writer's own is read at once."""

    @property
    def first(self) -> str:
        """The first screen, HTML: the verdict, and beneath it what sections have there, or the intro."""
        blocks = "".join(_block(section) for section in self.sections if section.front)
        intro = f'<p class="intro">{escaped(self.intro)}</p>'
        if self.how:
            intro = f'<details class="prose"><summary>{escaped(self.how)}</summary>{intro}</details>'
        beneath = f'<div class="first">{blocks}</div>' if blocks else intro
        return f'<div class="verdict">{self.verdict}</div>{beneath}'


def _block(section: Section) -> str:
    hint = f"<p>{escaped(section.hint)}</p>" if section.hint else ""
    return (
        f'<section class="front {section.anchor}" id="first-{section.anchor}"><div class="named">'
        f"<h2>{escaped(section.name)}</h2>{hint}</div>{section.front}</section>"
    )


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
    for section in sheet.sections:
        section.folded = (section.folded or section.behind) and not section.failed
    return sheet


def _take_text(sheet: Sheet, cell: NotebookNode, lang: str) -> None:
    before = len(sheet.sections)
    _take_words(sheet, cell, lang)
    catalogue, word = _words_of(cell)
    if len(sheet.sections) > before and word and not _typed_over(cell.source, catalogue, word):
        mark = cell.metadata.get("salesnb", {}).get("folded", False)
        sheet.sections[-1].folded, sheet.sections[-1].each = mark is True, mark == "each"


def _take_words(sheet: Sheet, cell: NotebookNode, lang: str) -> None:
    catalogue, word = _words_of(cell)
    if word == "stage" and words.has(catalogue, "stage.title"):
        sheet.stage = catalogue
    if not word or _typed_over(cell.source, catalogue, word):
        _take_own_text(sheet, cell.source)
    elif word == "stage":
        sheet.title = words.text(catalogue, "stage.title", lang)
        sheet.intro = words.text(catalogue, "stage.intro", lang)
        sheet.how = words.text("report", "how_to_read", lang)
    else:
        question, prose = (words.text(catalogue, f"{word}.{part}", lang) for part in ("question", "prose"))
        name, hint = (
            words.text(catalogue, f"{word}.{text}", lang) if words.has(catalogue, f"{word}.{text}") else ""
            for text in ("anchor", "hint")
        )
        sheet.sections.append(Section(slug(word), question, prose, name=name, hint=hint))


def _typed_over(source: str, catalogue: str, word: str) -> bool:
    """Tell whether a cell's heading is not that of the catalogue in any language: its writer's own stands then."""
    heading = _HEADING.match(source)
    name = f"{word}.{'title' if word == 'stage' else 'question'}"
    if not words.has(catalogue, name):
        return True
    known = {words.text(catalogue, name, lang) for lang in words.LANGUAGES}
    return heading is not None and heading[1].strip() not in known


def _words_of(cell: NotebookNode) -> tuple[str, str]:
    catalogue, _, word = cell.metadata.get("salesnb", {}).get("words", "").partition(".")
    return catalogue, word


def _take_own_text(sheet: Sheet, source: str) -> None:
    """Take prose that an analyst wrote: a heading begins a section, other text stands where it is."""
    heading = _HEADING.match(source)
    if heading is None:
        sheet.sections[-1].cells.append(markdown_cell(source))
    elif source.startswith("# ") and not sheet.title:
        sheet.title, sheet.intro = heading[1].strip(), source[heading.end() :].strip()
    else:
        question = heading[1].strip()
        anchor = slug(question) or f"section-{len(sheet.sections)}"
        sheet.sections.append(Section(anchor, question, source[heading.end() :].strip()))


def _take_code(sheet: Sheet, cell: NotebookNode, lang: str) -> None:
    if _HIDDEN & set(cell.metadata.get("tags", ())):
        return
    section, shown = sheet.sections[-1], list[NotebookNode]()
    for output in cell.outputs:
        sheet.scope = output.get("data", {}).get(SCOPE, sheet.scope)
        own = _part_of(section, output.get("data", {}), lang)
        _take_carried(own, output.get("data", {}), lang)
        section.failed |= output.output_type == "error"
        if (made := _output(output, lang)) is None:
            continue
        if own is section:
            shown.append(made)
        else:
            own.cells.append(output_cell([made]))
    if shown:
        section.cells.append(output_cell(shown))


def _part_of(section: Section, data: Mapping[str, Any], lang: str) -> Section:
    """Return what of a section an output belongs to: itself, or one of its folds, a new one for a further sentence.

    Of several findings the sentences come first and the evidence after them in the same order, or one by one.
    """
    page = data.get(PAGE, {})
    if page.get("kind") == "sentence":
        if not section.finding and not section.each:
            section.finding = page["finding"]
            return section
        anchor = f"{section.anchor}-{len(section.folds) + 1}"
        section.folds.append(Section(anchor, "", finding=page["finding"], folded=True))
        return section.folds[-1]
    if page.get("kind") != "evidence" or not section.folds:
        return section
    own = [*([] if section.each else [section]), *section.folds]
    part = next((part for part in own if part.finding == page["finding"] and not part.width), section)
    if part is not section and ROWS in data:
        _name_fold(part, section, data[ROWS], lang)
    return part


def _name_fold(fold: Section, section: Section, rows: Mapping[str, Any], lang: str) -> None:
    """Name a fold by the dimensions of its rows, one that is another finding than its section's by its own question."""
    catalogue, _, word = fold.finding.partition(".")
    by = told_apart_by(rows)
    fold.anchor = slug("-".join([word, *by]))
    if section.finding in ("", fold.finding):
        fold.question = " × ".join(column_name(name, lang) for name in by)
    elif words.has(catalogue, f"{word}.question"):
        fold.question, fold.prose = (words.text(catalogue, f"{word}.{part}", lang) for part in ("question", "prose"))
        fold.anchor = slug(word)


def _take_carried(section: Section, data: Mapping[str, Any], lang: str) -> None:
    """Take what an output carries beside what it shows: facts, its part of the first screen, how wide it is set."""
    page = data.get(PAGE, {})
    section.facts.extend(data.get(FACTS, {}).get("facts", ()))
    section.width = section.width or page.get("width", "")
    if instead := page.get("quiet"):
        section.instead.append(instead[lang])
    elif front := page.get("front"):
        section.behind = True
        if page["kind"] == "sentence":
            section.said, section.said_beside = page_html(data, lang), front == "both"
        else:
            section.drawn += front[lang]


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
    made = html_output(page_html(output.data, lang))
    made.metadata["salesnb"] = {"said": page["said"][lang]} if "said" in page else {}
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
    for section in (own for whole in sections for own in (whole, *whole.folds)):
        seen[section.anchor] = seen.get(section.anchor, 0) + 1
        if seen[section.anchor] > 1:
            section.anchor = f"{section.anchor}-{seen[section.anchor]}"


def _leave_out_quiet(sheet: Sheet) -> None:
    """Take sections out that have nothing to tell, but for the first: a page must say something."""
    quiet = [s for s in sheet.sections[1:] if s.quiet and s.question]
    sheet.sections = [s for s in sheet.sections if s not in quiet]
    sheet.left_out = [(s.question, " ".join(s.reasons)) for s in quiet]
    for section in sheet.sections:
        silent = [fold for fold in section.folds if fold.quiet]
        sheet.left_out += [(_asked_of(section, fold), " ".join(fold.reasons)) for fold in silent]
        section.folds = [fold for fold in section.folds if fold not in silent]


def _asked_of(section: Section, fold: Section) -> str:
    same = section.finding in ("", fold.finding)
    return f"{section.question} {fold.question}".strip() if same else fold.question


def _lead_with_verdict(sheet: Sheet) -> None:
    """Move the first sentence to the head of the page: it is the answer that the reader came for.

    Above its table, where that stands further down, it stays as well.
    """
    for section in sheet.sections:
        for cell in section.cells:
            for output in cell.get("outputs", ()):
                if said := output.metadata.get("salesnb", {}).get("said"):
                    sheet.verdict, sheet.said = output.data["text/html"], said[0]
                    if not section.behind:
                        cell.outputs.remove(output)
                    section.said = section.drawn = ""
                    return
