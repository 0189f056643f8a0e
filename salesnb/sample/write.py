"""The sample company written to a folder, with its settings, its README and its answer key."""

import json
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from salesnb.sample import days, dirt, files, key, tables
from salesnb.sample.words import book
from salesnb.schema import table as schema_of

SEED = 20250930


class Form(NamedTuple):
    """How a table's file is written; ``chinese`` files have Chinese names and headers in both languages."""

    suffix: str = "csv"
    encoding: str = "utf-8"
    chinese: bool = False


FORMS = {
    "orders": Form(),
    "targets": Form("xlsx"),
    "opportunities": Form(encoding="utf-8-sig"),
    "stage_history": Form("parquet"),
    "activities": Form("parquet"),
    "customers": Form(encoding="gb18030", chinese=True),
    "receipts": Form(encoding="utf-8-sig", chinese=True),
    "notes": Form(chinese=True),
    "plans": Form(chinese=True),
}


def write(folder: Path, seed: int = SEED, lang: str = "en") -> None:
    """Write the sample company.

    Parameters
    ----------
    folder
        Where to; made where it is missing. Files of the same names are replaced.
    seed
        The same seed gives the same bytes.
    lang
        ``en`` or ``zh``: language of names, products, headers and file names.
    """
    if lang not in ("en", "zh"):
        raise ValueError(f"lang is en or zh, not {lang!r}")
    folder.mkdir(parents=True, exist_ok=True)
    clean = tables.clean(seed, lang)
    soiled = dirt.soil(seed, clean.tables, lang)
    names = {name: _write(name, rows, folder, lang) for name, rows in soiled.tables.items()}
    _text(folder / "salesnb.toml", _settings(lang))
    _text(folder / "README.md", _readme(names, lang))
    answers = key.answers(seed, clean, soiled, names, lang)
    _text(folder / "answer_key.json", json.dumps(answers, ensure_ascii=False, indent=1) + "\n")


def _text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _write(name: str, rows: pd.DataFrame, folder: Path, lang: str) -> str:
    form = FORMS.get(name, Form())
    zh = form.chinese or lang == "zh"
    head = files.headers(name, rows.columns, "zh" if zh else "en")
    path = folder / f"{schema_of(name).zh[0] if zh else name}.{form.suffix}"
    if form.suffix == "csv":
        files.to_csv(rows, path, head, form.encoding)
    elif form.suffix == "xlsx":
        files.to_xlsx(rows, path, head, path.stem)
    else:
        files.to_parquet(rows, path, head)
    return path.name


def _settings(lang: str) -> str:
    return "\n".join((
        "# Settings of the sample company. Its files need no mapping: they carry the standard headers.",
        "",
        "[company]",
        f'name = "{book("company")["company"]["name"][lang]}"',
        'currency = "CNY"',
        f'language = "{lang}"',
        "",
        "[calendar]",
        _dates("holidays", days.holidays()),
        _dates("workdays", days.workdays()),
        "",
        "[[kpis]]", 'metric = "sales"', "weight = 0.6", "",
        "[[kpis]]", 'metric = "collection_rate"', "weight = 0.3", "target = 0.95", "",
        "[[kpis]]", 'metric = "new_customers"', "weight = 0.1", "",
    ))  # fmt: skip


def _dates(name: str, found: tuple) -> str:
    lines = [", ".join(str(day) for day in found[i : i + 8]) for i in range(0, len(found), 8)]
    return f"{name} = [\n  " + ",\n  ".join(lines) + ",\n]"


def _readme(names: dict[str, str], lang: str) -> str:
    listed = "\n".join(f"| `{file}` | {name} |" for name, file in names.items())
    return str(book("readme")[lang]).replace("{files}", listed)
