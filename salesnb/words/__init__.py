"""The catalogues: every text a reader sees, English and Chinese side by side.

One TOML file a subject. A text is a table with the keys ``en`` and ``zh``; its place in the file is its key,
written with dots: ``text("diagnosis", "attainment.behind", "zh")``.

Only plain ``{name}`` slots are filled here. Slots that name a row of a finding (``{worst.gap}``) are filled by
``salesnb.show``, which knows units and number formats.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "zh")

_SLOT = re.compile(r"\{([a-z_]+)\}")

_BETWEEN = "\u241e"
"""Stands between the languages of a cell that carries both; a character that no input holds."""


@cache
def catalogue(name: str) -> Mapping[str, Any]:
    """Return the catalogue ``words/<name>.toml`` as nested tables."""
    source = resources.files(__package__).joinpath(f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def names() -> list[str]:
    """Return the names of all catalogues."""
    folder = resources.files(__package__)
    return sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml"))


def entry(name: str, key: str) -> Any:
    """Return the node at ``key`` of a catalogue; raise KeyError with the full key when there is none."""
    node: Any = catalogue(name)
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            raise KeyError(f"words/{name}.toml has no [{key}]")
        node = node[part]
    return node


def has(name: str, key: str) -> bool:
    """Tell whether a catalogue has a text at ``key``."""
    try:
        return isinstance(entry(name, key), Mapping)
    except KeyError:
        return False


def text(name: str, key: str, lang: str, /, **fields: object) -> str:
    """Return one text in one language, its ``{name}`` slots filled from ``fields``.

    A slot without a field raises KeyError: a sentence with a hole must not reach a page.
    """
    return fill(entry(name, key)[lang], fields)


def fill(template: str, fields: Mapping[str, object]) -> str:
    """Fill the ``{name}`` slots of a template; nothing else in it is interpreted."""
    return _SLOT.sub(lambda slot: str(fields[slot[1]]), template)


def texts(name: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Walk all texts of a catalogue as (key, {language: text})."""

    def walk(node: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, str]]]:
        if set(node) & set(LANGUAGES):
            yield ".".join(path), node
            return
        for key, child in node.items():
            if isinstance(child, Mapping):
                yield from walk(child, (*path, key))

    yield from walk(catalogue(name), ())


def both(en: str, zh: str) -> str:
    """Return one cell's text in both languages, for labels that people write, such as a playbook's actions."""
    return en if en == zh else en + _BETWEEN + zh


def choose(text: str, lang: str) -> str:
    """Return one language of a cell made by `both`; any other text as it is."""
    if _BETWEEN not in text:
        return text
    return text.split(_BETWEEN, 1)[LANGUAGES.index(lang)]
