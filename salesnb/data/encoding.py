"""Which characters the bytes of a text file stand for: a mark at its start, else UTF-8, else GB18030.

Both are checked strictly over the whole file, in pieces; a guess from the first lines would let a later one turn
into garbage.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from salesnb.errors import InputError, problem

_PIECE = 1 << 22
_ALONE = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f](?=[A-Za-z])")
_ENOUGH = 10_000
"""So many letters beyond ASCII tell which kind they are."""

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Encoding:
    """How a text file is encoded; ``quotes`` tells whether a double quote occurs in it at all."""

    name: str
    quotes: bool


def detect(path: Path, override: str = "") -> Encoding:
    """Return the encoding of a text file.

    Raises
    ------
    InputError
        The file is neither UTF-8 nor GB18030, or is not in the encoding that ``override`` names.
    """
    if override:
        return _given(path, override)
    with path.open("rb") as file:
        start = file.read(4)
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return _given(path, name)
    for name in ("utf-8", "gb18030"):
        if (found := _strict(path, name)) is not None:
            if name == "gb18030" and _western(path):
                break
            return found
    raise InputError(problem("encoding_unknown", file=path.name))


def _given(path: Path, name: str) -> Encoding:
    try:
        codecs.lookup(name)
    except LookupError:
        raise InputError(problem("encoding_name", file=path.name, found=name)) from None
    found = _strict(path, name)
    if found is None:
        raise InputError(problem("encoding_wrong", file=path.name, found=name))
    return found


def _strict(path: Path, name: str) -> Encoding | None:
    """Decode the whole file piece by piece; None where a byte does not fit."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    quotes = False
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                quotes = quotes or b'"' in piece
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return None
    return Encoding(name, quotes)


def _western(path: Path) -> bool:
    """Tell whether most of what reads as Chinese are single rare characters within Latin words.

    In a Western encoding, an accented letter and the one after it make such a character: ``Süd`` becomes ``S黡``.
    """
    foreign = alone = 0
    with path.open(encoding="gb18030", newline="") as file:
        while (piece := file.read(_PIECE)) and foreign < _ENOUGH:
            foreign += len(piece) - len(piece.encode("ascii", "ignore"))
            alone += sum(not _common(character) for character in _ALONE.findall(piece))
    return 2 * alone > foreign


def _common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
