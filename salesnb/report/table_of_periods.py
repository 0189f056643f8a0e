"""The rows of a table of periods: what the company sold, how many teams are on target, whether all pages are there."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from salesnb.report.index_frame import amounts, index_name, languages, said
from salesnb.report.index_marks import bar
from salesnb.report.run_record import RunRecord
from salesnb.report.standing import RollUp, Standing, roll_up, split
from salesnb.show.numbers import period_text

Told = tuple[RunRecord, Sequence[Standing]]
"""A period's record and its teams."""


def period_rows(periods: Sequence[Told], lang: str, here: str = "") -> dict[str, Any]:
    """Return the rows of periods, the latest first, with their unit; ``here`` is the one whose index it is."""
    entries = [_company(teams) for _, teams in periods]
    currencies = {record["head"]["currency"] for record, _ in periods}
    wording = amounts(entries, currencies.pop() if len(currencies) == 1 else "", lang)
    most = max((e.attainment for e in entries if e and e.attainment is not None), default=1.0)
    rows = [
        _row(record, teams, entry, lang, here)
        | {"figures": wording.row(entry), "bar": bar(entry.attainment if entry else None, most)}
        for (record, teams), entry in zip(periods, entries, strict=True)
    ]
    unit = said("periods.amounts", lang, unit=wording.unit) if wording.unit else ""
    return {"rows": rows[::-1], "unit": unit}


def _company(teams: Sequence[Standing]) -> RollUp | None:
    """Return the figures of the whole company from its own pages; where it was not run, those of all teams."""
    own, whole = split(teams)
    for found in ([whole] if whole else [], own):
        together = roll_up(found)
        if together.teams:
            return together
    return None


def _row(record: RunRecord, teams: Sequence[Standing], entry: RollUp | None, lang: str, here: str) -> dict[str, Any]:
    own = split(teams)[0]
    together = roll_up(own)
    spoken = languages(record)
    name = index_name(lang if lang in spoken else spoken[0], spoken)
    place = "" if record["period"] == here else f"{quote(record['period'])}/{name}"
    counted = said("periods.of", lang, met=together.met, judged=len(together.teams)) if together.teams else "–"
    states = [n["status"] for n in record["notebooks"]]
    failed, waiting = states.count("failed"), states.count("not run")
    state = "failed" if failed else "waiting" if waiting else "complete"
    return {
        "name": period_text(record["period"], lang),
        "href": f"../{place}" if here and place else place,
        "open": not record["head"]["complete"],
        "met": counted,
        "teams": len(own),
        "pages": states.count("ok"),
        "code": {"complete": "done"}.get(state, state),
        "state": said(f"periods.{state}", lang, failed=failed, waiting=waiting, all=len(states)),
    }
