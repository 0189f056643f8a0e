"""Texts and lists as TOML writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def listed(texts: Iterable[str]) -> str:
    """Return texts as a TOML list."""
    return f"[{', '.join(map(quoted, texts))}]"


def inline_table(pairs: Mapping[str, str]) -> str:
    """Return a mapping of texts as an inline table of TOML."""
    return "{ " + ", ".join(f"{quoted(k)} = {quoted(v)}" for k, v in pairs.items()) + " }"
