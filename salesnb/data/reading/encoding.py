"""Which characters the bytes of a text file stand for: a mark at its start, else UTF-8, else GB18030.

Both are checked strictly over the whole file, in pieces; a guess from the first lines would let a later one turn
into garbage. Of a file whose lines are of two encodings, that of most lines is taken; the others are told apart by
`sound`.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from salesnb.data.reading.contents import Content
from salesnb.errors import InputError, problem

_PIECE = 1 << 22
_ALONE = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f](?=[A-Za-z])")
_ENOUGH = 10_000
"""So many letters beyond ASCII tell which kind they are."""

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_WIDE = ("utf-16", "utf-32", "utf_16", "utf_32", "utf16", "utf32", "utf-7", "utf7", "utf_7")
"""Encodings in which the byte of a line's end may be part of another character."""


@dataclass(frozen=True)
class Encoding:
    """How a text file is encoded.

    ``quotes`` tells whether a double quote occurs in it at all, ``mixed`` whether lines of it are in another encoding.
    """

    name: str
    quotes: bool
    mixed: bool = False

    @property
    def by_bytes(self) -> bool:
        """Whether separators, quotes and ends of lines can be found among the bytes."""
        return not self.name.lower().startswith(_WIDE)


def detect(content: Content, override: str = "") -> Encoding:
    """Return the encoding of a text file.

    Raises
    ------
    InputError
        The file is neither UTF-8 nor GB18030, or is not in the encoding that ``override`` names.
    """
    if override:
        return _given(content, override)
    start = content.start(4)
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return _given(content, name)
    if (found := _strict(content, "utf-8")) is not None:
        return found
    counted = _counted(content, "utf-8")
    if counted.sound > counted.other:
        return Encoding("utf-8", counted.quotes, mixed=True)
    if (found := _strict(content, "gb18030")) is not None:
        found = replace(found, mixed=_holds_utf8(content))
    else:
        counted = _counted(content, "gb18030")
        found = Encoding("gb18030", counted.quotes, True) if counted.sound > counted.other else None
    if found is None or _western(content):
        raise InputError(problem("encoding_unknown", file=content.name))
    return found


def sound(line: bytes, name: str) -> bool:
    """Tell whether a line is in an encoding; one of UTF-8 is not GB18030, even where its bytes might be."""
    try:
        written = line.decode(name)
    except UnicodeError:
        return False
    return line.isascii() or name.lower() not in {"gb18030", "gbk", "gb2312"} or not _utf8_rather(line, written)


def _utf8_rather(line: bytes, read: str) -> bool:
    """Tell whether bytes that can be read as GB18030 are UTF-8: then common characters, else rare ones."""
    try:
        written = line.decode("utf-8")
    except UnicodeError:
        return False
    chinese = [c for c in written if "\u2e80" <= c <= "\uffef"]
    return bool(chinese) and all(map(_common, chinese)) and not all(_common(c) for c in read if c > "\x7f")


def _holds_utf8(content: Content) -> bool:
    """Tell whether a file that can be read as GB18030 has lines of UTF-8.

    Only lines with three bytes such as UTF-8 makes of a Chinese character are looked at, to be quick.
    """
    for lines in content.whole_lines(_PIECE):
        read = np.frombuffer(lines, dtype=np.uint8)
        lead, follows = (read >= 0xE2) & (read <= 0xEF), (read >= 0x80) & (read <= 0xBF)
        end = 0
        for place in np.flatnonzero(lead[:-2] & follows[1:-1] & follows[2:]).tolist():
            if place >= end:
                start, end = lines.rfind(b"\n", 0, place) + 1, lines.find(b"\n", place) + 1 or len(lines)
                if not sound(lines[start:end], "gb18030"):
                    return True
    return False


def lines(content: Content, found: Encoding) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a file with their ends, and whether each is in the file's encoding."""
    with content.open() as file:
        if not found.mixed:
            for text in io.TextIOWrapper(file, encoding=found.name, newline=""):
                yield text, True
            return
        name = "utf-8" if found.name == "utf-8-sig" else found.name
        for number, line in enumerate(_split(file)):
            whole = line.removeprefix(codecs.BOM_UTF8) if number == 0 else line
            if sound(whole, name):
                yield whole.decode(name), True
            else:
                other = "gb18030" if name == "utf-8" else "utf-8"
                yield whole.decode(other, "replace"), False


def _split(file: Iterator[bytes]) -> Iterator[bytes]:
    for line in file:
        yield from line.splitlines(keepends=True)


def _given(content: Content, name: str) -> Encoding:
    try:
        if not codecs.lookup(name)._is_text_encoding:
            raise LookupError(name)
    except (LookupError, ValueError):
        raise InputError(problem("encoding_name", file=content.name, found=name)) from None
    if (found := _strict(content, name)) is not None:
        return found
    if Encoding(name, False).by_bytes:
        counted = _counted(content, "utf-8" if name == "utf-8-sig" else name)
        if counted.sound > counted.other:
            return Encoding(name, counted.quotes, mixed=True)
    raise InputError(problem("encoding_wrong", file=content.name, found=name))


def _strict(content: Content, name: str) -> Encoding | None:
    """Decode the whole file piece by piece; None where a byte does not fit."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    quotes = False
    with content.open() as file:
        try:
            while piece := file.read(_PIECE):
                quotes = quotes or b'"' in piece
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return None
    return Encoding(name, quotes)


@dataclass
class _Counted:
    """Lines beyond ASCII that are in an encoding, and others."""

    sound: int = 0
    other: int = 0
    quotes: bool = False


def _counted(content: Content, name: str) -> _Counted:
    made = _Counted()
    with content.open() as file:
        for number, line in enumerate(_split(file)):
            made.quotes = made.quotes or b'"' in line
            if line.isascii():
                continue
            if sound(line.removeprefix(codecs.BOM_UTF8) if number == 0 else line, name):
                made.sound += 1
            else:
                made.other += 1
    return made


def _western(content: Content) -> bool:
    """Tell whether most of what reads as Chinese are single rare characters within Latin words.

    In a Western encoding, an accented letter and the one after it make such a character: ``Süd`` becomes ``S黡``.
    """
    foreign = alone = 0
    with content.open() as file:
        text = io.TextIOWrapper(file, encoding="gb18030", errors="replace", newline="")
        while (piece := text.read(_PIECE)) and foreign < _ENOUGH:
            foreign += len(piece) - len(piece.encode("ascii", "ignore"))
            alone += sum(not _common(character) for character in _ALONE.findall(piece))
    return 2 * alone > foreign


def _common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
