"""Lines of ``salesnb.toml`` that would mend what stands in the way, ready to be pasted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from salesnb.check.draft import inline_table, listed, quoted
from salesnb.check.examine import Examination, SeenFile
from salesnb.check.guessing import choice_guess, status_guess
from salesnb.check.wide import year_of
from salesnb.data.cells.currencies import currencies
from salesnb.data.cells.values import plain
from salesnb.data.taking.parsing import choices
from salesnb.errors import Problem
from salesnb.schema import table as schema_table

_LARGE = 0.1
"""A reason for more than this share of the rows set aside is one that a file was refused for."""


@dataclass(frozen=True)
class Line:
    """One line of a section; ``choice`` names what else could stand there."""

    section: str
    text: str
    choice: str = ""

    def inline(self) -> str:
        """Return it with its section on one line, for a message."""
        return f"[{self.section}] {self.text}"


def block(lines: Iterable[Line]) -> list[str]:
    """Return lines under their sections, each section once, each line once."""
    by_section: dict[str, dict[str, str]] = {}
    for line in lines:
        by_section.setdefault(line.section, {}).setdefault(line.text, line.choice)
    made = []
    for section, texts in sorted(by_section.items(), key=lambda s: s[0] != "company"):
        made.append(f"[{section}]")
        made += [f"{text}  # {choice}" if choice else text for text, choice in texts.items()]
    return made


def remedies(found: Problem, seen: Examination) -> list[Line]:
    """Return the lines that would mend a problem; none where only the file can be mended."""
    fields = found.fields
    name = str(fields.get("file", ""))
    file = next((f for f in seen.files if f.sheet.name == name), None)
    table = str(fields.get("table", file.table if file else ""))
    if found.code == "column_missing" and file:
        return _column(file, table, str(fields["column"]))
    if found.code == "column_twice":
        several = str(fields["headers"]).split(", ")
        return [Line(f"tables.{table}.columns", f"{fields['column']} = {quoted(several[0])}", _either(several[1:]))]
    if found.code == "file_refused" and file:
        return _refused(file, seen)
    if found.code == "file_named_missing" and fields["near"] != "-":
        near = str(fields["near"]).split(", ")[0]
        return [Line(f"tables.{table}", f"files = {listed([near])}")]
    if found.code == "encoding_unknown":
        owner = table or _table_of_file(seen, name)
        return [Line(f"tables.{owner}", 'encoding = "cp1252"', "utf-16-le, big5, ...")] if owner else []
    if found.code == "wide_year":
        year = (year_of(file.sheet.path) if file else "") or "2025"
        wide = f'wide = {{ into = "period", value = "amount", year = "{year}" }}'
        return [Line(f"tables.{table}", wide, str(fields["headers"]))]
    if found.code == "nothing_to_read":
        return list(takers(seen))
    if found.code in {"date_order_untold", "date_order_mixed"} and file:
        return [date_order(file, str(fields["column"]))]
    return _notation(found.code, table, fields)


def _notation(code: str, table: str, fields: Mapping[str, object]) -> list[Line]:
    """Return the line that settles a column whose numbers or years cannot be told, or are in another currency."""
    if code == "date_year_untold":
        return [Line(f"tables.{table}", 'date_order = "ymd"', _either(["dmy", "mdy"]))]
    if code in {"decimal_untold", "decimal_mixed"}:
        return [Line(f"tables.{table}", 'decimal = "."', _either([","]))]
    if code == "header_currency":
        return [Line("company", f"currency = {quoted(str(fields['found']))}")]
    return []


def _table_of_file(seen: Examination, name: str) -> str:
    return next((t for t, s in seen.settings.tables.items() if name in s.files), "")


def _either(others: Iterable[str]) -> str:
    return ", ".join(map(quoted, others))


def _column(file: SeenFile, table: str, column: str) -> list[Line]:
    section = f"tables.{table}.columns"
    guess = next((g for g in file.guessed if g.column == column), None)
    if guess is None:
        return []
    lines = [Line(section, f"{column} = {quoted(guess.profile.header)}")]
    if schema_table(table).columns[column].type == "choice":
        lines += meanings(table, column, guess.profile.counts)
    return lines


def meanings(table: str, column: str, words: Iterable[str]) -> list[Line]:
    """Return lines for the values of a choice that are not known: what they likely mean, ``?`` where nothing tells."""
    spec = schema_table(table).columns[column]
    known = choices(spec, {})
    meant = {w: _meant(table, column, w) for w in words if plain(w) not in known}
    left_out = [w for w, code in meant.items() if code == "skip"]
    read = {w: code for w, code in meant.items() if code != "skip"}
    lines = [Line(f"tables.{table}.values", f"{column} = {inline_table(read)}", ", ".join(spec.values))] if read else []
    return [*lines, *([Line(f"tables.{table}", f"skip = {{ {column} = {listed(left_out)} }}")] if left_out else [])]


def _meant(table: str, column: str, word: str) -> str:
    if column == "status" and (likely := status_guess(table, word)):
        return likely
    return choice_guess(schema_table(table).columns[column], word) or "?"


def _refused(file: SeenFile, seen: Examination) -> list[Line]:
    """Return lines for all reasons that a large part of a refused file's rows were set aside for."""
    bad = seen.faults[(seen.faults["file"] == file.sheet.name) & (seen.faults["table"] == file.table)]
    counted = bad.groupby(["reason", "column"], sort=False)["row"].nunique()
    largest = counted[counted > _LARGE * bad["row"].nunique()]
    return [line for code, header in largest.index for line in _reason(str(code), file, str(header), seen)]


def _reason(code: str, file: SeenFile, header: str, seen: Examination) -> list[Line]:
    profile = next((p for p in file.profiles if p.header == header), None)
    if code == "date_ambiguous":
        return [date_order(file, header)]
    if code == "other_currency":
        return [Line("company", f"currency = {quoted(_currency(file, header, seen))}")]
    column = next((c for c, h in file.used if h == header), "")
    if code == "choice_unknown" and column and profile:
        return meanings(file.table, column, profile.counts)
    return []


def date_order(file: SeenFile, header: str) -> Line:
    """Return the line that says how a file's dates are read: as some of them prove, else to be chosen."""
    proven = {p.dates_order for p in file.profiles if p.header == header} - {"", "open"}
    order = proven.pop() if proven else "mdy"
    other = "" if order != "mdy" or proven else "dmy"
    return Line(f"tables.{file.table}", f"date_order = {quoted(order)}", other)


def _currency(file: SeenFile, header: str, seen: Examination) -> str:
    profile = next((p for p in file.profiles if p.header == header), None)
    counted = Counter(profile.currencies if profile else {})
    if ("currency", header) in file.used:
        bad = seen.faults[(seen.faults["file"] == file.sheet.path.name) & (seen.faults["column"] == header)]
        counted.update(code for word in bad["value"] for code in currencies(word))
    return counted.most_common(1)[0][0] if counted else "USD"


def takers(seen: Examination) -> Iterator[Line]:
    """Yield the lines by which files that no table took would be taken by the one that they are most like."""
    for table in dict.fromkeys(s.table for s in seen.strangers if s.table):
        own = [f.sheet.path.name for f in seen.files if f.table == table]
        files = dict.fromkeys([*own, *(s.file for s in seen.strangers if s.table == table)])
        yield Line(f"tables.{table}", f"files = {listed(files)}")


def for_reason(code: str, table: str, header: str, seen: Examination) -> list[Line]:
    """Return the lines that would let rows in that were set aside for a reason."""
    if code not in {"date_ambiguous", "other_currency"}:
        return []  # unknown values are told with their lines already
    if code == "other_currency" and "currency" in seen.settings.company.model_fields_set:
        return []  # the company's is said: what is left is to convert the rows
    file = next((f for f in seen.files if f.table == table and any(h == header for _, h in f.used)), None)
    return _reason(code, file, header, seen) if file else []
