"""A company as tables of text with its rules: taken from a folder, and written as plain files with standard headers."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from salesnb.data.case import source
from salesnb.data.taking import intake
from salesnb.schema import SCALE, table
from salesnb.settings import Settings

Tables = dict[str, pd.DataFrame]
"""Tables by name as text, one column per canonical column, blanks as blanks."""


@dataclass(frozen=True)
class Company:
    """Tables as text with the rules they are read by: ``settings`` is the text of ``salesnb.toml``."""

    tables: Tables
    settings: str = ""

    def with_tables(self, **changed: pd.DataFrame | None) -> Company:
        """Return the company with some tables replaced; None removes one."""
        merged: dict[str, pd.DataFrame | None] = {**self.tables, **changed}
        return Company({n: t for n, t in merged.items() if t is not None}, self.settings)


def company_of(data: Path, settings_path: str = "") -> Company:
    """Return the accepted rows of a folder as a company with standard headers."""
    folder, _, settings = source(str(data), settings_path)
    with tempfile.TemporaryDirectory() as work:
        taken = intake.take(folder, settings, Path(work) / "staging")
        found = {name: _as_text(name, taken.whole(name)) for name in taken.staged}
    return Company({n: t for n, t in found.items() if len(t)}, _rules(settings))


def _as_text(name: str, rows: pa.Table | None) -> pd.DataFrame:
    assert rows is not None
    columns = {}
    for column in table(name).columns.values():
        if column.name not in rows.column_names:
            continue
        values = rows.column(column.name).to_pylist()
        if column.type == "money":
            values = [None if v is None else f"{v / SCALE:.4f}".rstrip("0").rstrip(".") for v in values]
        elif column.type == "count":
            values = [None if v is None else str(int(v)) for v in values]
        texts = ["" if v is None else str(v) for v in values]
        if any(texts):
            columns[column.name] = texts
    return pd.DataFrame(columns)


def _rules(settings: Settings) -> str:
    """Return the rules that figures depend on, without the mapping of files, as the text of a settings file."""
    days = ", ".join(d.isoformat() for d in settings.calendar.holidays)
    worked = ", ".join(d.isoformat() for d in settings.calendar.workdays)
    kpis = "".join(
        f'\n[[kpis]]\nmetric = "{k.metric}"\nweight = {k.weight}\n' + (f"target = {k.target}\n" if k.target else "")
        for k in settings.kpis
    )
    return (
        f'[company]\nname = "R"\ncurrency = "{settings.company.currency}"\n\n'
        f'[sales]\nbasis = "{settings.sales.basis}"\n'
        f"small_n = {settings.sales.small_n}\n\n[calendar]\nholidays = [{days}]\nworkdays = [{worked}]\n{kpis}"
    )


def write(company: Company, folder: Path) -> None:
    """Write a company as CSV files with standard headers, and its settings."""
    for name, rows in company.tables.items():
        write_table(name, rows, folder / f"{name}.csv")
    (folder / "salesnb.toml").write_text(company.settings, encoding="utf-8")


def write_table(name: str, rows: pd.DataFrame, path: Path) -> None:
    """Write one table as a CSV file with standard headers; columns that the schema does not know keep their names."""
    known = table(name).columns
    headers = {c: known[c].en[0] if c in known else c for c in rows.columns}
    rows.rename(columns=headers).to_csv(path, index=False)
