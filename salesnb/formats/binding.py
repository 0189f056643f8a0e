"""Pages made ready for paper: one by itself, or all of a team's bound into one document whose links stay in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import unquote

_LISTS = frozenset({"headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"})
"""Attributes that name other elements, several perhaps."""

_SINGLE = frozenset({"id", "for", "aria-activedescendant"})
_INSIDE = re.compile(r"url\(#([^)]+)\)")
_HEAVY, _BOLD = re.compile(r"(font-weight:\s*)600"), r"\g<1>700"
"""On paper: the Chinese font that is packaged has one weight, and a browser makes bold of it from 700 on."""

_ELSEWHERE = re.compile(r"(?:https?|mailto|tel|data):", re.IGNORECASE)


@dataclass
class _Page:
    """What a page consists of: its language, title and styles, and its body as HTML."""

    lang: str = ""
    title: str = ""
    styles: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


def single(page: str) -> str:
    """Return a page by itself: links to other files, which paper cannot follow, are text."""
    found = _read(page, lambda href: href if href.startswith("#") else "")
    return _document(found, found.styles, "".join(found.body))


def bound(pages: Mapping[str, str], files: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return several pages as one document, each beginning on a new sheet.

    Parameters
    ----------
    pages
        The pages by stage, in order.
    files
        The stage that each file name stands for: links to these lead to that part of the document.
    names
        What each stage is called in the document's outline.
    """
    read = {stage: _read(page, _links(stage, files, pages), f"{stage}-", names[stage]) for stage, page in pages.items()}
    styles = list(dict.fromkeys(style for page in read.values() for style in page.styles))
    parts = [
        f'<article id="{escape(stage)}" class="bound">{"".join(page.body)}</article>' for stage, page in read.items()
    ]
    return _document(next(iter(read.values())), styles, "".join(parts))


def _links(stage: str, files: Mapping[str, str], pages: Mapping[str, str]) -> Callable[[str], str]:
    """Return where a link of one page leads within the whole; nowhere where its target is not in there."""

    def lead(href: str) -> str:
        file, _, anchor = href.partition("#")
        to = files.get(unquote(file), "") if file else stage
        if to not in pages:
            return ""
        return f"#{to}-{anchor}" if anchor else f"#{to}"

    return lead


def _document(page: _Page, styles: list[str], body: str) -> str:
    head = "".join(f"<style>{_HEAVY.sub(_BOLD, style)}</style>" for style in styles)
    lang, title = escape(page.lang), escape(page.title)
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>"
    )


def _read(page: str, lead: Callable[[str], str], prefix: str = "", name: str = "") -> _Page:
    reader = _Reader(lead, prefix, name)
    reader.feed(page)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """Takes a page apart; gives every id a prefix, every link a new target, and its first heading its name."""

    def __init__(self, lead: Callable[[str], str], prefix: str, name: str) -> None:
        super().__init__(convert_charrefs=False)
        self.page = _Page()
        self._lead, self._prefix, self._name = lead, prefix, name
        self._in, self._inside_body, self._skipping = "", False, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag's begin."""
        if tag == "html":
            self.page.lang = dict(attrs).get("lang") or ""
        elif tag == "body":
            self._inside_body = True
            self.page.body.append(f"<{self._markup('div', attrs)}>")
        elif tag == "script":
            self._skipping = True
        elif not self._inside_body:
            self._in = tag
            if tag == "style":
                self.page.styles.append("")
        else:
            self.page.body.append(f"<{self._markup(tag, attrs)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag that ends itself, as in drawings."""
        if self._inside_body:
            self.page.body.append(f"<{self._markup(tag, attrs)}/>")

    def handle_endtag(self, tag: str) -> None:
        """Take a tag's end."""
        if tag == "body":
            self._inside_body = False
            self.page.body.append("</div>")
        elif tag == "script":
            self._skipping = False
        elif self._inside_body:
            if tag == "h1" and self._name:
                self.page.body.append(f" <span>{escape(self._name)}</span>")
            self.page.body.append(f"</{tag}>")
        self._in = ""

    def handle_data(self, data: str) -> None:
        """Take text as it stands."""
        if self._skipping:
            return
        if self._inside_body:
            self.page.body.append(data)
        elif self._in == "style":
            self.page.styles[-1] += data
        elif self._in == "title":
            self.page.title += data

    def handle_entityref(self, name: str) -> None:
        """Take a named character as it stands."""
        self._character(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Take a numbered character as it stands."""
        self._character(f"&#{name};")

    def _character(self, written: str) -> None:
        if self._inside_body and not self._skipping:
            self.page.body.append(written)
        elif self._in == "title":
            self.page.title += unescape(written)

    def _markup(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        written = [self._attribute(tag, name, value) for name, value in attrs]
        return " ".join([tag, *(text for text in written if text)])

    def _attribute(self, tag: str, name: str, value: str | None) -> str:
        if value is None:
            return name
        if name in _SINGLE:
            value = self._prefix + value
        elif name in _LISTS:
            value = " ".join(self._prefix + part for part in value.split())
        elif name in ("href", "xlink:href") and not _ELSEWHERE.match(value):
            value = self._lead(value) if tag == "a" else self._own(value)
            if not value:
                return ""
        elif name == "font-weight" and value == "600":
            value = "700"
        else:
            value = _INSIDE.sub(lambda found: f"url(#{self._prefix}{found[1]})", value)
        return f'{name}="{escape(value)}"'

    def _own(self, href: str) -> str:
        """Return a reference within a drawing."""
        return f"#{self._prefix}{href[1:]}" if href.startswith("#") else href
