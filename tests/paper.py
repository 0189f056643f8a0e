"""A printed page read back: what stands on which sheet, from the structure that the browser writes into its PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream, IndirectObject


@dataclass
class Element:
    """An element of the page, the sheets its content stands on, and what is in it."""

    kind: str
    sheets: set[int] = field(default_factory=set)
    parts: list[Element] = field(default_factory=list)

    def all(self, kind: str) -> Iterator[Element]:
        """Yield every element of a kind in it, in order."""
        for part in self.parts:
            if part.kind == kind:
                yield part
            yield from part.all(kind)

    def has(self, kind: str) -> bool:
        """Tell whether an element of a kind is in it."""
        return next(self.all(kind), None) is not None


@dataclass
class Paper:
    """A printed page: its sheets and its elements."""

    reader: PdfReader
    whole: Element

    @classmethod
    def read(cls, pdf: bytes) -> Paper:
        """Read a PDF that tells its structure."""
        reader = PdfReader(io.BytesIO(pdf))
        sheets = {page.indirect_reference.idnum: i for i, page in enumerate(reader.pages, 1)}
        root = reader.trailer["/Root"]["/StructTreeRoot"]
        whole = Element("page")
        shown = {i: _shown(page, reader) for i, page in enumerate(reader.pages, 1)}
        _walk(root["/K"], None, sheets, shown, whole)
        return cls(reader, whole)

    def text(self) -> str:
        """Return all text that can be selected."""
        return "\n".join(page.extract_text() for page in self.reader.pages)

    def cut(self) -> list[str]:
        """Return the figures, rows, headings and what follows these that stand on more than one sheet.

        A row of heads does where it is repeated, and so do tables and lists with the figure they are in.
        """
        whole = [e for kind in ("Figure", "TR", "LI", "H1", "H2") for e in self.whole.all(kind)]
        whole += [after for _, after in self._headed() if after.kind == "P"]
        return [f"{e.kind} on {sorted(e.sheets)}" for e in whole if len(e.sheets) > 1 and not _may_go_on(e)]

    def headless(self) -> list[str]:
        """Return the tables that go on over a sheet where their heads do not stand."""
        found = []
        for table in self.whole.all("Table"):
            rows = list(table.all("TR"))
            heads = next((row for row in rows if not row.has("TD")), None)
            if heads is not None and set().union(*(row.sheets for row in rows)) - heads.sheets:
                found.append(f"Table on {sorted(table.sheets)} with heads on {sorted(heads.sheets)}")
        return found

    def alone(self) -> list[str]:
        """Return the headings whose section begins on another sheet."""
        return [
            f"{head.kind} on {sorted(head.sheets)}, what follows on {sorted(after.sheets)}"
            for head, after in self._headed()
            if max(head.sheets) < min(after.sheets)
        ]

    def _headed(self) -> list[tuple[Element, Element]]:
        """Return every heading with what comes after it."""
        leaves = [e for e in _leaves(self.whole) if e.sheets]
        return [(one, other) for one, other in pairwise(leaves) if one.kind in {"H1", "H2"}]

    def overlaps(self) -> list[str]:
        """Return pairs of texts that lie over one another; widths are guessed, on the low side."""
        found = []
        for number, page in enumerate(self.reader.pages, 1):
            boxes = sorted(_boxes(page), key=lambda box: box[1])
            for i, (x, y, size, text) in enumerate(boxes):
                for other_x, other_y, other_size, other in boxes[i + 1 :]:
                    least = min(size, other_size)
                    if other_y - y > 0.5 * least:
                        break
                    left, right = (max(x, other_x), min(x + _wide(text, size), other_x + _wide(other, other_size)))
                    if right - left > least:
                        found.append(f"{' and '.join(sorted(map(repr, (text, other))))} on {number}")
        return found


def _may_go_on(element: Element) -> bool:
    if element.kind == "TR":
        return not element.has("TD")
    return element.has("Table") or (element.kind == "Figure" and element.has("LI"))


def _leaves(element: Element) -> Iterator[Element]:
    """Yield headings and paragraphs whole, and of the rest what has no parts."""
    for part in element.parts:
        if part.kind in {"H1", "H2", "P", "TR", "Figure"} or not part.parts:
            yield part
        else:
            yield from _leaves(part)


def _shown(page: Any, reader: PdfReader) -> set[int]:
    """Return the numbers of a sheet's marked contents that show something.

    What is moved to the next sheet may leave an empty one behind.
    """
    marks: list[int] = []
    found: set[int] = set()
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator in {b"BDC", b"BMC"}:
            named = operands[1] if len(operands) > 1 else None
            marks.append(named.get("/MCID", -1) if isinstance(named, dict) else -1)
        elif operator == b"EMC":
            marks.pop()
        elif operator in _SHOWING and marks:
            found.update(marks)
    return found


_SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"', b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"Do", b"sh"})


def _walk(node: Any, sheet: int | None, sheets: dict[int, int], shown: dict[int, set[int]], into: Element) -> None:
    if isinstance(node, IndirectObject):
        node = node.get_object()
    if isinstance(node, int):
        if sheet is not None and node in shown[sheet]:
            into.sheets.add(sheet)
    elif isinstance(node, list):
        for part in node:
            _walk(part, sheet, sheets, shown, into)
    elif node.get("/Type") != "/OBJR":
        if "/Pg" in node:
            sheet = sheets[node.raw_get("/Pg").idnum]
        if node.get("/Type") == "/MCR":
            _walk(int(node["/MCID"]), sheet, sheets, shown, into)
            return
        made = Element(str(node["/S"])[1:])
        into.parts.append(made)
        _walk(node.get("/K", []), sheet, sheets, shown, made)
        into.sheets |= made.sheets


def _boxes(page: Any) -> list[tuple[float, float, float, str]]:
    """Return every run of text of a sheet: left, baseline, size, text."""
    boxes: list[tuple[float, float, float, str]] = []

    def take(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            x = cm[0] * tm[4] + cm[2] * tm[5] + cm[4]
            y = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            boxes.append((x, y, abs(size * tm[3] * cm[3]), text.strip()))

    page.extract_text(visitor_text=take)
    return boxes


def _wide(text: str, size: float) -> float:
    return 0.4 * size * len(text)
