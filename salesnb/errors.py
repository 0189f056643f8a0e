"""What went wrong, said so that the reader can mend it: where, what was found, what was expected, what to do.

A problem is a code with its fields; its text stands in ``words/errors.toml`` in both languages. An error carries
all problems that were found, not only the first.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from salesnb import words

EVERY_LANGUAGE = "SALESNB_EVERY_LANGUAGE"
"""The environment variable by which a batch asks notebooks to tell what went wrong in every language: it keeps it."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: a code of ``words/errors.toml`` and the values of its slots.

    A slot may hold another problem, whose text is put in, in the same language.
    """

    code: str
    fields: Mapping[str, object]

    def text(self, lang: str = "en") -> str:
        """Return the problem as a sentence in one language."""
        fields = {k: v.text(lang) if isinstance(v, Problem) else v for k, v in self.fields.items()}
        return words.text("errors", self.code, lang, **fields)

    def __reduce__(self) -> tuple[type[Problem], tuple[str, dict[str, object]]]:
        return type(self), (self.code, dict(self.fields))


def problem(code: str, /, **fields: object) -> Problem:
    """Make a problem; ``fields`` fill the slots of its text."""
    return Problem(code, MappingProxyType(dict(fields)))


class SalesnbError(Exception):
    """Base of all errors of the kit; ``problems`` lists everything found, ``str`` gives it in English."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(p.text("en") for p in problems))

    def text(self, lang: str = "en") -> str:
        """Return all problems in one language, a line each."""
        return "\n".join(p.text(lang) for p in self.problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.problems

    def _render_traceback_(self) -> list[str]:
        """Show notebooks the problems in place of a traceback; IPython asks for this."""
        return [self.text(lang) for lang in _languages_of_notebook()]


def _languages_of_notebook() -> tuple[str, ...]:
    """Return the one language that the notebook's parameter ``lang`` names; all where it names none, or in a batch."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    asked = str(shell.user_ns.get("lang")) if shell and EVERY_LANGUAGE not in os.environ else ""
    return (asked,) if asked in words.LANGUAGES else words.LANGUAGES


class SettingsError(SalesnbError):
    """The settings cannot be used."""


class InputError(SalesnbError):
    """Files cannot be used as a whole: missing, unreadable, unmapped."""


class ScopeError(SalesnbError):
    """A team, period or date was asked for that does not exist or cannot be read."""


class ColumnError(SalesnbError):
    """A finding was given columns that are neither figures, dimensions nor labels."""


def nearest(word: str, known: Iterable[str], count: int = 3) -> str:
    """Return the known words most like ``word``, joined by commas, or '-' when none is near."""
    by_lower = {k.lower(): k for k in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=count, cutoff=0.5)
    return ", ".join(by_lower[f] for f in found) or "-"
