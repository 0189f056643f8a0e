"""Links between the pages of one team, put in when all of them have been made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from salesnb import words
from salesnb.report.run_record import NotebookRecord, RunRecord, write_text
from salesnb.show.text import escaped, plain


def stages_of(record: RunRecord) -> list[str]:
    """Return the stages of a run in the order of the catalogue, unknown ones last."""
    known = list(words.catalogue("report")["stages"])
    found = dict.fromkeys(n["stage"] for n in record["notebooks"])
    return [s for s in known if s in found] + [s for s in found if s not in known]


def stage_name(stage: str, lang: str) -> str:
    """Return a stage's short name; a stage of the user's own is named by its file."""
    return (
        words.text("report", f"stages.{stage}", lang)
        if words.has("report", f"stages.{stage}")
        else plain(stage)
    )


def link_stages(record: RunRecord, folder: Path) -> None:
    """Link each page of a team to the others that were made; only known when all have run."""
    for team in record["teams"]:
        made = [n for n in record["notebooks"] if n["team"] == team["team"] and n["status"] == "ok"]
        made.sort(key=lambda n: stages_of(record).index(n["stage"]))
        for notebook in made:
            for lang, page in notebook["page"].items():
                _link(folder / page, [n for n in made if n is not notebook], lang)


def _link(page: Path, others: Sequence[NotebookRecord], lang: str) -> None:
    if not page.is_file():
        return
    links = "".join(
        f'<li><a href="{escaped(quote(Path(n["page"][lang]).name))}">{escaped(stage_name(n["stage"], lang))}</a></li>'
        for n in others
        if lang in n["page"]
    )
    label = words.text("report", "stages_of_team", lang)
    nav = f'<nav class="siblings" aria-label="{label}"><ul>{links}</ul></nav>' if links else ""
    old = page.read_text(encoding="utf-8")
    new = re.sub(
        r"<!-- stages -->.*?<!-- /stages -->",
        lambda _: f"<!-- stages -->{nav}<!-- /stages -->",
        old,
        flags=re.S,
    )
    if new != old:
        write_text(page, new)
