"""Put reports that a batch has written into other forms, beside its pages: for each team, or for a whole period."""

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from salesnb import words
from salesnb.batch.events import LOCK
from salesnb.batch.records import exported, new_record, note_exported, read_records
from salesnb.errors import InputError, SalesnbError, ScopeError, nearest, problem
from salesnb.formats.bundle import FOLDER, bundle
from salesnb.formats.calendar_entries import calendar_entries
from salesnb.formats.email import email
from salesnb.formats.message import message
from salesnb.formats.pdf import START, check_printing, index, pdf, printing
from salesnb.formats.team_report import TeamReport
from salesnb.formats.xlsx import xlsx
from salesnb.places import Place, open_place
from salesnb.report.run_record import RunRecord, read_run
from salesnb.stages import in_order

Format = Callable[[TeamReport, str], Mapping[str, bytes]]
"""Makes the files of one team in one language: names relative to the team's folder, and contents."""

PeriodFormat = Callable[[Sequence[TeamReport], Sequence[str]], Mapping[str, bytes]]
"""Makes files from all teams of a period in all languages asked for: names relative to the period's folder."""

FORMATS: dict[str, Format] = {
    "pdf": pdf,
    "xlsx": xlsx,
    "email": email,
    "message": message,
    "calendar": calendar_entries,
}
"""What each team's report can be put into, by the name that the command takes."""

PERIOD_FORMATS: dict[str, PeriodFormat] = {"index": index, "bundle": bundle}
"""The same for what is made of all teams of a period together."""

NEEDS: dict[str, Callable[[Sequence[str]], object]] = {"pdf": check_printing, "index": check_printing}
"""What a format needs of this machine for these languages: raises a SalesnbError where that is not there."""

WITHIN: dict[str, Callable[[], AbstractContextManager[object]]] = {"pdf": printing}
"""What a format keeps from one team to the next, such as a browser."""


@dataclass(frozen=True)
class Request:
    """What to export; empty means the newest period, all teams, all stages, every language that there are pages in."""

    formats: tuple[str, ...]
    out: str | Path = "reports"
    period: str = ""
    teams: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    lang: str = ""


@dataclass(frozen=True)
class Exported:
    """One thing that was put into a form, or could not be: the files by path or URL, or the reason by language.

    ``team`` is empty for what is made of a whole period.
    """

    form: str
    period: str
    team: str = ""
    files: tuple[str, ...] = ()
    reason: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> tuple[str, ...]:
        """The files to name: of managers' folders the first pages, and the list of who gets what."""
        inner = f"/{FOLDER}/"
        return tuple(f for f in self.files if self.form != "bundle" or f.rpartition(inner)[2].count("/") < 2)


def export(request: Request, waiting: Callable[[str], None] = lambda _: None) -> Iterator[Exported]:
    """Yield what was exported, as it is done; ``waiting`` is told who writes to the same place, if anyone does.

    Raises
    ------
    SalesnbError
        Before anything is made: a format, period, team, stage or language does not exist, or this machine lacks
        what a format needs.
    """
    _check_formats(request.formats)
    place = open_place(request.out)
    period = request.period or _newest(place)
    run = _run(place, period)
    reports = _reports(place, run, request)
    if not reports:
        raise InputError(problem("report_empty"))
    langs = _languages(reports, request.lang)
    for form in request.formats:
        NEEDS.get(form, lambda _: None)(langs)
    owner = f"{platform.node()}, {os.getpid()}"
    with place.lock(LOCK, waiting, owner):
        for form in request.formats:
            if form in FORMATS:
                with WITHIN.get(form, nullcontext)():
                    yield from (_team(FORMATS[form], form, report, langs) for report in reports)
            else:
                yield _period(PERIOD_FORMATS[form], form, period, reports, langs)


def _check_formats(asked: Sequence[str]) -> None:
    known = [*FORMATS, *PERIOD_FORMATS]
    wrong = [name for name in asked if name not in known]
    if wrong or not asked:
        listed = ", ".join(known)
        raise ScopeError(
            *(problem("format_unknown", found=repr(n), near=nearest(n, known), known=listed) for n in wrong or [""])
        )


def _newest(place: Place) -> str:
    """Return the period that was run last; ties are settled by name."""
    runs = [run for name in sorted(place.folders()) if (run := _readable(place, name)) is not None]
    if not runs:
        raise InputError(problem("reports_missing", place=place.shown))
    return max(runs, key=lambda run: (run["finished"], run["period"]))["period"]


def _run(place: Place, period: str) -> RunRecord:
    run = _readable(place, period)
    if run is None:
        known = [name for name in sorted(place.folders()) if _readable(place, name) is not None]
        if not known:
            raise InputError(problem("reports_missing", place=place.shown))
        raise ScopeError(problem("reports_of_period", found=repr(period), known=", ".join(known)))
    return run


def _readable(place: Place, period: str) -> RunRecord | None:
    try:
        return read_run(place, period)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _reports(place: Place, run: RunRecord, request: Request) -> list[TeamReport]:
    """Return the reports asked for; ScopeError for teams and stages that the period does not have."""
    folders = {entry["team"]: entry["folder"] for entry in run["teams"]}
    stages = in_order(n["stage"] for n in run["notebooks"])
    wrong = [
        problem("team_unknown", found=repr(t), near=nearest(t, folders), teams=", ".join(list(folders)[:20]))
        for t in request.teams
        if t not in folders
    ] + [
        problem("stage_unknown", found=repr(s), near=nearest(s, [*stages, START]), known=", ".join([*stages, START]))
        for s in request.stages
        if s not in (*stages, START)
    ]
    if wrong:
        raise ScopeError(*wrong)
    period = run["period"]
    records = read_records(place, [(period, folder) for folder in folders.values()])
    found = [
        TeamReport(place, period, folder, team, records.get((period, folder), new_record(team, period)), request.stages)
        for team, folder in folders.items()
        if not request.teams or team in request.teams
    ]
    return [report for report in found if report.record["stages"]]


def _languages(reports: Sequence[TeamReport], asked: str) -> list[str]:
    """Return the languages asked for; ScopeError where there are no pages in one of them."""
    made = [lang for lang in words.LANGUAGES if any(lang in report.langs for report in reports)]
    wanted = made if not asked else list(words.LANGUAGES) if asked == "both" else [asked]
    if lacking := [lang for lang in wanted if lang not in made]:
        raise ScopeError(problem("reports_in_language", found=", ".join(lacking), known=", ".join(made) or "-"))
    return wanted


def _team(make: Format, form: str, report: TeamReport, langs: Sequence[str]) -> Exported:
    """Make and write one team's files, all or none of them."""
    folder = f"{report.period}/{report.folder}"
    try:
        if not report.stages and START not in report.wanted:
            raise InputError(problem("report_empty"))
        files = {n: content for lang in langs if lang in report.langs for n, content in make(report, lang).items()}
        earlier = exported(report.place, folder).get(form, [])
        note_exported(report.place, folder, form, [*earlier, *files])
        return _written(report.place, folder, Exported(form, report.period, report.team), files)
    except (SalesnbError, OSError) as fault:
        return Exported(form, report.period, report.team, reason=_reason(fault))


def _period(
    make: PeriodFormat, form: str, period: str, reports: Sequence[TeamReport], langs: Sequence[str]
) -> Exported:
    """Make and write a period's files; what an earlier export left of them and this one does not make is removed."""
    place = reports[0].place
    try:
        files = make(reports, langs)
        earlier = exported(place, period).get(form, [])
        place.remove(*(f"{period}/{name}" for name in earlier if name not in files))
        note_exported(place, period, form, files)
        return _written(place, period, Exported(form, period), files)
    except (SalesnbError, OSError) as fault:
        return Exported(form, period, reason=_reason(fault))


def _written(place: Place, folder: str, made: Exported, files: Mapping[str, bytes]) -> Exported:
    for name, content in files.items():
        place.write(f"{folder}/{name}", content)
    urls = tuple(place.url(f"{folder}/{name}") for name in files)
    return Exported(made.form, made.period, made.team, urls)


def _reason(fault: SalesnbError | OSError) -> dict[str, str]:
    """Say in each language what went wrong."""
    if isinstance(fault, SalesnbError):
        return {lang: fault.text(lang) for lang in words.LANGUAGES}
    said = f"{fault.filename or '-'}: {fault.strerror or fault}"
    return dict.fromkeys(words.LANGUAGES, said)
