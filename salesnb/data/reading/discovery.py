"""Which files of a folder hold which table: by their names, or by what settings say."""

import fnmatch
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from salesnb.data.cells.spelling import simplified
from salesnb.data.reading import contents
from salesnb.data.reading.contents import Content
from salesnb.errors import InputError, Problem, nearest, problem
from salesnb.schema import tables
from salesnb.settings import Settings, Source

SAMPLE = "sample"
"""Stands for the sample company in place of a folder."""

STARTERS = ("orders", "opportunities")
"""One of these tables is needed to begin."""

_SEPARATORS = re.compile(r"[\s_\-]+")


def _apart(words: str) -> str:
    """Return a pattern of words in Latin letters, which must not be parts of longer ones."""
    return rf"(?<![a-z])(?:{words})(?![a-z])"


_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_DATE = r"(?:fy)?\d+(?:年度?|月份?|日|号|季度?|期|周)?|[上下]半年|第?[一二三四]季度|年度|月度|季度|至|到|" + _apart(
    rf"[qhw]\d{{1,2}}|fy\d*|to|{_MONTHS}"
)
_WORD = "数据|明细|清单|列表|台账|报表|记录|导出|表|全部|最新|" + _apart(
    "data|exports?|exported|reports?|lists?|table|file|details?|extract|sheet|all|crm|hubspot|salesforce|odoo|kingdee"
)
"""What may stand before and after the name of a table in a file's name."""


@dataclass(frozen=True)
class Found:
    """One file of one table, and how settings want it read."""

    table: str
    path: Path
    source: Source
    member: str = ""
    """Its name where it lies in an archive."""

    @property
    def content(self) -> Content:
        """Its bytes."""
        return Content(self.path, self.member)


@dataclass(frozen=True)
class Folder:
    """What a data folder holds: files of tables, files joined to them, and files that match nothing."""

    path: Path
    files: tuple[Found, ...]
    joined: tuple[Path, ...]
    ignored: tuple[str, ...]

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read, each once, by name."""
        return tuple(sorted({f.path for f in self.files} | set(self.joined)))


def survey(path: Path, settings: Settings) -> tuple[Folder, list[Problem]]:
    """List the files of a data folder by table, with what is wrong about them.

    Problems: a file that settings name is missing, or there are neither orders nor opportunities.

    Raises
    ------
    InputError
        The folder is missing.
    """
    if not path.is_dir():
        raise InputError(problem("folder_missing", folder=path))
    present = readable(path)
    problems: list[Problem] = []
    files = list(_named(path, present, settings, problems))
    claimed = {f.path for f in files if not (f.source.sheet or f.source.sheets)}
    joined = tuple(path / lookup.file for s in settings.tables.values() for lookup in s.lookups)
    for candidate in present:
        if candidate in claimed:
            continue
        for member, name in _tables_in(candidate):
            if not _has_files(settings, name):
                files.append(Found(name, candidate, settings.tables.get(name, Source()), member))
    used = {f.content.name for f in files} | {p.name for p in joined}
    ignored = tuple(c.name for p in present for c in _contents(p) if c.name not in used)
    if not problems and not {f.table for f in files} & set(STARTERS):
        problems.append(problem("nothing_to_read", folder=path, found=", ".join(ignored) or "-"))
    order = {name: i for i, name in enumerate(tables())}
    return Folder(path, tuple(sorted(files, key=lambda f: order[f.table])), joined, ignored), problems


QUARANTINE_FILE = "salesnb-quarantine.csv"
"""Where `salesnb check` writes the rows set aside: in the current folder, which may be the one of the data."""


def readable(folder: Path) -> list[Path]:
    """Return the files of a folder that are of a kind that can be read, by name; what salesnb wrote is none."""
    kept = (p for p in folder.iterdir() if p.name[0] not in ".~" and p.name != QUARANTINE_FILE)
    return sorted((p for p in kept if p.is_file() and contents.is_table(p.name)), key=lambda p: p.name)


def discover(path: Path, settings: Settings) -> Folder:
    """List the files of a data folder by table; raise InputError with everything that is wrong, see `survey`."""
    folder, problems = survey(path, settings)
    if problems:
        raise InputError(*problems)
    return folder


def table_of(path: Path) -> str | None:
    """Return the table that a file's name stands for: ``Orders.csv``, ``2025-09 orders.csv``, ``订单数据_2025.xlsx``.

    Dates and words such as export, data, 明细 may stand before and after it. None where nothing is left that names one
    table: a name that could be two is not guessed.
    """
    stem = _plain(contents.stem(path.name))
    for form in _forms(stem):
        found = {t.name for t in tables().values() if form and form in {_bare(n) for n in t.file_names}}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _forms(stem: str) -> Iterator[str]:
    """Yield what may be a table's name in a file's: all of it, then without dates, then without general words too."""
    yield _bare(stem)
    dateless = _stripped(stem, _DATE)
    yield _bare(dateless)
    while dateless != (dateless := _stripped(_stripped(dateless, _WORD), _DATE)):
        yield _bare(dateless)


def _stripped(stem: str, piece: str) -> str:
    stem = re.sub(rf"^(?:[_.()]*(?:{piece}))+[_.()]*", "", stem)
    return re.sub(rf"[_.()]*(?:(?:{piece})[_.()]*)+$", "", stem)


def _bare(name: str) -> str:
    return _plain(name).replace("_", "").removesuffix("s")


def _tables_in(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (member, table) of what a file holds by its name; of an archive by the names in it, else by its own."""
    own = table_of(path)
    members = [content.member for content in _contents(path)]
    found = [(member, name) for member in members if (name := table_of(Path(member)))]
    if found and path.suffix.lower() == ".zip":
        yield from found
    elif own:
        yield from ((member, own) for member in _data_first(members))


def _contents(path: Path) -> list[Content]:
    """Return what a file holds: itself, or the tables in an archive; itself too where that has none."""
    if path.suffix.lower() != ".zip":
        return [Content(path)]
    return [Content(path, member) for member in contents.members(path)] or [Content(path)]


def _data_first(members: list[str]) -> list[str]:
    """Leave out the texts that accompany other files in an archive: licences, notes."""
    return [member for member in members if contents.suffix(member) != ".txt"] or members


def _plain(name: str) -> str:
    return simplified(_SEPARATORS.sub("_", unicodedata.normalize("NFKC", name).casefold()).strip("_"))


def _has_files(settings: Settings, name: str) -> bool:
    return name in settings.tables and bool(settings.tables[name].files)


def _named(path: Path, present: list[Path], settings: Settings, problems: list[Problem]) -> Iterator[Found]:
    by_name = {p.name: p for p in present}
    for name, source in settings.tables.items():
        for pattern in source.files:
            exact = path / pattern
            matches = [exact] if exact.is_file() else [by_name[n] for n in fnmatch.filter(by_name, pattern)]
            if not matches:
                near = nearest(pattern, by_name)
                problems.append(problem("file_named_missing", file=pattern, table=name, folder=path, near=near))
            for match in matches:
                for content in _contents(match):
                    yield Found(name, match, source, content.member)
        for lookup in source.lookups:
            if not (path / lookup.file).is_file():
                near = nearest(lookup.file, by_name)
                problems.append(problem("file_named_missing", file=lookup.file, table=name, folder=path, near=near))
