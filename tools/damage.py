"""Damage files as exports are damaged, take them in, and see that nothing is lost or changed in silence.

Run ``python -m tools.damage [--count N] [--seed S] [--data DIR --settings FILE ...]``. Each variant damages one file
of a folder in one to three ways, drawn from a seed. It may be refused with a message. Taken in, each accepted row must
be one of the undamaged file, and what is missing must be accounted for: set aside, a repeat, skipped, or told by a
remark.
Exit code 1 where a variant ends with a traceback, or changes or loses rows in silence.
"""

import argparse
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from salesnb.data.case import source
from salesnb.data.reading import discovery
from salesnb.data.taking import intake
from salesnb.data.taking.quarantine import Intake
from salesnb.errors import SalesnbError
from salesnb.schema import tables

KEPT_ROWS = 400
"""Files are cut to so many lines before they are damaged: a thousand variants take minutes then."""

Row = tuple[str, ...]
Lines = list[bytes]


@dataclass(frozen=True)
class Taken:
    """What was accepted of a folder, as counted rows of each table, and how the rest is accounted for."""

    rows: Counter[Row]
    aside: int
    told: int


def take(folder: Path, settings_path: str) -> Taken:
    """Take a folder in; raise what the intake raises."""
    data, _, settings = source(str(folder), settings_path)
    with tempfile.TemporaryDirectory(prefix="salesnb-damage-") as work:
        taken = intake.take(data, settings, Path(work) / "staging")
        rows: Counter[Row] = Counter()
        for name in taken.staged:
            rows.update(_rows(taken, name))
        account = intake.account(taken)
    return Taken(rows, _aside(account), _told(account))


def _rows(taken: intake.Taken, name: str) -> Iterator[Row]:
    whole = taken.whole(name)
    assert whole is not None
    columns = [c for c in _COMPARED if c in whole.column_names]
    for row in whole.select(columns).to_pylist():
        yield (name, *(str(row[c]) for c in columns))


_COMPARED = (
    "order_id", "opportunity_id", "receipt_id", "rep", "customer", "order_date", "close_date", "due_date", "period",
    "amount", "due_amount", "received_amount",
)  # fmt: skip
"""Keys, days and money: what figures stand on."""


def _aside(account: Intake) -> int:
    counts = account.files
    names = [c for c in ("rows_quarantined", "rows_duplicate", "rows_skipped", "rows_preamble") if c in counts]
    return int(counts[names].to_numpy().sum()) + len(account.ignored)


def _told(account: Intake) -> int:
    return len(account.remarks)


# -- ways of damage: each takes the lines of a text file and returns them damaged, or None where it does not apply


def _unclosed_quote(lines: Lines, at: int, draw: random.Random) -> Lines:
    cells = lines[at].split(b",")
    place = draw.randrange(len(cells))
    cells[place] = b'"' + cells[place].lstrip(b'"')
    return [*lines[:at], b",".join(cells), *lines[at + 1 :]]


def _stray_quote(lines: Lines, at: int, draw: random.Random) -> Lines:
    place = draw.randrange(max(1, len(lines[at]) - 2))
    return [*lines[:at], lines[at][:place] + b'"' + lines[at][place:], *lines[at + 1 :]]


def _stray_separator(lines: Lines, at: int, draw: random.Random) -> Lines:
    return [*lines[:at], lines[at].rstrip(b"\r\n") + b",x\n", *lines[at + 1 :]]


def _cut_line(lines: Lines, at: int, draw: random.Random) -> Lines:
    cells = lines[at].rstrip(b"\r\n").split(b",")
    return [*lines[:at], b",".join(cells[: draw.randrange(1, len(cells) + 1)]) + b"\n", *lines[at + 1 :]]


def _joined_lines(lines: Lines, at: int, draw: random.Random) -> Lines | None:
    if at + 1 >= len(lines):
        return None
    return [*lines[:at], lines[at].rstrip(b"\r\n") + lines[at + 1], *lines[at + 2 :]]


def _blank_lines(lines: Lines, at: int, draw: random.Random) -> Lines:
    return [*lines[:at], b"\n", b",,,\n", b"   \n", *lines[at:]]


def _repeated_line(lines: Lines, at: int, draw: random.Random) -> Lines:
    return [*lines[: at + 1], *lines[at : at + draw.randrange(1, 4)], *lines[at + 1 :]]


def _foreign_bytes(lines: Lines, at: int, draw: random.Random) -> Lines:
    bad = draw.choice(
        [b"\xff\xfe", b"\x80", "\u5f20\u4f1f".encode("gb18030"), "S\xfcd".encode("latin-1"), b"\xed\xa0\x80"]
    )
    return [*lines[:at], bad + lines[at], *lines[at + 1 :]]


def _nul_bytes(lines: Lines, at: int, draw: random.Random) -> Lines:
    return [*lines[:at], b"\x00" * draw.randrange(1, 6) + lines[at], *lines[at + 1 :]]


def _mark_in_the_middle(lines: Lines, at: int, draw: random.Random) -> Lines:
    return [*lines[:at], b"\xef\xbb\xbf" + lines[at], *lines[at + 1 :]]


def _total_row(lines: Lines, at: int, draw: random.Random) -> Lines:
    cells = lines[0].count(b",")
    return [
        *lines,
        draw.choice([b"Total", "合计".encode(), b"Grand total"]) + b",123456.00" + b"," * max(0, cells - 1) + b"\n",
    ]


def _broken_end(lines: Lines, at: int, draw: random.Random) -> Lines:
    last = lines[-1]
    return [*lines[:-1], last[: draw.randrange(1, max(2, last.rfind(b",")))]]  # with a cell too few


def _header_doubled(lines: Lines, at: int, draw: random.Random) -> Lines:
    return [*lines[:at], lines[0], *lines[at:]]


def _header_lost(lines: Lines, at: int, draw: random.Random) -> Lines:
    return lines[1:]


def _title_above(lines: Lines, at: int, draw: random.Random) -> Lines:
    return [b"Report of sales\n", b"\n", *lines]


def _header_renamed(lines: Lines, at: int, draw: random.Random) -> Lines:
    cells = lines[0].rstrip(b"\r\n").split(b",")
    place = draw.randrange(len(cells))
    cells[place] = draw.choice([b" " + cells[place].upper() + b" ", b"Column " + str(place).encode(), cells[0]])
    return [b",".join(cells) + b"\n", *lines[1:]]


def _cell(
    pattern: bytes, ways: Sequence[Callable[[bytes], bytes]]
) -> Callable[[Lines, int, random.Random], Lines | None]:
    import re

    wanted = re.compile(pattern)

    def damage(lines: Lines, at: int, draw: random.Random) -> Lines | None:
        cells = lines[at].split(b",")
        fits = [i for i, cell in enumerate(cells) if wanted.fullmatch(cell.strip())]
        if not fits:
            return None
        place = draw.choice(fits)
        end = b"\n" if cells[place].endswith(b"\n") else b""
        made = draw.choice(ways)(cells[place].strip())
        cells[place] = (b'"' + made + b'"' if b"," in made else made) + end
        return [*lines[:at], b",".join(cells), *lines[at + 1 :]]

    return damage


_amount = _cell(
    rb"-?\d+\.\d+",
    (
        lambda c: c.replace(b".", b","), lambda c: "¥".encode() + c, lambda c: c + b" USD", lambda c: c + "元".encode(),
        lambda c: b" " + c + b" ", lambda c: c + "¹".encode(), lambda c: b"#REF!", lambda c: b"n/a", lambda c: b"",
        lambda c: c.translate(bytes.maketrans(b"0123456789", b"OlZEASGTBq")), lambda c: b"'" + c, lambda c: b"=" + c,
        lambda c: "".join(chr(ord(x) + 0xFEE0) if x.isdigit() else x for x in c.decode()).encode(),
    ),
)  # fmt: skip

_date = _cell(
    rb"\d{4}-\d\d-\d\d",
    (
        lambda c: c[8:] + b"/" + c[5:7] + b"/" + c[:4], lambda c: c[5:7] + b"/" + c[8:] + b"/" + c[:4],
        lambda c: c.replace(b"-", b""), lambda c: c.replace(b"-", b"."),
        lambda c: "{}年{}月{}日".format(*c.decode().split("-")).encode(), lambda c: c + b" 00:00:00",
        lambda c: b"2025-13-45", lambda c: b"soon", lambda c: b"", lambda c: b"2" + c, lambda c: b"0000-00-00",
    ),
)  # fmt: skip

DAMAGES: tuple[Callable[[Lines, int, random.Random], Lines | None], ...] = (
    _unclosed_quote, _stray_quote, _stray_separator, _cut_line, _joined_lines, _blank_lines, _repeated_line,
    _foreign_bytes, _nul_bytes, _mark_in_the_middle, _total_row, _broken_end, _header_doubled, _header_lost,
    _title_above, _header_renamed, _amount, _amount, _date, _date,
)  # fmt: skip


def damaged(content: bytes, draw: random.Random) -> tuple[bytes, list[str]]:
    """Return a text file damaged in one to three ways, and the names of these."""
    names: list[str] = []
    for _ in range(draw.randrange(1, 4)):
        lines = content.splitlines(keepends=True)
        if len(lines) < 3:
            break
        way = draw.choice(DAMAGES)
        made = way(lines, draw.randrange(1, len(lines)), draw)
        if made is not None:
            content = b"".join(made)
            names.append(
                way.__name__.strip("_") if way not in (_amount, _date) else "amount" if way is _amount else "date"
            )
    return content, names


# -- folders


def cut(data: Path, into: Path) -> None:
    """Copy a folder with its text files cut to their first lines."""
    for file in sorted(p for p in data.iterdir() if p.is_file()):
        content = file.read_bytes()
        if file.suffix == ".csv":
            content = b"".join(content.splitlines(keepends=True)[:KEPT_ROWS])
        (into / file.name).write_bytes(content)


def variants(data: Path, settings: str, seeds: Sequence[int]) -> Iterator[tuple[int, str, list[str], str]]:
    """Yield of each seed the damaged file, how it was damaged, and what became of it.

    That is ``held``, ``refused``, or what went wrong.
    """
    with tempfile.TemporaryDirectory(prefix="salesnb-variants-") as work:
        base, folder = Path(work) / "base", Path(work) / "data"
        base.mkdir()
        cut(data, base)
        before = take(base, settings)
        used = intake_files(base, settings)
        for seed in seeds:
            draw = random.Random(seed)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(base, folder)
            file = folder / draw.choice(used)
            content, names = damaged(file.read_bytes(), draw)
            file.write_bytes(content)
            yield seed, file.name, names, _outcome(folder, settings, before, names)


def intake_files(base: Path, settings: str) -> list[str]:
    """Return the text files that the intake reads."""
    data, _, rules = source(str(base), settings)
    return sorted({p.name for p in discovery.discover(data, rules).inputs if p.suffix == ".csv"})


_OF_A_CELL = {"amount", "date", "stray_quote", "foreign_bytes", "unclosed_quote"}
"""Damages after which a cell may be another one that is as good: another day, a name with an inch mark."""

_OF_A_COLUMN = ("header_renamed", "header_lost", "title_above")

_MAY_BE_EQUAL = {t.name for t in tables().values() if t.repeats}
"""Tables in which a line that is there twice is two."""


def _outcome(folder: Path, settings: str, before: Taken, names: Sequence[str]) -> str:
    try:
        after = take(folder, settings)
    except SalesnbError:
        return "refused"
    except Exception:
        return "traceback: " + traceback.format_exc(limit=-3).replace("\n", " | ")[-400:]
    changed = after.rows - before.rows
    if "repeated_line" in names:
        twice = [row for row in changed if row[0] in _MAY_BE_EQUAL and row in before.rows]
        changed -= Counter({row: changed[row] for row in twice})
    may_change = np.inf if {*_OF_A_COLUMN} & {*names} else sum(name in _OF_A_CELL for name in names)
    if {"broken_end", "total_row"} <= {*names}:  # a line that breaks off and goes on as another is one row of two
        may_change += 1
    if {"foreign_bytes", "mark_in_the_middle"} <= {*names}:  # as GB18030 the mark takes the letter after it along
        may_change += 1
    if changed.total() > may_change and after.told <= before.told:
        return f"changed in silence: {next(iter(changed))} is in no undamaged file"
    # Two lines that became one are one row with too many cells, which shows both; a row that changed is not lost.
    missing = sum((before.rows - after.rows).values()) - changed.total()
    accounted = after.aside - before.aside + names.count("joined_lines")
    if missing > accounted and after.told <= before.told:
        return f"lost in silence: {missing} rows are missing, {accounted} accounted for"
    return "held"


def main() -> None:
    """Damage the sample, or other folders, and print what went wrong."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--count", type=int, default=100)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--data", default="data/sample")
    ask.add_argument("--settings", default="")
    given = ask.parse_args()
    outcomes: Counter[str] = Counter()
    for seed, file, names, outcome in variants(
        Path(given.data), given.settings, range(given.seed, given.seed + given.count)
    ):
        outcomes[outcome.partition(":")[0]] += 1
        if outcome not in {"held", "refused"}:
            print(f"seed {seed}: {file} {', '.join(names)}: {outcome}", flush=True)
    print(", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    sys.exit(bool(outcomes.keys() - {"held", "refused"}))


if __name__ == "__main__":
    main()
