"""Glyphs of a PDF stand for words, not for radicals of the same look."""

import io
import unicodedata
import zlib

import pypdf

from salesnb.formats.letters import _SIMPLE, readable

TABLE = b"""/CIDInit /ProcSet findresource begin
begincmap
3 beginbfchar
<0003> <0020>
<0010> <2F47>
<0011> <2ED4>
endbfchar
2 beginbfrange
<0020> <0022> <0041>
<0030> <0031> <2F48>
endbfrange
endcmap
"""


def document(table):
    """Return a PDF of one page, laid out as a browser writes it, with that table of characters."""
    packed = zlib.compress(table)
    objects = [
        b"1 0 obj\n<</Type /Catalog\n/Pages 2 0 R>>\nendobj\n",
        b"2 0 obj\n<</Type /Pages\n/Count 1\n/Kids [3 0 R]>>\nendobj\n",
        b"3 0 obj\n<</Type /Page\n/Parent 2 0 R\n/MediaBox [0 0 9 9]\n/Resources <</Font <</F 4 0 R>>>>>>\nendobj\n",
        b"5 0 obj\n<</Filter /FlateDecode\n/Length %d>> stream\n" % len(packed) + packed + b"\nendstream\nendobj\n",
        b"4 0 obj\n<</Type /Font\n/Subtype /Type0\n/BaseFont /A\n/ToUnicode 5 0 R>>\nendobj\n",
    ]
    content, places = b"%PDF-1.4\n", {}
    for part in objects:
        places[int(part.split()[0])] = len(content)
        content += part
    entries = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % places[n] for n in range(1, 6))
    end = b"trailer\n<</Size 6\n/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(content)
    return content + b"xref\n0 6\n" + entries + end


def table_of(content):
    page = pypdf.PdfReader(io.BytesIO(content), strict=True).pages[0]
    return page["/Resources"]["/Font"]["/F"]["/ToUnicode"].get_data()


def test_radicals_become_words_also_within_ranges_and_the_rest_stays():
    table = table_of(readable(document(TABLE)))
    for entry in (b"<0003> <0020>", b"<0010> <65E5>", b"<0011> <95E8>", b"<0020> <0041>", b"<0022> <0043>",
                  b"<0030> <66F0>", b"<0031> <6708>"):  # fmt: skip
        assert entry in table
    assert b"8 beginbfchar" in table
    assert b"<2F" not in table
    assert table.startswith(b"/CIDInit")
    assert table.endswith(b"endcmap\n")


def test_what_has_no_radical_keeps_its_table_and_another_maker_s_file_its_bytes():
    latin = TABLE.replace(b"2F47", b"0047").replace(b"2ED4", b"0048").replace(b"2F48", b"0049")
    assert table_of(readable(document(latin))) == latin
    for other in (b"", b"%PDF-1.7\nnothing of the kind", document(TABLE)[:-1]):
        assert readable(other) == other


def test_tables_are_given_in_blocks_that_readers_take():
    lines = b"".join(b"<%04X> <2F47>\n" % n for n in range(1, 151))
    table = table_of(readable(document(b"begincmap\n150 beginbfchar\n" + lines + b"endbfchar\nendcmap\n")))
    assert b"100 beginbfchar\n" in table
    assert b"50 beginbfchar\n" in table
    assert table.count(b"<65E5>") == 150


def test_no_radical_is_left_that_has_a_word():
    for radical in range(0x2F00, 0x2FD6):
        assert len(unicodedata.normalize("NFKC", chr(radical))) == 1
    assert all("\u2e80" <= radical <= "\u2ef3" for radical in _SIMPLE[::2])
    assert all("\u4e00" <= word <= "\u9fff" for word in _SIMPLE[1::2])
