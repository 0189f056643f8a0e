"""Pages: an executed notebook as one self-contained HTML file in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from salesnb import words
from salesnb.parameters import assigned
from salesnb.report.cells import carried, html_cell, markdown_cell, notebook_of
from salesnb.report.facts import collect_facts
from salesnb.report.files import page_name
from salesnb.report.footer import about_data, definitions
from salesnb.report.proofs import places_of, proven
from salesnb.report.sections import Section, arrange
from salesnb.report.style import HTML_LANG, foot_style, page_style
from salesnb.show.mime import SCOPE
from salesnb.show.numbers import period_text
from salesnb.show.sentence import as_of_text, team_text
from salesnb.show.style import style
from salesnb.show.text import escaped

_FOOT = ("team", "period", "line", "open")
"""What of a page's head stands at the foot of every sheet of paper."""

_TEMPLATES = Path(__file__).parent / "template"


@dataclass(frozen=True)
class Links:
    """Where a page leads: the index of its period, and itself in other languages, by language."""

    index: str = ""
    languages: Mapping[str, str] | None = None


def page_of(notebook: NotebookNode, stage: str, lang: str, *, now: datetime | None = None) -> str:
    """Return the page of an executed notebook as it lies in a team's folder, with links from there.

    ``now`` is the time the page names in its footer, the only thing that two runs may differ in.
    """
    languages = {other: page_name(stage, other) for other in _languages(notebook) if other != lang}
    index = "../index.html" if lang == "en" or not languages else f"../index.{lang}.html"
    return export(notebook, lang, links=Links(index, languages), now=now)


def export(notebook: NotebookNode, lang: str, *, links: Links | None = None, now: datetime | None = None) -> str:
    """Return an executed notebook as a page in one language.

    The page needs nothing but itself: no request, no script. Markdown cells whose metadata name words of a
    catalogue are given in the page's language; input, parameters and random ids are left out.
    """
    sheet = arrange(notebook, lang)
    facts = collect_facts(notebook)
    others = [(HTML_LANG[k], href) for k, href in ((links and links.languages) or {}).items()]
    head = _head(sheet.scope, sheet.title, lang)
    page = {
        "lang": HTML_LANG[lang],
        "stage": sheet.stage,
        "title": sheet.title,
        "first": sheet.first,
        "head": head,
        "nav": _anchors(sheet.sections, lang),
        "back": links.index if links else "",
        "others": others,
        "about": about_data(sheet.scope, _parameters(notebook), now or datetime.now(), lang),
        "definitions": definitions(facts, lang),
        "left_out": sheet.left_out,
        "words": {k: words.text("report", k, lang) for k in _WORDS},
        "css": style() + page_style() + foot_style(head[part] for part in _FOOT),
    }
    body = notebook_of(_cells(sheet.sections, others, lang))
    text, _ = _exporter().from_notebook_node(body, resources={"page": page})
    return proven(str(text), places_of(sheet.sections))


_WORDS = (
    "back",
    "other_language",
    "on_this_page",
    "stages_of_team",
    "definitions",
    "provisional",
    "skip",
    "left_out",
    "top",
)


def _head(scope: Mapping[str, Any], title: str, lang: str) -> dict[str, str]:
    if not scope:
        return {"team": title, "period": "", "line": "", "company": "", "open": ""}
    team = team_text(scope["team"], lang)
    return {
        "team": team[:1].upper() + team[1:],
        "period": period_text(scope["period"], lang),
        "company": scope["company"],
        "line": as_of_text(scope, lang),
        "open": "" if scope["complete"] else words.text("report", "provisional", lang),
    }


def _anchors(sections: Sequence[Section], lang: str) -> list[tuple[str, str]]:
    """Return the anchors of sections with their names.

    The tables behind the first screen are named once for all; what is folded stands below as a list of its own.
    """
    named = [(s.anchor, s.name or s.question) for s in sections if s.question and not s.behind and not s.folded]
    behind = next((s.anchor for s in sections if s.behind), "")
    return [*named, (behind, words.text("report", "behind", lang))] if behind else named


def _cells(sections: Sequence[Section], others: Sequence[tuple[str, str]], lang: str) -> list[NotebookNode]:
    """Return the cells of all sections, each section opened and closed around its own."""
    return [cell for section in sections for cell in _section_cells(section, others, lang)]


def _section_cells(
    section: Section, others: Sequence[tuple[str, str]], lang: str, level: int = 2
) -> list[NotebookNode]:
    """Return the cells of a section; the head of a folded one is what opens it, as a link to what is inside does."""
    kind = f"{section.width or 'plain'}{' behind' if section.behind else ''}"
    head, ways = _question(section, level), _ways(section, others, lang)
    begun = f'<section id="{section.anchor}" class="finding {kind}">'
    if section.folded:
        begun = f'<details class="folded"><summary>{head}</summary>{begun}'
        head = ""
    asked = f'<div class="asked">{head}{ways}</div>' if section.question or section.folded else ""
    made = [html_cell(f'{begun}{asked}<div class="shown">'), *section.cells, html_cell("</div>")]
    if section.prose:
        opened = f"<summary>{words.text('report', 'how_to_read', lang)}</summary>"
        prose = html_cell(f'<details class="prose">{opened}'), markdown_cell(section.prose), html_cell("</details>")
        made.extend(prose)
    if section.folds:
        inner = [cell for fold in section.folds for cell in _section_cells(fold, others, lang, level + 1)]
        made += [html_cell('<div class="folds">'), *inner, html_cell("</div>")]
    made.append(html_cell("</section></details>" if section.folded else "</section>"))
    return made


def _question(section: Section, level: int) -> str:
    """Return a section's question as a heading, for a folded one with its sentence, which opened it says itself."""
    asked = f"<h{level}>{escaped(section.question)}</h{level}>" if section.question else ""
    short = section.in_short if section.folded and not section.behind else ""
    said = f'<span class="in-short">{escaped(short)}</span>' if short else ""
    return asked + said


def _ways(section: Section, others: Sequence[tuple[str, str]], lang: str) -> str:
    """Return the ways from a section: the same place in the other language, and back up.

    Without JavaScript no link at the head of a page can know where its reader is; one in each section does.
    """
    other = words.text("report", "other_language", lang)
    ways = [f'<a href="{href}#{section.anchor}" lang="{code}" hreflang="{code}">{other}</a>' for code, href in others]
    ways.append(f'<a href="#top">{words.text("report", "top", lang)}</a>')
    return f'<p class="ways">{"".join(ways)}</p>'


def _languages(notebook: NotebookNode) -> list[str]:
    return next((list(scope["languages"]) for scope in carried(notebook, SCOPE)), [])


def _parameters(notebook: NotebookNode) -> dict[str, str]:
    """Return the parameters a notebook ran with: the defaults of its cell, then what was injected."""
    found: dict[str, str] = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in notebook.cells:
            if tag in cell.metadata.get("tags", ()):
                found |= assigned(cell.source)
    return found


class _Pages(HTMLExporter):
    """nbconvert's exporter without what a page of ours does not need, and what would take most of its time.

    The cells are our own: they need not be copied and validated, nor the finished page be parsed once more.
    """

    def _preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        for preprocessor in self._preprocessors:
            nb, resources = preprocessor(nb, resources)
        return nb, resources

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)


@cache
def _exporter() -> HTMLExporter:
    """Return the exporter, made once a process: building it takes longer than a page."""
    config = Config()
    config.HTMLExporter.exclude_anchor_links = True
    config.HTMLExporter.default_preprocessors = [CoalesceStreamsPreprocessor]
    return _Pages(config=config, template_name="salesnb", extra_template_basedirs=[str(_TEMPLATES)])
