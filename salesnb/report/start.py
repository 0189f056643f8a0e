"""A team's start page: the memo's first screen, the team's pages with what each says, and what is missing and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from salesnb import words
from salesnb.report.files import page_name, start_name
from salesnb.report.footer import kit_version
from salesnb.report.style import HTML_LANG, foot_style, page_style
from salesnb.show.numbers import period_text
from salesnb.show.sentence import as_of_text, capitalised, team_text
from salesnb.show.style import style
from salesnb.stages import MEMO, in_order, stage_text

_FIRST = re.compile(r"<!-- first -->(.*?)<!-- /first -->", re.DOTALL)
_SAID = re.compile(r'<div class="verdict">.*?<p class="snb-said">(.*?)</p>', re.DOTALL)
_LEFT_OUT = re.compile(r'<section class="left-out" id="left-out">(.*?)</section>', re.DOTALL)
_OWN = ("title", "pages", "memo", "no_memo", "failed")
_STATED = ("back", "other_language", "provisional", "skip")
_TEMPLATES = Path(__file__).parent / "template"


@dataclass(frozen=True)
class Start:
    """What a start page in one language is made from.

    ``scope`` is that of any of the team's notebooks, empty where none ended well. ``pages`` are the pages made, by
    stage, ``failed`` the stages without one, each with the reason; ``languages`` all that the team's pages are in.
    """

    team: str
    period: str
    scope: Mapping[str, Any]
    pages: Mapping[str, str]
    languages: Sequence[str]
    failed: Mapping[str, str] = field(default_factory=dict)


def start_page(start: Start, lang: str) -> str:
    """Return the start page in one language; it holds no time, so that equal pages give equal bytes."""
    texts = {key: words.text("report", key, lang) for key in _STATED}
    texts |= {key: words.text("report", f"start.{key}", lang) for key in _OWN}
    others = [other for other in start.languages if other != lang]
    team, period = capitalised(team_text(start.team, lang)), period_text(start.period, lang)
    as_of, provisional = _as_of(start.scope, lang), not start.scope.get("complete", True)
    return _template().render(
        lang=HTML_LANG[lang],
        title=f"{team} · {period}",
        css=style()
        + page_style()
        + foot_style((team, period, as_of, texts["provisional"] if provisional else "")),
        words=texts,
        company=start.scope.get("company", ""),
        as_of=as_of,
        provisional=provisional,
        back=f"../{start_name(lang)}" if lang == "en" or others else "../index.html",
        others=[(HTML_LANG[other], start_name(other)) for other in others],
        team=team,
        period=period,
        first=_first_screen(start.pages.get(MEMO, ""), page_name(MEMO, lang)),
        stages=[_stage(start, stage, lang) for stage in in_order([*start.pages, *start.failed])],
        version=kit_version(),
    )


def _as_of(scope: Mapping[str, Any], lang: str) -> str:
    return as_of_text(scope, lang) if scope else ""


def _first_screen(page: str, name: str) -> str:
    """Return the first screen of a memo, its links leading to the memo's sections."""
    found = _FIRST.search(page)
    return found[1].replace('href="#', f'href="{quote(name)}#') if found else ""


def _stage(start: Start, stage: str, lang: str) -> dict[str, Any]:
    page, name = start.pages.get(stage, ""), page_name(stage, lang)
    said, left_out = _SAID.search(page), _LEFT_OUT.search(page)
    silent = left_out[1].count("<dt>") if left_out else 0
    return {
        "name": stage_text(stage, "name", lang),
        "href": quote(name) if page else "",
        "said": re.sub("</?a[^>]*>", "", said[1]) if said and stage != MEMO else "",
        "memo": stage == MEMO,
        "why": start.failed.get(stage, ""),
        "silent": words.text("report", "start.silent", lang, count=silent) if silent else "",
    }


@cache
def _template() -> Any:
    loader = FileSystemLoader(_TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return made.get_template("start.html.j2")
