"""The letters of a PDF as its reader finds, selects and copies them.

A font may draw two characters with one glyph, such as U+6708, the word for month, and U+2F49, the radical of that look.
A browser notes for each glyph the lower code, so that who searches a PDF for the word does not find it. Here each
radical's code is replaced with that of the word.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator

_SIMPLE = (
    "⺁厂⺇几⺌小⺎兀⺒巳⺓幺⺕彐⺛旡⺝月⺟母⺠民⺩王⺪疋⺬示⺮竹⺶羊⺻聿⺼肉⺽臼⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻒镸⻓长⻔门⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦"
    "⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
_WORDS = dict(zip(_SIMPLE[::2], _SIMPLE[1::2], strict=True))
"""Radicals for which Unicode names no word of the same look."""

_SAME_LOOK = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_END = re.compile(
    rb"xref\n0 \d+\n(?P<table>(?:\d{10} \d{5} [nf] \n)+)(?P<trailer>trailer\n<<.*>>\n)startxref\n\d+\n%%EOF\n",
    re.DOTALL,
)
_LAST = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
_STREAM = re.compile(rb"(?P<begin>\d+ 0 obj\n<<[^>]*/Length )(?P<length>\d+)(?P<rest>[^>]*>> stream\n)")
_TABLE = re.compile(rb"\d+ beginbf(?:char|range)\n.*endbf(?:char|range)\n", re.DOTALL)
_LINE = re.compile(rb"<([0-9A-F]+)> (?:<([0-9A-F]+)> )?<([0-9A-F]+)>\n")
_MOST = 100
"""Glyphs that a table may give in one go, by the rules of PDF."""


def readable(content: bytes) -> bytes:
    """Return a PDF, as Chromium writes it, in which every glyph stands for a word and none for a radical of its look.

    A file of another make is returned as it is.
    """
    last = _LAST.search(content)
    end = _END.fullmatch(content, int(last[1])) if last else None
    if end is None:
        return content
    start = end.start()
    entries = [end["table"][i : i + 20] for i in range(0, len(end["table"]), 20)]
    places = sorted(int(entry[:10]) for entry in entries if entry[17:18] == b"n")
    parts, moved, at = [content[: places[0]]], {}, places[0]
    for place, following in zip(places, [*places[1:], start], strict=True):
        moved[place] = at
        parts.append(_object(content[place:following]))
        at += len(parts[-1])
    table = b"".join(
        b"%010d" % moved[int(entry[:10])] + entry[10:] if entry[17:18] == b"n" else entry for entry in entries
    )
    head = b"xref\n0 %d\n" % len(entries)
    return b"".join([*parts, head, table, end["trailer"], b"startxref\n%d\n%%%%EOF\n" % at])


def _object(content: bytes) -> bytes:
    """Return an object of a PDF, mended where it is a table that gives each glyph its character."""
    stream = _STREAM.match(content)
    if stream is None or b"/FlateDecode" not in stream[0]:
        return content
    ends = stream.end() + int(stream["length"])
    try:
        given = zlib.decompress(content[stream.end() : ends])
    except zlib.error:
        return content
    if b"begincmap" not in given:
        return content
    packed = zlib.compress(_TABLE.sub(lambda found: _mended(found[0]), given), 9)
    return b"%b%d%b%b%b" % (stream["begin"], len(packed), stream["rest"], packed, content[ends:])


def _mended(table: bytes) -> bytes:
    """Return the entries of a table, as they are where none is of a radical."""
    entries = list(_entries(table))
    meant = [(glyph, _word(character)) for glyph, character in entries]
    if meant == entries:
        return table
    blocks = [meant[i : i + _MOST] for i in range(0, len(meant), _MOST)]
    return b"".join(
        b"%d beginbfchar\n%bendbfchar\n"
        % (len(block), b"".join(b"<%b> <%b>\n" % (g, c.encode("utf-16-be").hex().upper().encode()) for g, c in block))
        for block in blocks
    )


def _entries(table: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield each glyph, as its code is written, with its characters; ranges one by one."""
    for first, last, given in _LINE.findall(table):
        characters = bytes.fromhex(given.decode()).decode("utf-16-be", "surrogatepass")
        begin = int(first, 16)
        for step in range((int(last, 16) if last else begin) - begin + 1):
            yield b"%0*X" % (len(first), begin + step), characters[:-1] + chr(ord(characters[-1]) + step)


def _word(characters: str) -> str:
    return _SAME_LOOK.sub(lambda found: _WORDS.get(found[0]) or unicodedata.normalize("NFKC", found[0]), characters)
