"""Links between the pages of one team, put in when all of them have been made."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from salesnb import words
from salesnb.report.files import start_name
from salesnb.report.proofs import Places, proven
from salesnb.show.text import escaped
from salesnb.stages import in_order, stage_text

_PLACE = re.compile(r"<!-- stages -->.*?<!-- /stages -->", re.DOTALL)


def together(
    pages: Mapping[str, str], names: Mapping[str, str], places: Mapping[str, Places], lang: str
) -> dict[str, str]:
    """Return the pages of a team, by stage, linked to each other, the first screen's figures to their proofs."""
    made = {}
    for stage, page in pages.items():
        others = {s: name for s, name in names.items() if s != stage}
        elsewhere = [(others[s], places[s]) for s in in_order(others)]
        made[stage] = proven(linked(page, others, lang, start_name(lang)), places[stage], elsewhere)
    return made


def linked(page: str, others: Mapping[str, str], lang: str, start: str = "") -> str:
    """Return a page with links to the team's start page and its others in its language, given as stage -> file name."""
    ways = [(start, words.text("report", "start.title", lang))] if start else []
    ways += [(others[stage], stage_text(stage, "name", lang)) for stage in in_order(others)]
    links = "".join(f'<li><a href="{escaped(quote(href))}">{escaped(name)}</a></li>' for href, name in ways)
    label = words.text("report", "stages_of_team", lang)
    nav = f'<nav class="siblings" aria-label="{label}"><ul>{links}</ul></nav>' if links else ""
    return _PLACE.sub(lambda _: f"<!-- stages -->{nav}<!-- /stages -->", page)
