"""The indexes: one a period (team by stage, failures first) and one over all periods.

They are made from the periods' ``run.json``, and from what lies in their folders, so that they can be made again at any
time.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from salesnb.places import Place
from salesnb.report.files import START_FILES
from salesnb.report.index_frame import index_name, languages
from salesnb.report.period_index import LOOK_BACK, Issue, period_pages
from salesnb.report.periods_index import alike, periods_index
from salesnb.report.run_record import RunRecord, read_run
from salesnb.report.standing import Standing, standings

_FURTHER = re.compile(r"index-\d+(\.\w+)?\.html")

INDEX = "index.html"
"""The page over all periods, in the first language that any of them has."""


def write_indexes(place: Place, changed: Collection[str] | None = None) -> None:
    """Write the index of every period that has a record, and the one over all of them.

    Where ``changed`` names the periods whose records are new, only theirs, those that list them or link to them, and
    the one over all are written; none where no period has changed.
    """
    if changed is not None and not changed and place.read_all([INDEX]):
        return
    records = dict(_records(place))
    teams = {name: standings(record) for name, record in records.items()}
    for name in _affected(changed, records):
        issue = _issue(place, name, records, teams)
        every = languages(issue.record)
        pages = {f"{name}/{file}": page for lang in every for file, page in period_pages(issue, lang)}
        for path, page in pages.items():
            place.write(path, page.encode())
        for left in _further_pages(place, name) - pages.keys():
            place.remove(left)
    every = sorted({lang for record in records.values() for lang in languages(record)}) or ["en"]
    for lang in every:
        place.write(index_name(lang, every), periods_index(records, teams, lang, every).encode())


def _further_pages(place: Place, period: str) -> set[str]:
    """Return the further pages of a period's index; there may be some of a time with more teams."""
    return {path for path in place.find(period) if _FURTHER.fullmatch(path.removeprefix(f"{period}/"))}


def _records(place: Place) -> Iterator[tuple[str, RunRecord]]:
    """Yield every period's record; one of another version is passed over, its pages stay where they are."""
    for period in sorted(place.folders()):
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            yield period, read_run(place, period)


def _affected(changed: Collection[str] | None, records: Mapping[str, RunRecord]) -> list[str]:
    """Return the periods whose indexes say something of those that changed: they are listed up to `LOOK_BACK` later."""
    if not changed:
        return list(records)
    found = set()
    for period in changed:
        run = alike(period, records)
        here = run.index(period)
        found |= set(run[max(here - 1, 0) : here + LOOK_BACK + 1])
    return [name for name in records if name in found]


def _issue(place: Place, name: str, records: Mapping[str, RunRecord], teams: Mapping[str, Sequence[Standing]]) -> Issue:
    run = alike(name, records)
    here = run.index(name)
    earlier = [(records[p], teams[p]) for p in run[max(here - LOOK_BACK, 0) : here]]
    near = (run[here - 1] if here else "", run[here + 1] if here + 1 < len(run) else "")
    return Issue(records[name], teams[name], earlier, near, _starts(place.find(name)))


def _starts(files: Iterable[str]) -> set[str]:
    """Return the start pages of teams among the files of a period."""
    return {file for file in files if file.rpartition("/")[2] in START_FILES}
