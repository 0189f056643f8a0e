"""What an examination has found, as lines of text in one language: grouped, long lists cut with their count."""

import csv
import os
import re
import shlex
import tempfile
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from salesnb import words
from salesnb.check import paste
from salesnb.check.draft import flat, quoted
from salesnb.check.examine import Examination, SeenFile, unknown_values
from salesnb.check.guessing import Guess
from salesnb.check.proposal import NAME, Proposal
from salesnb.data.cells.headers import normal
from salesnb.data.reading.discovery import QUARANTINE_FILE
from salesnb.data.reading.remarks import worded

SHOWN, EXAMPLES = 12, 3
_SEPARATORS = {"\t": "TAB", ",": ",", ";": ";", "|": "|"}

Row = Mapping[Hashable, Any]


class _Speaker:
    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, /, **fields: object) -> str:
        shown = {k: f"{v:,}" if isinstance(v, int) else v for k, v in fields.items()}
        return words.text("check", key, self.lang, **shown)

    def listed(self, parts: Sequence[str], shown: int = SHOWN) -> str:
        """Join the first parts; say how many are left out."""
        left = len(parts) - shown
        rest = [self("list.more", count=left)] if left > 0 else []
        return (", " if self.lang == "en" else "，").join([*map(flat, parts[:shown]), *rest])


def report(seen: Examination, lang: str, quarantine_file: str = "") -> list[str]:
    """Return the whole report.

    Parameters
    ----------
    seen
        What was found.
    lang
        ``en`` or ``zh``.
    quarantine_file
        Where the rows set aside have been written; empty where there are none.
    """
    say = _Speaker(lang)
    parts = [_files(seen, say), _strangers(seen, say), _bad(seen, say, quarantine_file), _unknown(seen, say),
             _remarks(seen, say), _span(seen, say), _problems(seen, say), _verdict(seen, say)]  # fmt: skip
    made: list[str] = []
    for part in parts:
        lines = list(part)
        made += ["", *lines] if made and lines else lines
    return made


# -- files


def _files(seen: Examination, say: _Speaker) -> Iterator[str]:
    counted = {(str(r["table"]), str(r["file"])): r for r in _rows(seen.intake.files)}
    for file in seen.files:
        name = file.sheet.name
        row = counted.pop((file.table, name), None)
        if row is None or not file.sound:
            rows = 0 if row is None else int(row["rows_read"])
            yield say("files.unsound", table=file.table, file=name, rows=rows)
        else:
            yield words.text("check", "files.accounting", say.lang, **{str(k): v for k, v in row.items()})
        yield say("files.read_as", how=_how(file, row, say))
        if file.used:
            columns = [h if normal(c) == normal(h) else f"{c} <- {h}" for c, h in file.used]
            yield say("files.used", columns=say.listed(columns, 40))
        if file.unused:
            yield say("files.unused", columns=say.listed([_unused(file, h, say) for h in file.unused], 30))


def _how(file: SeenFile, row: Row | None, say: _Speaker) -> str:
    sheet, told = file.sheet, []
    if sheet.encoding:
        told.append(say("files.encoding", name=sheet.encoding))
    if sheet.separator:
        told.append(say("files.separator", name=_SEPARATORS.get(sheet.separator, repr(sheet.separator))))
    if sheet.header_number:
        told.append(say("files.header", row=sheet.header_number))
    if sheet.preamble:
        told.append(say("files.preamble", count=sheet.preamble))
    if row is not None and row["rows_blank"]:
        told.append(say("files.blank", count=int(row["rows_blank"])))
    return say.listed(told) or sheet.path.suffix


def _unused(file: SeenFile, header: str, say: _Speaker) -> str:
    guess = next((g for g in file.guessed if g.profile.header == header), None)
    if guess is None:
        return header
    return say("files.nearest", header=header, column=guess.column, line=_line(file, guess).inline())


def _line(file: SeenFile, guess: Guess) -> paste.Line:
    text = f"{guess.column} = {quoted(guess.profile.header)}"
    return paste.Line(f"tables.{file.table}.columns", text)


def _strangers(seen: Examination, say: _Speaker) -> Iterator[str]:
    if not seen.strangers:
        return
    yield say("strangers.head")
    lines = {line.section: line for line in paste.takers(seen)}
    for stranger in seen.strangers[:SHOWN]:
        if stranger.table:
            line = lines[f"tables.{stranger.table}"].inline()
            yield say("strangers.like", file=stranger.file, table=stranger.table, line=line)
        else:
            yield say("strangers.unlike", file=stranger.file)
    if len(seen.strangers) > SHOWN:
        yield "  " + say("list.more", count=len(seen.strangers) - SHOWN)


# -- rows


def _bad(seen: Examination, say: _Speaker, file: str) -> Iterator[str]:
    bad = seen.faults
    if bad.empty:
        return
    yield say("bad.head")
    groups = bad.groupby(["reason", "table", "column"], sort=False)
    ordered = sorted(groups, key=lambda g: -len(g[1]))
    for (reason, table, column), rows in islice(ordered, SHOWN):
        shown = column or say("bad.no_column")
        yield say("bad.reason", rows=len(rows), table=table, column=shown, reason=reasons(str(reason), say.lang))
        if reason == "choice_unknown":
            continue  # told with their counts further on
        for row in _rows(rows.head(EXAMPLES)):
            value = " ".join(str(row["value"]).split())
            place = {"file": row["file"], "row": row["row"], "value": value[:80]}
            yield words.text("check", "bad.example" if value else "bad.blank", say.lang, **place)
        if len(rows) > EXAMPLES:
            yield say("bad.more", count=len(rows) - EXAMPLES)
        for line in paste.for_reason(str(reason), str(table), str(column), seen):
            yield say("bad.line", line=line.inline())
    if len(ordered) > SHOWN:
        yield "  " + say("list.more", count=len(ordered) - SHOWN)
    if file:
        yield say("bad.file", path=file)


def reasons(codes: str, lang: str) -> str:
    """Word the codes of one or several reasons for which a row was set aside."""
    known = [words.text("reasons", c, lang) if words.has("reasons", c) else c for c in codes.split("; ")]
    return "; ".join(known)


def _unknown(seen: Examination, say: _Speaker) -> Iterator[str]:
    told: list[str] = []
    for table, column, counted in unknown_values(seen):
        shown = [f"“{value}” {rows:,}" for value, rows in counted.items()]
        told += [say("unknown.values", table=table, column=column, values=say.listed(shown))]
        told += [say("unknown.line", line=line.inline()) for line in paste.meanings(table, column, counted)]
    for (owner, named), rows in seen.intake.unknown.groupby(["table", "column"], sort=False):
        shown = [f"{r['value']} {r['rows']:,}" for r in _rows(rows.sort_values("rows", ascending=False))]
        told += [say("unknown.strangers", table=owner, column=named, values=say.listed(shown))]
    similar = [f"{r['customer']} ({r['likely']}?)" for r in _rows(seen.intake.similar_customers)]
    told += [say("unknown.similar", values=say.listed(similar))] if similar else []
    if told:
        yield say("unknown.head")
        yield from told


def _remarks(seen: Examination, say: _Speaker) -> Iterator[str]:
    found = [worded(row, say.lang) for row in _rows(seen.intake.remarks)]
    if found:
        yield say("remarks.head")
        yield from (f"  {text}" for text in found[:SHOWN])
        if len(found) > SHOWN:
            yield "  " + say("list.more", count=len(found) - SHOWN)


def _span(seen: Examination, say: _Speaker) -> Iterator[str]:
    if seen.span is None:
        return
    yield say("span.days", first=seen.span.first, newest=seen.span.newest, latest=seen.span.latest)
    teams = seen.span.teams
    yield say("span.teams", count=len(teams), teams=say.listed(teams)) if teams else say("span.no_teams")


# -- what to do


def _problems(seen: Examination, say: _Speaker) -> Iterator[str]:
    if not seen.problems:
        return
    yield say("problems.head", count=len(seen.problems))
    lines: list[paste.Line] = []
    for number, found in enumerate(seen.problems, 1):
        yield f"{number}. {found.text(say.lang)}"
        own = paste.remedies(found, seen)
        lines += own
        yield from (say("problems.line", line=line.inline()) for line in own)
    if lines:
        yield ""
        yield say("problems.block", path=seen.settings_file)
        yield from (f"    {line}" for line in paste.block(lines))
    if seen.settings_file.name != NAME:
        yield ""
        yield say("problems.propose", command=f"salesnb check --propose --data {shlex.quote(seen.asked)}")


def _verdict(seen: Examination, say: _Speaker) -> Iterator[str]:
    if seen.problems:
        yield say("verdict.unusable", count=len(seen.problems))
        return
    rows, bad = int(seen.intake.files["rows_accepted"].sum()), len(seen.intake.quarantine)
    yield say("verdict.usable", rows=rows, bad=bad, command=next_command(seen))


def proposed(made: Proposal, lang: str) -> list[str]:
    """Return where a draft has been written and how much of it is certain; what it yields is a report's matter."""
    say = _Speaker(lang)
    certain, guessed, left = made.draft.count()
    counts = say("proposed.counts", certain=certain, guessed=guessed, left=left)
    return [say("proposed.written", path=made.path), counts, say("proposed.under"), ""]


def next_command(seen: Examination) -> str:
    """Return the command that runs this folder with these settings."""
    command = ["salesnb", "run", "--data", seen.asked]
    if seen.settings_file != seen.folder / "salesnb.toml":
        command += ["--settings", str(seen.settings_file)]
    return shlex.join(command)


def _rows(frame: pd.DataFrame) -> Iterable[Row]:
    return frame.to_dict("records")


# -- every row that was set aside, as a file that a spreadsheet opens: source file, row, column, value, reason


_HEAD = ("table", "file", "row", "column", "value", "reason", "why")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?")


def write_quarantine(bad: pd.DataFrame, reasons: Callable[[str], str]) -> str:
    """Write the rows set aside into the current folder, or where that is closed a temporary one; return the path.

    What an earlier check left there is removed where nothing was set aside; the answer is empty then.

    Parameters
    ----------
    bad
        The accounting's ``quarantine``.
    reasons
        Words the codes of a row's reason.
    """
    place = Path.cwd() if os.access(Path.cwd(), os.W_OK) else Path(tempfile.mkdtemp(prefix="salesnb-"))
    path = place / QUARANTINE_FILE
    if bad.empty:
        if _own(path):
            path.unlink()
        return ""
    if path.exists() and not _own(path):
        path = Path(tempfile.mkdtemp(prefix="salesnb-")) / QUARANTINE_FILE
    rows = bad[list(_HEAD[:-1])].astype(object).itertuples(index=False, name=None)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEAD)
        for row in rows:
            writer.writerow([_harmless(cell) for cell in (*row, reasons(str(row[5])))])
    return str(path)


def _own(path: Path) -> bool:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").startswith(",".join(_HEAD))
    except OSError:
        return False


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if unicodedata.normalize("NFKC", cell).lstrip(" ").startswith(_FORMULA) else cell
