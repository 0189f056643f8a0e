"""A draft of ``salesnb.toml``: lines that are certain, guesses with what they rest on, and lines to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from salesnb import words


@dataclass(frozen=True)
class Said:
    """What a line rests on: a key of ``words/check.toml`` under ``guess`` with its slots."""

    key: str
    fields: tuple[tuple[str, object], ...] = ()

    def text(self, lang: str) -> str:
        """Return it in one language; of more than one line only where its words are."""
        shown = {
            k: v.text(lang) if isinstance(v, Said) else f"{v:,}" if isinstance(v, int) else flat(v)
            for k, v in self.fields
        }
        return words.text("check", f"guess.{self.key}", lang, **shown)


def flat(value: object) -> str:
    """Return a text without line breaks and other signs that must not stand within a line."""
    return "".join(c if c.isprintable() else " " for c in str(value))


def said(key: str, /, **fields: object) -> Said:
    """Make a reason."""
    return Said(key, tuple(fields.items()))


@dataclass(frozen=True)
class Entry:
    """One line of a section; with ``why`` a guess, not ``active`` one that is only to be taken or filled in."""

    text: str
    why: Said | None = None
    active: bool = True

    def line(self, lang: str) -> str:
        """Return the line with its comment."""
        comment = ""
        if self.why is not None:
            comment = f"  # {words.text('check', 'guess.mark', lang, why=self.why.text(lang))}" if self.active else (
                f"  # {self.why.text(lang)}"
            )  # fmt: skip
        return f"{'' if self.active else '# '}{self.text}{comment}"


@dataclass(frozen=True)
class Section:
    """A section of the draft; ``name`` with its brackets, notes stand as comments beneath it."""

    name: str
    entries: tuple[Entry, ...]
    notes: tuple[Said, ...] = ()

    def lines(self, lang: str) -> Iterator[str]:
        """Yield the lines of the section."""
        live = any(e.active for e in self.entries)
        yield self.name if live or self.name == "[company]" else f"# {self.name}"
        yield from (entry.line(lang) for entry in self.entries)
        yield from (f"# {note.text(lang)}" for note in self.notes)


@dataclass(frozen=True)
class Draft:
    """The whole draft."""

    sections: tuple[Section, ...] = field(default=())

    def text(self, lang: str, head: Iterable[str] = ()) -> str:
        """Return it as the text of a settings file."""
        lines = [f"# {line}" for line in head]
        for section in self.sections:
            lines += ["", *section.lines(lang)]
        return "\n".join(lines) + "\n"

    def count(self) -> tuple[int, int, int]:
        """Return how many lines are certain, how many are guesses, how many are left to fill in."""
        entries = [e for s in self.sections for e in s.entries]
        guessed = sum(e.active and e.why is not None for e in entries)
        active = sum(e.active for e in entries)
        return active - guessed, guessed, len(entries) - active

    def without(self, section: str, start: str) -> Draft:
        """Return the draft with a line of a section turned into one that is only to be taken."""
        sections = [
            replace(
                s, entries=tuple(_off(e) if s.name == section and e.text.startswith(start) else e for e in s.entries)
            )
            for s in self.sections
        ]
        return replace(self, sections=tuple(sections))


def _off(entry: Entry) -> Entry:
    return replace(entry, active=False)


# -- texts and lists as TOML writes them


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def listed(texts: Iterable[str]) -> str:
    """Return texts as a TOML list."""
    return f"[{', '.join(map(quoted, texts))}]"


def inline_table(pairs: Mapping[str, str]) -> str:
    """Return a mapping of texts as an inline table of TOML."""
    return "{ " + ", ".join(f"{quoted(k)} = {quoted(v)}" for k, v in pairs.items()) + " }"
