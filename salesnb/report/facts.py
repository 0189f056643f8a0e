"""Facts: every figure that reached a page, collected from the outputs of executed notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesnb.errors import SalesnbError, problem
from salesnb.report.cells import carried
from salesnb.show.mime import FACTS

FACTS_FILE = "facts.parquet"

if TYPE_CHECKING:
    from nbformat import NotebookNode

Fact = Mapping[str, Any]

SCHEMA = pa.schema(
    [
        ("period", pa.string()), ("team", pa.string()), ("stage", pa.string()), ("finding", pa.string()),
        ("metric", pa.string()), ("dims", pa.string()), ("value", pa.float64()), ("reason", pa.string()),
        ("unit", pa.string()), ("definition", pa.int64()),
    ]
)  # fmt: skip
"""One row a figure; ``value`` is null where it is not available, with ``reason``."""

_KEY = ("period", "team", "stage", "finding", "metric", "dims")


class FactsError(SalesnbError):
    """One figure was given with two values."""


def collect_facts(notebook: NotebookNode) -> list[Fact]:
    """Return the facts in a notebook's outputs, in their order, repeats included."""
    return [fact for told in carried(notebook, FACTS) for fact in told["facts"]]


def merged(facts: Iterable[Fact]) -> list[Fact]:
    """Return facts sorted, each once.

    Raises
    ------
    FactsError
        Naming every figure that was given with two values.
    """
    kept: dict[tuple[str, ...], Fact] = {}
    unequal: dict[tuple[str, ...], Fact] = {}
    for fact in facts:
        key = tuple(str(fact[k]) for k in _KEY)
        if dict(kept.setdefault(key, fact)) != dict(fact):
            unequal.setdefault(key, fact)
    if unequal:
        raise FactsError(*(_differ(kept[key], other) for key, other in sorted(unequal.items())))
    return [kept[key] for key in sorted(kept)]


def _differ(one: Fact, other: Fact) -> Any:
    return problem(
        "facts_differ", figure=one["metric"], finding=f"{one['stage']}.{one['finding']}", team=one["team"],
        period=one["period"], dims=one["dims"] or "-", first=one["value"], second=other["value"],
    )  # fmt: skip


def facts_file(facts: Sequence[Fact]) -> bytes:
    """Return merged facts as the content of a Parquet file; equal facts give equal bytes."""
    columns = {name: [fact[name] for fact in facts] for name in SCHEMA.names}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=SCHEMA), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_facts(path: Path) -> list[Fact]:
    """Return the facts of a file; none where there is no file."""
    return pq.read_table(path).to_pylist() if path.is_file() else []
