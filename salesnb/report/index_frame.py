"""What both kinds of indexes have in common: their frame, their file names, and how they write figures."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from salesnb import words
from salesnb.metrics.covered import ALL
from salesnb.report.figures import TOTALS
from salesnb.report.run_record import Head, RunRecord
from salesnb.report.standing import RollUp, Standing
from salesnb.report.style import HTML_LANG, foot_style, page_style
from salesnb.settings import UNRESTRICTED
from salesnb.show.numbers import Scale, currency_unit, day_text, figure, money_scale
from salesnb.show.sentence import column_name, edition_text
from salesnb.show.style import style
from salesnb.show.text import plain

_TEMPLATES = Path(__file__).parent / "template"
_STATED = ("other_language", "provisional")


@dataclass(frozen=True)
class Amounts:
    """How all figures of one table are written, so that they can be held against each other."""

    scale: Scale
    currency: str
    lang: str

    @property
    def unit(self) -> str:
        """The unit of its money, which stands once at its head."""
        return currency_unit(self.currency, self.scale.letter, self.lang).strip()

    def row(self, entry: Standing | RollUp | None) -> list[tuple[str, str]]:
        """Return sales, target, gap and attainment as text, each with its kind."""
        values = totals(entry)
        written = [self.scale.write(values[0]), self.scale.write(values[1])]
        share = figure(values[3], "rate", self.lang)
        if (part := part_of(entry)) is not None and values[3] is not None:
            share += said("table.of_part", self.lang, share=figure(part, "rate", self.lang))
        written += [self.scale.write(values[2], signed=True), share]
        return list(zip((_kind(name) for name in TOTALS), written, strict=True))


def amounts(entries: Iterable[Standing | RollUp | None], currency: str, lang: str) -> Amounts:
    """Return how to write the figures of a table, whose largest amount decides."""
    found = [abs(v) for entry in entries for v in totals(entry)[:2] if v is not None]
    return Amounts(money_scale(max(found, default=0.0), lang), plain(currency), lang)


def totals(entry: Standing | RollUp | None) -> list[float | None]:
    """Return sales, target, gap and attainment of a team, or of several together."""
    if entry is None:
        return [None] * len(TOTALS)
    if isinstance(entry, Standing):
        known = entry.figures
        return [known.get("sales"), known.get("target"), known.get("gap"), known.get("attainment")]
    return [entry.sales, entry.target, entry.gap, entry.attainment]


def part_of(entry: Standing | RollUp | None) -> float | None:
    """Return the share of sales that targets cover, where that is not all of them."""
    share = entry.figures.get("covered") if isinstance(entry, Standing) else entry.covered if entry else None
    return share if share is not None and share < ALL else None


def columns(lang: str) -> list[tuple[str, str]]:
    """Return kind and heading of the columns of figures."""
    return [(_kind(name), column_name(name, lang)) for name in TOTALS]


def _kind(name: str) -> str:
    return {"sales": "", "gap": " gap"}.get(name, " quiet")


def said(key: str, lang: str, **slots: object) -> str:
    """Return a text of the indexes."""
    return words.text("index", key, lang, **slots)


def languages(record: RunRecord) -> list[str]:
    """Return the languages of a run, the one of ``index.html`` first."""
    made = {lang for n in record["notebooks"] for lang in n["page"]}
    asked = record["parameters"].get("lang", "en")
    return sorted(made) or (["en", "zh"] if asked == "both" else [asked])


def index_name(lang: str, every: Sequence[str]) -> str:
    """Return the file name of an index in one of its languages."""
    return "index.html" if lang == every[0] else f"index.{lang}.html"


def page_of(name: str, number: int) -> str:
    """Return the file name of a further page of an index; the first is number 0 and has the name itself."""
    stem, dot, rest = name.partition(".")
    return f"{stem}-{number + 1}{dot}{rest}" if number else name


def render(template: str, lang: str, every: Sequence[str], head: Head, record: RunRecord | None, **fields: Any) -> str:
    """Return an index; ``every`` are its languages, ``record`` the run that it is about, the newest of several."""
    texts = {key: node[lang] for key, node in words.texts("index")}
    texts |= {key: words.text("report", key, lang) for key in _STATED}
    texts |= {key: words.text("report", f"footer.{key}", lang) for key in ("version", "made")}
    parts = (plain(head["company"]), texts["title"], fields["period"])
    as_of = _as_of(head, record, lang)
    frame = {
        "lang": HTML_LANG[lang],
        "title": " · ".join(part for part in parts if part),
        "css": style() + page_style() + _index_style() + foot_style((*parts, as_of)),
        "words": texts,
        "company": plain(head["company"]),
        "as_of": as_of,
        "provisional": not head["complete"],
        "others": [(HTML_LANG[k], index_name(k, every)) for k in every if k != lang],
        "version": record["version"] if record else "",
        "made": record["finished"] if record else "",
        "labels": "".join(_labels(fields.get("labels", ()))),
    }
    return _environment().get_template(template).render(**{**fields, **frame})


def _as_of(head: Head, record: RunRecord | None, lang: str) -> str:
    audience = record["parameters"].get("audience", UNRESTRICTED) if record else UNRESTRICTED
    day = words.text("show", "masthead.as_of", lang, day=day_text(head["as_of"], lang)) if head["as_of"] else ""
    return " · ".join(filter(None, (day, "" if audience == UNRESTRICTED else edition_text(audience, lang))))


def _labels(names: Sequence[str]) -> Iterable[str]:
    """Return the style that gives each cell of a table set as cards the name of its column, which is not told twice."""
    for number, name in enumerate(names, 2):
        text = re.sub(r"[^\w ]", lambda c: f"\\{ord(c[0]):x} ", plain(name))
        yield f'.teams td:nth-child({number}):not(.note, .line)::before {{ content: "{text}" }}\n'


@cache
def _index_style() -> str:
    return resources.files("salesnb.report").joinpath("index.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
