"""Write ``docs/data-dictionary.md`` from the schema.

Run ``python -m tools.dictionary``.
"""

from collections.abc import Iterator
from pathlib import Path

from salesnb.schema import Column, Table, tables

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"
_HEAD = """\
# Data dictionary

Made from `salesnb/schema.toml` by `make refresh`; do not edit.

The tables that salesnb understands. Only `orders` or `opportunities` is needed to start; every other table adds
sections. A file is recognised by its name, a column by its header, in English or in Chinese; the first header named
here is the standard one. Other names are mapped by a settings file, see [mapping.md](mapping.md).

Types: `id` is text even where it looks like a number; `money` is kept exactly, to
1/10,000 of the currency unit, and is in that unit wherever you see it;
`measure` is in the unit of the row's metric; `rate` is a fraction or a percentage; `choice` is one of the values
listed; `period` is `2025-09`, `2025-Q3`, `2025`, `2025-W36` or a name of the calendar table.
"""


def dictionary() -> str:
    """Return the whole page."""
    index = [f"- [{t.name}](#{t.name}): {t.about}" for t in tables().values()]
    return "\n".join([_HEAD, *index, "", *(line for t in tables().values() for line in _section(t))]) + "\n"


_HELD = {
    "customer": "name of a customer",
    "person": "name of a person",
    "words": "text that may hold names",
    "subject": "may tell of pay",
}
"""What audiences may be kept from; see the settings."""


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"{table.about}\n"
    yield f"File names: {_names(table.file_names)}."
    if table.key:
        yield f"A row is identified by {_names(table.key)}{'; equal rows are kept' if table.repeats else ''}."
    if table.date:
        yield f"Its date is `{table.date}`."
    yield "\n| column | type | headers | meaning |\n| --- | --- | --- | --- |"
    yield from (_row(c) for c in table.mapped.values())
    yield ""


def _row(column: Column) -> str:
    marks = [
        column.type,
        *(["required"] if column.required else []),
        *(["dimension"] if column.dimension else []),
        *([_HELD[column.holds]] if column.holds else []),
    ]
    about = column.about
    if column.values:
        about += " Values: " + "; ".join(f"`{code}` ({', '.join(v)})" for code, v in column.values.items()) + "."
    if column.default is not None:
        about += f" Where absent: `{column.default}`."
    return f"| `{column.name}` | {', '.join(marks)} | {', '.join((*column.en, *column.zh, *column.also))} | {about} |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


def main() -> None:
    """Write the page."""
    PAGE.write_text(dictionary(), encoding="utf-8")


if __name__ == "__main__":
    main()
