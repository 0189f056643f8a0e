"""What a section says, as plain text: the paragraphs of its HTML."""

from __future__ import annotations

from html.parser import HTMLParser

_LIGHT = "snb-stands"


def said(html: str) -> list[str]:
    """Return the text of each paragraph, on one line; the first is the section's sentence."""
    paragraphs = _Paragraphs()
    paragraphs.feed(html)
    paragraphs.close()
    texts = (" ".join(text.split()) for text in paragraphs.texts)
    return [text for text in texts if text]


class _Paragraphs(HTMLParser):
    """Gathers the text within each paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a text with each paragraph; a light is no sentence."""
        if tag == "p" and ("class", _LIGHT) not in attrs:
            self._inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        """End the text with its paragraph."""
        if tag == "p":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Add to the paragraph's text."""
        if self._inside:
            self.texts[-1] += data
