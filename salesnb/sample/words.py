"""The company's names and texts, from ``company.toml`` and ``roster.toml``, in the language that is asked for."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def book(name: str) -> dict[str, Any]:
    """Return one TOML file of this package, e.g. ``company``, as nested dicts."""
    source = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def say(section: str, code: str, lang: str) -> str:
    """Return what a code is called in a language; an empty code stays empty."""
    return str(book("company")[section][code][lang]) if code else ""


def names(section: str, lang: str) -> dict[str, str]:
    """Return every code of a section with its name in a language."""
    return {code: entry[lang] for code, entry in book("company")[section].items()}


def person(name: str, lang: str) -> str:
    """Return a rep's or manager's name as a language writes it; other names stay as they are."""
    if lang == "en":
        return name
    rep = book("roster")["reps"].get(name)
    return str(rep["zh"] if rep else book("company")["managers"].get(name, name))
