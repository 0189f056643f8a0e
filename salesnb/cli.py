"""The command ``salesnb``: a thin skin over batch, data and sample; problems are told in a line each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from salesnb import settings as rules
from salesnb import words
from salesnb.errors import SalesnbError, ScopeError, problem

if TYPE_CHECKING:
    import pandas as pd

    from salesnb.batch.run import Progress

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
_SHOWN = 20

_out = Console(soft_wrap=True, highlight=False)
_err = Console(stderr=True, soft_wrap=True, highlight=False)


def _help(key: str) -> str:
    return words.text("cli", f"help.{key}", "en")


app = typer.Typer(
    help=_help("salesnb"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)

Data = Annotated[str, typer.Option("--data", help=_help("data"))]
SettingsFile = Annotated[str, typer.Option("--settings", help=_help("settings"))]
Lang = Annotated[str, typer.Option("--lang", help=_help("lang"))]


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
    period: Annotated[str, typer.Option("--period", help=_help("period"))],
    settings: SettingsFile = "",
    as_of: Annotated[str, typer.Option("--as-of", help=_help("as_of"))] = "",
    team: Annotated[list[str] | None, typer.Option("--team", help=_help("team"))] = None,
    stage: Annotated[list[str] | None, typer.Option("--stage", help=_help("stage"))] = None,
    lang: Lang = "",
    audience: Annotated[str, typer.Option("--audience", help=_help("audience"))] = "leadership",
    out: Annotated[Path, typer.Option("--out", help=_help("out"))] = Path("reports"),
    workers: Annotated[int, typer.Option("--workers", min=0, help=_help("workers"))] = 0,
    notebooks: Annotated[Path | None, typer.Option("--notebooks", help=_help("notebooks"))] = None,
) -> None:
    """Run the notebooks of teams and periods; the index's path is the last line."""
    with _problems_told(data, settings, lang) as speak:
        from salesnb.batch.run import Request
        from salesnb.batch.run import run as run_batch

        request = Request(
            data, period, settings, as_of, tuple(team or ()), tuple(stage or ()), lang, audience, out, workers,
            notebooks or _notebooks(),
        )  # fmt: skip
        with _Bar(speak) as bar:
            outcome = run_batch(request, bar.tell)
        for failed_in, record in outcome.failures:
            where, reason = f"{failed_in} {record['team']} {record['stage']}", record["reason"][speak.lang]
            _err.print(speak("failed", where=where, reason=reason))
        _out.print(escape(str(outcome.index)))
    if outcome.failures:
        raise typer.Exit(FAILED)


@app.command(help=_help("check"))
def check(data: Data, settings: SettingsFile = "", lang: Lang = "") -> None:
    """Read, map and validate the files; print what became of every row."""
    with _problems_told(data, settings, lang) as speak:
        _check_language(lang, ("", *words.LANGUAGES, "both"))
        from salesnb.data import check as check_data

        intake = check_data(data, settings)
        for row in _records(intake.files):
            _out.print(speak("accounting", **row))
        bad = _records(intake.quarantine)
        for row in bad[:_SHOWN]:
            _out.print(speak("quarantined", **{**row, "reason": speak.reasons(row["reason"])}))
        if len(bad) > _SHOWN:
            _out.print(speak("more", count=len(bad) - _SHOWN))
        _out.print(speak("checked", rows=int(intake.files["rows_accepted"].sum()), bad=len(bad)))


@app.command(help=_help("sample"))
def sample(
    folder: Annotated[Path, typer.Argument(help=_help("sample_folder"))],
    lang: Annotated[str, typer.Option("--lang", help=_help("sample_lang"))] = words.LANGUAGES[0],
) -> None:
    """Write the files of the sample company."""
    with _problems_told("", "", lang) as speak:
        _check_language(lang, words.LANGUAGES)
        from salesnb.data.sample import write

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

    def reasons(self, codes: str) -> str:
        """Word the codes of one or several reasons for which a row was put aside."""
        known = [
            words.text("reasons", c, self.lang) if words.has("reasons", c) else c for c in codes.split("; ")
        ]
        return "; ".join(known)


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


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _notebooks() -> Path:
    """Return the notebooks of the working folder, else those of the checkout that the package lies in."""
    here = Path("notebooks")
    return here if here.is_dir() else Path(__file__).resolve().parent.parent / "notebooks"


class _Bar:
    """A progress bar on the error stream; plain where that is no terminal."""

    def __init__(self, speak: _Speaker) -> None:
        self._speak = speak
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Bar(*columns, console=_err, transient=False)
        self._task = self._bar.add_task(speak("preparing"), total=None)

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, progress: Progress) -> None:
        """Show how far a run is."""
        done = progress.last
        text = escape(f"{done['team']} {done['stage']}") if done else self._speak("running")
        self._bar.update(self._task, completed=progress.ended, total=progress.total, description=text)


if __name__ == "__main__":
    sys.exit(app())
