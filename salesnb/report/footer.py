"""What a page stands on: as of when, which data, which rules, which definitions."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePosixPath
from typing import Any

from salesnb import words
from salesnb.report.facts import Fact
from salesnb.show.numbers import day
from salesnb.show.sentence import column_name, kept_text, listed, table_name
from salesnb.show.text import escaped

Entry = tuple[str, str]
"""A term and what it means, both HTML."""


def kit_version() -> str:
    """Return the version of the kit."""
    try:
        return version("salesnb")
    except PackageNotFoundError:
        return "0"


def about_data(scope: Mapping[str, Any], parameters: Mapping[str, str], now: datetime, lang: str) -> list[Entry]:
    """Return the entries that tell as of when, from what data and under which rules a page was made."""
    name = {key: words.text("report", f"footer.{key}", lang) for key in _TERMS}
    entries: list[Entry] = []
    if scope:
        last, first = date.fromisoformat(scope["as_of"]), date.fromisoformat(scope["history_start"])
        state = "complete" if scope["complete"] else "open"
        entries += [
            (name["as_of"], words.text("report", f"footer.as_of_{state}", lang, day=day(last, lang))),
            (name["data"], words.text("report", "footer.data_cut", lang, first=day(first, lang), last=day(last, lang))),
            (name["basis"], words.text("report", f"basis.{scope['basis']}", lang)),
            (name["currency"], escaped(scope["currency"])),
        ]
        if kept := kept_text(scope["audience"], scope.get("kept", ()), lang):
            entries.append((words.text("audience", "page.label", lang), escaped(kept)))
        if scope["absent"]:
            tables = [table_name(table, lang) for table in scope["absent"]]
            entries.append((name["absent"], escaped(listed(tables, lang))))
    entries.append((name["parameters"], escaped(_parameters(parameters))))
    entries.append((name["version"], f"salesnb {escaped(kit_version())}"))
    stamp = now.isoformat(timespec="seconds")
    entries.append((name["made"], f'<time datetime="{stamp}">{stamp.replace("T", " ")}</time>'))
    return entries


_TERMS = ("as_of", "data", "basis", "currency", "absent", "parameters", "version", "made")


def _parameters(parameters: Mapping[str, str]) -> str:
    """Write parameters in the order of their names; of a path only its last part, wherever the folder may be."""
    shown = {k: _last(v) if k in {"data", "settings"} else v for k, v in sorted(parameters.items()) if v}
    return " ".join(f"{k}={v}" for k, v in shown.items())


def _last(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).name or path


def definitions(facts: Iterable[Fact], lang: str) -> list[Entry]:
    """Return the figures that appear on a page with their definitions, each once, in order of their names."""
    used = sorted({(str(f["metric"]), int(f["definition"])) for f in facts})
    found = []
    for metric, number in used:
        if words.has("metrics", f"{metric}.about"):
            about = words.text("metrics", f"{metric}.about", lang)
            meaning = words.text("report", "footer.definition", lang, about=about, number=number)
            found.append((escaped(column_name(metric, lang)), escaped(meaning)))
    return sorted(found)
