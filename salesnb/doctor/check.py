"""What was looked at and what was found, as data; the words stand in ``words/doctor.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from salesnb import words
from salesnb.errors import Problem

State = Literal["ok", "warn", "fail"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Request:
    """For which batch the machine is to be ready.

    Without ``data`` the sample company stands in; ``workers`` 0 is one per core, as the batch itself takes it.
    """

    data: str = ""
    settings: str = ""
    out: str = "reports"
    workers: int = 0
    notebooks: Path = Path("notebooks")
    pdf: bool = False


@dataclass(frozen=True)
class Check:
    """One thing looked at: its name, whether it will do, a code of what was found, and what fills its words.

    A field may be a `Problem`, or a text in every language; then that of the same language is taken.
    """

    name: str
    state: State
    code: str
    fields: Mapping[str, object]

    def found(self, lang: str = "en") -> str:
        """Return what was found, in one language."""
        return self._text("found", lang)

    def advice(self, lang: str = "en") -> str:
        """Return what to do about it, empty where all is well."""
        return "" if self.state == "ok" else self._text("advice", lang)

    def line(self, lang: str = "en") -> str:
        """Return the whole check as a line: mark, name, what was found, what to do."""
        parts = {
            "mark": words.text("doctor", f"marks.{self.state}", lang),
            "name": words.text("doctor", f"{self.name}.name", lang),
            "found": self.found(lang),
            "advice": self.advice(lang),
        }
        return words.text("doctor", "line", lang, **parts).rstrip()

    def _text(self, part: str, lang: str) -> str:
        own = f"{self.name}.{self.code}.{part}"
        key = own if words.has("doctor", own) else f"any.{self.code}.{part}"
        return words.text("doctor", key, lang, **{k: _in(lang, v) for k, v in self.fields.items()})


def _in(lang: str, field: object) -> object:
    if isinstance(field, Problem):
        return field.text(lang)
    return field[lang] if isinstance(field, Mapping) else field


def ok(name: str, code: str, /, **fields: object) -> Check:
    """Make a check that found all well."""
    return Check(name, "ok", code, fields)


def warn(name: str, code: str, /, **fields: object) -> Check:
    """Make a check that found what a batch can do with, or what cannot be told here."""
    return Check(name, "warn", code, fields)


def fail(name: str, code: str, /, **fields: object) -> Check:
    """Make a check that found what a batch cannot do with."""
    return Check(name, "fail", code, fields)


def size(count: float) -> str:
    """Return a number of bytes as people read it."""
    power = min(4, max(0, len(f"{count:.0f}") - 1) // 3)
    shown, unit = count / 1000**power, ("B", "kB", "MB", "GB", "TB")[power]
    return f"{shown:.3g} {unit}" if shown < 1000 else f"{shown:,.0f} {unit}"
