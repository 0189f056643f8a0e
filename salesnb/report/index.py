"""The indexes: one a period (team by stage, failures first) and one over all periods.

They are made from the periods' ``run.json`` alone, so that they can be made again at any time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from salesnb import words
from salesnb.report.run_record import NotebookRecord, RunRecord, read_run
from salesnb.report.siblings import stage_name, stages_of
from salesnb.report.standing import FIGURES, Standing, standings
from salesnb.report.style import HTML_LANG, page_style
from salesnb.scope import WHOLE_COMPANY
from salesnb.show.light import light, rated
from salesnb.show.numbers import figure, period_text
from salesnb.show.sentence import capitalised, column_name, team_text
from salesnb.show.style import style
from salesnb.show.text import escaped, plain, whole_clauses
from salesnb.stores import Store

INDEX = "index.html"
"""The page over all periods, in the first language that any of them has."""

_TEMPLATES = Path(__file__).parent / "template"
_UNITS = {"attainment": "rate"}
_STYLES = {"gap": "signed-even"}


def write_indexes(store: Store, changed: Collection[str] | None = None) -> None:
    """Write the index of every period that has a record, and the one over all of them.

    Where ``changed`` names the periods whose records are new, only theirs, those of their neighbours, which link to
    them, and the one over all are written; none where no period has changed.
    """
    if changed is not None and not changed and store.read_all([INDEX]):
        return
    records = dict(_records(store))
    teams = {name: standings(record) for name, record in records.items()}
    for name, record in records.items():
        if changed and not {name, *_neighbours(name, records)} & set(changed):
            continue
        for lang in languages(record):
            text = period_index(record, teams[name], lang, list(records))
            store.write(f"{name}/{index_name(lang, record)}", text.encode())
    every = sorted({lang for record in records.values() for lang in languages(record)}) or ["en"]
    for lang in every:
        path = INDEX if lang == every[0] else f"index.{lang}.html"
        store.write(path, periods_index(records, teams, lang, every).encode())


def _records(store: Store) -> Iterator[tuple[str, RunRecord]]:
    """Yield every period's record; one of another version is passed over, its pages stay where they are."""
    for period in sorted(store.folders()):
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            yield period, read_run(store, period)


def languages(record: RunRecord) -> list[str]:
    """Return the languages of a run, the one of ``index.html`` first."""
    made = {lang for n in record["notebooks"] for lang in n["page"]}
    asked = record["parameters"].get("lang", "en")
    return sorted(made) or (["en", "zh"] if asked == "both" else [asked])


def index_name(lang: str, record: RunRecord) -> str:
    """Return the file name of a period's index in one language."""
    return "index.html" if lang == languages(record)[0] else f"index.{lang}.html"


def period_index(record: RunRecord, teams: Sequence[Standing], lang: str, periods: Sequence[str]) -> str:
    """Return the index of one period: verdict, failures, team by stage."""
    stages = stages_of(record)
    failures = [_failure(n, lang) for s in teams for n in s.notebooks if n["status"] == "failed"]
    waiting = sum(n["status"] == "not run" for n in record["notebooks"])
    if waiting:
        failures.append(_waiting(waiting, lang))
    others = [(HTML_LANG[k], index_name(k, record)) for k in languages(record) if k != lang]
    return _render(
        "period.html.j2",
        lang,
        record,
        heading=words.text("report", "back", lang),
        period=period_text(record["period"], lang),
        verdict=whole_clauses(verdict(teams, lang)),
        up="../index.html" if lang == languages(record)[0] else f"../index.{lang}.html",
        others=others,
        near=_near(record, periods, lang),
        failures=failures,
        failed_of=_failed_of(record, lang),
        order=words.text("report", "table.order", lang, currency=_currency(record)),
        figures=[(_kind(name), column_name(name, lang)) for name in FIGURES],
        stages=[stage_name(stage, lang) for stage in stages],
        teams=[_team_row(s, stages, lang) for s in teams],
    )


def periods_index(
    records: dict[str, RunRecord], teams: dict[str, list[Standing]], lang: str, every: Sequence[str]
) -> str:
    """Return the index over all periods, the latest first."""
    newest = max(records.values(), key=lambda r: r["finished"], default=None)
    rows = [_period_row(records[name], teams[name], lang) for name in sorted(records, reverse=True)]
    return _render(
        "periods.html.j2",
        lang,
        newest,
        heading=words.text("report", "index", lang),
        period=words.text("report", "all_periods", lang),
        verdict="",
        up="",
        others=[
            (HTML_LANG[k], "index.html" if k == every[0] else f"index.{k}.html") for k in every if k != lang
        ],
        figures=[(_kind(name), column_name(name, lang)) for name in FIGURES],
        rows=rows,
    )


def verdict(teams: Sequence[Standing], lang: str) -> str:
    """Say how the whole company stands and which team is furthest behind."""
    whole = next((s for s in teams if s.team == WHOLE_COMPANY), None)
    if whole is None or whole.figures["sales"] is None:
        return words.text("report", "verdict.nothing", lang)
    written = {name: figure(whole.figures[name], "money", lang, "abs") for name in ("sales", "target", "gap")}
    gap = whole.figures["gap"]
    if gap is None:
        return words.text("report", "verdict.sales_only", lang, **written)
    behind = [s for s in teams if s is not whole and (s.figures["gap"] or 0) < 0]
    worst = min(behind, key=lambda s: s.figures["gap"] or 0, default=None)
    if worst is None:
        return words.text("report", "verdict.behind_alone" if gap < 0 else "verdict.ahead", lang, **written)
    most = figure(worst.figures["gap"], "money", lang, "abs")
    key = "verdict.behind" if gap < 0 else "verdict.ahead_although"
    return words.text("report", key, lang, team=plain(worst.team), most=most, **written)


def _render(template: str, lang: str, record: RunRecord | None, **fields: Any) -> str:
    text = {key: node[lang] for key, node in words.texts("report")}
    title = " · ".join(part for part in (text["index"], fields["period"]) if part)
    frame = {"lang": HTML_LANG[lang], "title": title, "css": style() + page_style(), "words": text}
    about = {"version": record["version"] if record else "", "made": record["finished"] if record else ""}
    return _environment().get_template(template).render(**frame, **about, **fields)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def _team_row(standing: Standing, stages: Sequence[str], lang: str) -> dict[str, Any]:
    by_stage = {n["stage"]: n for n in standing.notebooks}
    read = [by_stage[s] for s in reversed(stages) if s in by_stage and by_stage[s]["status"] == "ok"]
    name = capitalised(team_text(standing.team, lang))
    return {
        "name": name,
        "anchor": "team-" + quote(standing.folder),
        "href": _href(read[0], lang) if read else "",
        "whole": standing.team == WHOLE_COMPANY,
        "figures": _figures(standing, lang),
        "light": rated(standing.light, lang),
        "stages": [_stage_cell(by_stage.get(s), name, lang) for s in stages],
    }


def _kind(name: str) -> str:
    return {"sales": "", "gap": "gap"}.get(name, "quiet")


def _figures(standing: Standing, lang: str) -> list[tuple[str, str]]:
    return [
        (_kind(name),
         figure(standing.figures[name], _UNITS.get(name, "money"), lang, _STYLES.get(name, "even")))
        for name in FIGURES
    ]  # fmt: skip


def _stage_cell(notebook: NotebookRecord | None, team: str, lang: str) -> str:
    if notebook is None:
        return ""
    if notebook["status"] != "ok":
        word = "failed" if notebook["status"] == "failed" else "not_run"
        return light("failed" if word == "failed" else "none", words.text("report", f"table.{word}", lang))
    hidden = f'<span class="snb-hide"> {escaped(team)}, {escaped(stage_name(notebook["stage"], lang))}</span>'
    href = _href(notebook, lang)
    text = words.text("report", "table.ready", lang)
    return f'<a href="{escaped(href)}">{text}{hidden}</a>' if href else text


def _href(notebook: NotebookRecord, lang: str) -> str:
    pages = notebook["page"]
    return quote(pages.get(lang) or next(iter(pages.values()), ""))


def _failure(notebook: NotebookRecord, lang: str) -> dict[str, Any]:
    reason = notebook["reason"].get(lang) or words.text("report", "table.reason_none", lang)
    stage = stage_name(notebook["stage"], lang)
    place = words.text(
        "report", "table.place", lang, team=capitalised(team_text(notebook["team"], lang)), stage=stage
    )
    mark = light("failed", words.text("report", "table.failed", lang))
    return {
        "place": place,
        "reason": plain(reason),
        "light": mark,
        "missing": [plain(q) for q in notebook["missing"].get(lang, ())],
    }


def _waiting(count: int, lang: str) -> dict[str, Any]:
    """Say once how many notebooks have not had their turn, however many they are."""
    mark = light("none", words.text("report", "table.not_run", lang))
    return {
        "place": words.text("report", "table.waiting", lang, count=count),
        "reason": words.text("report", "table.waiting_about", lang), "light": mark, "missing": [],
    }  # fmt: skip


def _failed_of(record: RunRecord, lang: str) -> str:
    states = [n["status"] for n in record["notebooks"]]
    failed, waiting = states.count("failed"), states.count("not run")
    key = "table.failed_and_waiting" if waiting else "table.failed_of"
    return words.text("report", key, lang, failed=failed, waiting=waiting, all=len(states))


def _period_row(record: RunRecord, teams: Sequence[Standing], lang: str) -> dict[str, Any]:
    whole = next((s for s in teams if s.team == WHOLE_COMPANY), None)
    names = {k: index_name(k, record) for k in languages(record)}
    bad = sum(n["status"] != "ok" for n in record["notebooks"])
    made = words.text("report", "table.complete", lang)
    return {
        "name": period_text(record["period"], lang),
        "href": f"{quote(record['period'])}/{names.get(lang, 'index.html')}",
        "figures": _figures(whole, lang) if whole else [("", figure(None, "money", lang))] * len(FIGURES),
        "teams": sum(t["team"] != WHOLE_COMPANY for t in record["teams"]),
        "pages": len(record["notebooks"]) - bad,
        "state": light("failed", _failed_of(record, lang)) if bad else light("green", made),
    }


def _near(record: RunRecord, periods: Sequence[str], lang: str) -> list[tuple[str, str]]:
    """Return links to the period before and after of the same kind, where they have an index."""
    near = zip(("previous", "next"), _neighbours(record["period"], periods), strict=True)
    return [
        (words.text("report", f"table.{word}", lang, period=period_text(other, lang)),
         f"../{quote(other)}/{index_name(lang, record)}")
        for word, other in near
        if other
    ]  # fmt: skip


def _neighbours(period: str, periods: Iterable[str]) -> tuple[str, str]:
    """Return the period of the same kind before one and the one after it, blank where there is none."""
    kind = re.sub(r"\d", "0", period)
    alike = sorted({period, *(p for p in periods if re.sub(r"\d", "0", p) == kind)})
    here = alike.index(period)
    return alike[here - 1] if here else "", alike[here + 1] if here + 1 < len(alike) else ""


def _currency(record: RunRecord) -> str:
    return record["parameters"].get("currency", "CNY")
