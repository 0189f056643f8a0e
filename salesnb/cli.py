"""The command ``salesnb``: a thin skin over batch, data and sample; problems are told in a line each."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from salesnb import settings as rules
from salesnb import words
from salesnb.errors import SalesnbError, ScopeError, problem

if TYPE_CHECKING:
    from salesnb.batch.events import Event

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130

_out = Console(soft_wrap=True, highlight=False)
_err = Console(stderr=True, soft_wrap=True, highlight=False)


def _help(key: str) -> str:
    return words.text("cli", f"help.{key}", "en")


app = typer.Typer(help=_help("salesnb"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Data = Annotated[str, typer.Option("--data", help=_help("data"))]
SettingsFile = Annotated[str, typer.Option("--settings", help=_help("settings"))]
Lang = Annotated[str, typer.Option("--lang", help=_help("lang"))]
Out = Annotated[str, typer.Option("--out", help=_help("out"))]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("salesnb"))
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_help("version"))
    ] = False,
) -> None:
    """Hold the options that stand before any command."""


@app.command(help=_help("run"))
def run(
    data: Data,
    period: Annotated[str, typer.Option("--period", help=_help("period"))] = "latest",
    settings: SettingsFile = "",
    as_of: Annotated[str, typer.Option("--as-of", help=_help("as_of"))] = "",
    team: Annotated[list[str] | None, typer.Option("--team", help=_help("team"))] = None,
    stage: Annotated[list[str] | None, typer.Option("--stage", help=_help("stage"))] = None,
    lang: Lang = "",
    audience: Annotated[str, typer.Option("--audience", help=_help("audience"))] = "leadership",
    out: Out = "reports",
    workers: Annotated[int, typer.Option("--workers", min=0, help=_help("workers"))] = 0,
    notebooks: Annotated[Path | None, typer.Option("--notebooks", help=_help("notebooks"))] = None,
    force: Annotated[bool, typer.Option("--force", help=_help("force"))] = False,
    time_limit: Annotated[float, typer.Option("--time-limit", min=0, help=_help("time_limit"))] = 30,
    kernel: Annotated[str, typer.Option("--kernel", help=_help("kernel"))] = "warm",
    scheduler: Annotated[str, typer.Option("--scheduler", help=_help("scheduler"))] = "",
) -> None:
    """Run the notebooks of teams and periods; the index's path is the last line."""
    with _problems_told(data, settings, lang) as speak, _terminated_like_interrupted():
        from salesnb.batch.request import Request
        from salesnb.batch.run import run as run_batch

        request = Request(
            data, period, settings, as_of, tuple(team or ()), tuple(stage or ()), lang, audience, out, workers,
            notebooks or _notebooks(), force, kernel, time_limit, scheduler,
        )  # fmt: skip
        with _Screen(speak) as screen:
            outcome = run_batch(request, screen.tell)
        for failed_in, record in outcome.failures:
            where, reason = f"{failed_in} {record['team']} {record['stage']}", record["reason"][speak.lang]
            _err.print(speak("failed", where=where, reason=reason))
        if outcome.unwritten:
            _err.print(escape(outcome.unwritten[speak.lang]))
        _out.print(escape(outcome.index))
    if outcome.failures or outcome.unwritten:
        raise typer.Exit(FAILED)


@app.command(help=_help("status"))
def status(
    out: Out = "reports",
    period: Annotated[str, typer.Option("--period", help=_help("status_period"))] = "",
    lang: Lang = "",
) -> None:
    """Say what a batch has done and what is left, while it runs and after."""
    with _problems_told("", "", lang) as speak:
        from salesnb.batch.status import status_of

        found = status_of(out, period)
        for one in found.periods:
            _out.print(speak("status.period", **one.counts()))
            for record in one.failed:
                where, reason = (f"{one.period} {record['team']} {record['stage']}", record["reason"][speak.lang])
                _out.print("  " + speak("failed", where=where, reason=reason))
        for event in found.running:
            where = f"{event.period} {event.team} {event.stage}"
            _out.print(speak("status.running", where=where, seconds=f"{event.seconds:.0f}"))
        state = "nothing" if not found.periods else "open" if found.owner else "closed"
        _out.print(speak(f"status.{state}", owner=found.owner, out=out))
    if any(one.failed for one in found.periods):
        raise typer.Exit(FAILED)


@app.command(help=_help("export"))
def export(
    form: Annotated[list[str], typer.Argument(metavar="FORMAT...", help=_help("export_format"))],
    out: Out = "reports",
    period: Annotated[str, typer.Option("--period", help=_help("export_period"))] = "",
    team: Annotated[list[str] | None, typer.Option("--team", help=_help("export_team"))] = None,
    stage: Annotated[list[str] | None, typer.Option("--stage", help=_help("export_stage"))] = None,
    lang: Annotated[str, typer.Option("--lang", help=_help("export_lang"))] = "",
) -> None:
    """Put reports into other forms; every file's path is a line, of managers' folders that of their first pages."""
    failed = False
    with _problems_told("", "", lang) as speak, _terminated_like_interrupted():
        _check_language(lang, ("", *words.LANGUAGES, "both"))
        from salesnb.formats.export import Request
        from salesnb.formats.export import export as export_reports

        request = Request(tuple(form), out, period, tuple(team or ()), tuple(stage or ()), lang)
        for made in export_reports(request, lambda owner: _err.print(speak("export.waiting", owner=owner))):
            for file in made.told:
                _out.print(escape(file))
            if made.reason:
                failed = True
                where = f"{made.period} {made.team}".strip()
                _err.print(speak("export.failed", where=where, format=made.form, reason=made.reason[speak.lang]))
    if failed:
        raise typer.Exit(FAILED)


@app.command(help=_help("check"))
def check(
    data: Data,
    settings: SettingsFile = "",
    lang: Lang = "",
    propose: Annotated[bool, typer.Option("--propose", help=_help("propose"))] = False,
) -> None:
    """Read, map and validate the files; print what became of every row, and everything that is in the way."""
    with _problems_told(data, settings, lang) as speak:
        _check_language(lang, ("", *words.LANGUAGES, "both"))
        from salesnb.check import examine, proposal, report

        if propose:
            made = proposal.propose(data, speak.lang)
            seen = made.seen
            for line in report.proposed(made, speak.lang):
                _out.print(escape(line))
        else:
            seen = examine.examine(data, settings)
        bad = report.write_quarantine(seen.faults, lambda codes: report.reasons(codes, speak.lang))
        for line in report.report(seen, speak.lang, bad):
            _out.print(escape(line))
    if seen.problems:
        raise typer.Exit(BAD_INPUT)


@app.command(help=_help("doctor"))
def doctor(
    data: Annotated[str, typer.Option("--data", help=_help("doctor_data"))] = "",
    settings: SettingsFile = "",
    out: Out = "reports",
    workers: Annotated[int, typer.Option("--workers", min=0, help=_help("workers"))] = 0,
    pdf: Annotated[bool, typer.Option("--pdf", help=_help("doctor_pdf"))] = False,
    lang: Lang = "",
) -> None:
    """Say whether this machine is ready for a batch, and what to do where it is not."""
    with _problems_told(data, settings, lang) as speak:
        _check_language(lang, ("", *words.LANGUAGES, "both"))
        from salesnb.doctor import Request, examine, summary

        states = Counter[str]()
        for found in examine(Request(data, settings, out, workers, notebooks=_notebooks(), pdf=pdf)):
            states[found.state] += 1
            _out.print(escape(_printable(found.line, speak.lang)))
        _out.print(_printable(partial(summary, states), speak.lang))
    if states["fail"]:
        raise typer.Exit(FAILED)


def _printable(found: Callable[[str], str], lang: str) -> str:
    """Return a text in a language, in English where the terminal cannot print that; this is one of the checks."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        return found(lang).encode(encoding).decode(encoding)
    except UnicodeEncodeError:
        return found("en").encode(encoding, "replace").decode(encoding)


@app.command(help=_help("sample"))
def sample(
    folder: Annotated[Path, typer.Argument(help=_help("sample_folder"))],
    lang: Annotated[str, typer.Option("--lang", help=_help("sample_lang"))] = words.LANGUAGES[0],
) -> None:
    """Write the files of the sample company."""
    with _problems_told("", "", lang) as speak:
        _check_language(lang, words.LANGUAGES)
        from salesnb.sample import write

        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            _err.print(speak("folder_taken", folder=folder))
            raise typer.Exit(BAD_INPUT)
        write(folder, lang=lang)
        _out.print(speak("sample_written", folder=folder))


@dataclass(frozen=True)
class _Speaker:
    """Words messages in one language, ready to be printed."""

    lang: str

    def __call__(self, key: str, /, **fields: object) -> str:
        return escape(words.text("cli", key, self.lang, **fields))


@contextmanager
def _problems_told(data: str, settings: str, lang: str) -> Iterator[_Speaker]:
    """Give a speaker of the user's language; turn problems into lines and exit codes."""
    speak = _Speaker(_one(lang, data, settings))
    try:
        yield speak
    except SalesnbError as fault:
        _err.print(escape(fault.text(speak.lang)))
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        _err.print(speak("interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    except OSError as fault:
        _err.print(speak("system", file=fault.filename or "-", reason=fault.strerror or fault))
        raise typer.Exit(BAD_INPUT) from None


def _check_language(lang: str, known: tuple[str, ...]) -> None:
    if lang not in known:
        raise ScopeError(problem("lang_unknown", found=repr(lang)))


def _one(lang: str, data: str, settings: str) -> str:
    """Return the one language to speak: the option's, else the settings', else English."""
    if not lang:
        path = Path(settings) if settings else Path(data) / rules.FILE_NAME
        lang = rules.language(path)
    return lang if lang in words.LANGUAGES else words.LANGUAGES[0]


def _notebooks() -> Path:
    """Return the notebooks of the working folder, else those of the installed package, else those of the checkout."""
    package = Path(__file__).resolve().parent
    known = (Path("notebooks"), package / "notebooks")
    return next((folder for folder in known if any(folder.glob("*.ipynb"))), package.parent / "notebooks")


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """End as Ctrl-C does when cron, a container or a service manager asks the process to end."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Screen:
    """One line per event on the error stream, above a progress bar where that is a terminal."""

    def __init__(self, speak: _Speaker) -> None:
        self._speak = speak
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Bar(*columns, console=_err, transient=True, disable=not _err.is_terminal)
        self._task = self._bar.add_task(speak("preparing"), total=None)

    def __enter__(self) -> _Screen:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, event: Event) -> None:
        """Show an event; those that only say that something goes on as it should move the bar alone."""
        where = f"{event.period} {event.team} {event.stage}".strip()
        text = escape(where) if where else self._speak("running")
        self._bar.update(self._task, completed=event.done, total=event.total or None, description=text)
        if words.has("cli", f"events.{event.kind}"):
            fields = {**asdict(event), "where": where, "reason": event.reason.get(self._speak.lang, "")}
            clock = datetime.now().strftime("%H:%M:%S")
            _err.print(f"{clock}  " + self._speak(f"events.{event.kind}", **fields))


if __name__ == "__main__":
    sys.exit(app())
