"""The canonical tables, read from ``schema.toml``: columns, types, headers in both languages.

Everything that must know a table asks here: mapping, validation, the data dictionary, templates, messages.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any

SCALE = 10_000
"""Money is kept and added as int64 in 1/10,000 of the currency unit: exact for three decimals and float dust."""

CURRENCY = "currency"
"""The column that names a row's currency, in the files of all priced tables."""

TYPES = frozenset(
    ["id", "text", "money", "quantity", "count", "rate", "measure", "date", "datetime", "bool", "period", "choice"]
)


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    name: str
    type: str
    about: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Spellings that map only where a file has none of the others."""
    required: bool = False
    dimension: bool = False
    default: str | None = None
    holds: str = ""
    """What an audience may be kept from: ``customer``, ``person`` (names), ``words`` (text that may name them), or
    ``subject`` (what a figure is of, which may be pay)."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def headers(self) -> tuple[str, ...]:
        """All header spellings that map to this column, the canonical name first."""
        return (self.name, *self.en, *self.zh, *self.also)


@dataclass(frozen=True)
class Table:
    """One canonical table; ``key`` identifies a row, ``date`` places it in time, ``repeats`` allows equal rows.

    ``priced`` tables hold the company's money, so a file of theirs may say in which currency a row is.
    """

    name: str
    about: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    date: str | None = None
    repeats: bool = False
    priced: bool = False

    @cached_property
    def mapped(self) -> Mapping[str, Column]:
        """Columns that a file may give: those of the table, and the currency of a row, which is checked, not kept."""
        return {**self.columns, **({CURRENCY: _currency()} if self.priced else {})}

    @property
    def money(self) -> frozenset[str]:
        """Names of the columns that hold money."""
        return frozenset(c.name for c in self.columns.values() if c.type == "money")

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns a file must have."""
        return tuple(c.name for c in self.columns.values() if c.required)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the columns that figures can be broken down by."""
        return tuple(c.name for c in self.columns.values() if c.dimension)

    @property
    def file_names(self) -> tuple[str, ...]:
        """File names (without suffix) that are taken for this table with no mapping."""
        return (self.name, *self.en, *self.zh)


HOLDS = frozenset(["", "customer", "person", "words", "subject"])


def _column(name: str, spec: Mapping[str, Any]) -> Column:
    values = {code: tuple(spellings) for code, spellings in spec.get("values", {}).items()}
    plain = {k: v for k, v in spec.items() if k not in {"en", "zh", "also", "values"}}
    if spec["type"] not in TYPES:
        raise ValueError(f"schema.toml: column {name} has unknown type {spec['type']}")
    if spec.get("holds", "") not in HOLDS:
        raise ValueError(f"schema.toml: column {name} holds unknown {spec['holds']}")
    return Column(
        name,
        en=tuple(spec["en"]),
        zh=tuple(spec["zh"]),
        also=tuple(spec.get("also", ())),
        values=MappingProxyType(values),
        **plain,
    )


@cache
def _source() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("schema.toml").read_text(encoding="utf-8"))


@cache
def _currency() -> Column:
    return _column(CURRENCY, _source()[CURRENCY])


@cache
def tables() -> Mapping[str, Table]:
    """Return all canonical tables by name, in the order of the schema."""
    made = {}
    for name, spec in _source().items():
        if name == CURRENCY:
            continue
        columns = {c: _column(c, s) for c, s in spec["columns"].items()}
        made[name] = Table(
            name, spec["about"], tuple(spec["en"]), tuple(spec["zh"]), MappingProxyType(columns),
            tuple(spec.get("key", ())), spec.get("date"), spec.get("repeats", False), spec.get("priced", False),
        )  # fmt: skip
    return MappingProxyType(made)


def table(name: str) -> Table:
    """Return one canonical table; KeyError for an unknown name."""
    return tables()[name]


@cache
def dimensions_naming(holds: str) -> frozenset[str]:
    """Return the dimensions whose members are names of one sort: of a ``customer`` or a ``person``."""
    return frozenset(c.name for t in tables().values() for c in t.columns.values() if c.holds == holds and c.dimension)
