"""A team's start page: the memo's first screen, the team's pages with what each says, and what is missing and why."""

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
from salesnb.report.proofs import proven
from salesnb.report.style import HTML_LANG, foot_style, page_style
from salesnb.report.told import Told
from salesnb.show.numbers import period_text
from salesnb.show.sentence import as_of_text, capitalised, team_text
from salesnb.show.style import style
from salesnb.show.text import whole_clauses
from salesnb.stages import MEMO, in_order, stage_text

_OWN = ("title", "pages", "memo", "no_memo", "failed")
_STATED = ("back", "other_language", "provisional", "skip")
_TEMPLATES = Path(__file__).parent / "template"


@dataclass(frozen=True)
class Start:
    """What a start page in one language is made from.

    ``told`` is what the notebooks whose pages were made have told, by stage; ``failed`` are stages without one, each
    with the reason by language; ``languages`` are all that the team's pages are in.
    """

    team: str
    period: str
    told: Mapping[str, Told]
    languages: Sequence[str]
    failed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def start_page(start: Start, lang: str) -> str:
    """Return the start page in one language; it holds no time, so that equal pages give equal bytes."""
    texts = {key: words.text("report", key, lang) for key in _STATED}
    texts |= {key: words.text("report", f"start.{key}", lang) for key in _OWN}
    others = [other for other in start.languages if other != lang]
    team, period = capitalised(team_text(start.team, lang)), period_text(start.period, lang)
    scope = next((told.scope for told in start.told.values() if told.scope), {})
    as_of, provisional = as_of_text(scope, lang) if scope else "", not scope.get("complete", True)
    return _template().render(
        lang=HTML_LANG[lang],
        title=f"{team} · {period}",
        css=style() + page_style() + foot_style((team, period, as_of, texts["provisional"] if provisional else "")),
        words=texts,
        company=scope.get("company", ""),
        as_of=as_of,
        provisional=provisional,
        back=f"../{start_name(lang)}" if lang == "en" or others else "../index.html",
        others=[(HTML_LANG[other], start_name(other)) for other in others],
        team=team,
        period=period,
        first=_first_screen(start.told, lang),
        stages=[_stage(start, stage, lang) for stage in in_order([*start.told, *start.failed])],
        version=kit_version(),
    )


def _first_screen(told: Mapping[str, Told], lang: str) -> str:
    """Return the first screen of the memo, its figures led to the pages that prove them; blank without a memo."""
    memo = told.get(MEMO)
    if memo is None:
        return ""
    others = [(page_name(stage, lang), told[stage].places) for stage in in_order(told) if stage != MEMO]
    return proven(memo.first[lang], memo.places, others, page_name(MEMO, lang))


def _stage(start: Start, stage: str, lang: str) -> dict[str, Any]:
    told = start.told.get(stage)
    silent = told.silent if told else 0
    return {
        "name": stage_text(stage, "name", lang),
        "href": quote(page_name(stage, lang)) if told else "",
        "said": whole_clauses(told.said[lang]) if told and stage != MEMO else "",
        "memo": stage == MEMO,
        "why": start.failed.get(stage, {}).get(lang, ""),
        "silent": words.text("report", "start.silent", lang, count=silent) if silent else "",
    }


@cache
def _template() -> Any:
    loader = FileSystemLoader(_TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return made.get_template("start.html.j2")
