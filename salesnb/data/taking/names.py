"""Customers written in more than one way: variants, abbreviations and slips of a known name.

They are reported with the likely full name, never merged. Names are compared within small blocks only, so that a
hundred thousand of them take seconds.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

BLOCK_LIMIT = 2_000
"""Blocks with more names than this say nothing about likeness and are passed over."""

SLIP_LIMIT = 200
"""Where more names than this share a half, the other halves differ by design, not by slips."""

LEGAL_WORDS = frozenset(
    [
        "co",
        "company",
        "ltd",
        "limited",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "llc",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "pte",
        "group",
        "holding",
        "holdings",
    ]
)
LEGAL_RUNNING = re.compile(r"(?:集团)?(?:股份有限|有限责任|有限|股份|总|分)?公司|集团")
LEGAL_AT_END = re.compile(f"(?:{LEGAL_RUNNING.pattern})$")
_LEGAL_OR_THE = re.compile(rf"(?:^the\s+)|\b(?:{'|'.join(sorted(LEGAL_WORDS))})\b")
_NOISE = re.compile(r"[^\w\s]|_")
_NO_DIGITS = re.compile(r"\D+")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Name:
    """A name, the words of it that tell customers apart, and these without blanks."""

    written: str
    words: tuple[str, ...]
    key: str
    digits: str
    han: bool


def name(written: str) -> Name:
    """Take a name apart: width, case, blanks, marks and the legal form do not count."""
    text = unicodedata.normalize("NFKC", written).casefold()
    text = _NOISE.sub(" ", text.replace("'", "").replace("&", " and "))
    han = bool(_HAN.search(text))
    bare = LEGAL_AT_END.sub("", "".join(text.split())) if han else _LEGAL_OR_THE.sub(" ", text).strip()
    text = bare or text
    words = tuple(text.split())
    key = "".join(words)
    return Name(written, words, key, "".join(c for c in key if c.isdigit()), han)


@dataclass
class Index:
    """Known names by their key, by pieces of it, and by its halves."""

    by_key: dict[str, list[Name]] = field(default_factory=lambda: defaultdict(list))
    by_piece: dict[str, list[Name]] = field(default_factory=lambda: defaultdict(list))
    by_half: dict[tuple[int, str, str, str], list[Name]] = field(default_factory=lambda: defaultdict(list))
    by_first: dict[str, list[Name]] = field(default_factory=lambda: defaultdict(list))

    def add(self, known: Name) -> None:
        """Add a known name."""
        self.by_key[known.key].append(known)
        for piece in _pieces(known):
            self.by_piece[piece].append(known)
        size = len(known.key)
        self.by_half[size, known.digits, "head", known.key[: size // 2]].append(known)
        self.by_half[size, known.digits, "tail", known.key[size // 2 :]].append(known)
        if known.han:
            self.by_first[known.key[:1]].append(known)

    def likely(self, found: Name) -> Name | None:
        """Return the one known name that a spelling most likely stands for, or None."""
        same = [k for k in self.by_key.get(found.key, ()) if k.written != found.written]
        if same:
            return max(same, key=lambda k: (len(k.written), k.written))
        for candidates in (self._containing(found), self._slips(found), self._abbreviated(found)):
            unique = {k.written: k for k in candidates}
            if len(unique) == 1:
                return next(iter(unique.values()))
        return None

    def _containing(self, found: Name) -> Iterator[Name]:
        """Names of which a spelling is a part: 华星 for 华星电子科技, Northwind for Northwind Trading."""
        if len(found.key) < (2 if found.han else 4):
            return
        blocks = [self.by_piece.get(piece, []) for piece in _pieces(found)]
        block = min(blocks, key=len, default=[])
        if len(block) <= BLOCK_LIMIT:
            key = found.key
            yield from (k for k in block if key in k.key and _contains(k, found))

    def _slips(self, found: Name) -> Iterator[Name]:
        """Longer names that differ by a letter, or two in long ones; digits must agree."""
        size = len(found.key)
        if size < 5:
            return
        reach = 2 if size >= 14 else 1
        for length in range(size - reach, size + reach + 1):
            head = (length, found.digits, "head", found.key[: length // 2])
            tail = (length, found.digits, "tail", found.key[max(0, size - (length - length // 2)) :])
            for half in (head, tail):
                block = self.by_half.get(half, [])
                if len(block) <= SLIP_LIMIT:
                    yield from (k for k in block if k.written != found.written and _near(k.key, found.key, reach))

    def _abbreviated(self, found: Name) -> Iterator[Name]:
        """Companies whose characters a short form takes in their order: 中石化 for 中国石油化工."""
        if not found.han or not 2 < len(found.key) < 6 or found.digits:
            return
        block = self.by_first.get(found.key[0], [])
        if len(block) <= BLOCK_LIMIT:
            yield from (
                k
                for k in block
                if len(k.key) >= len(found.key) + 2 and len(k.key) >= 6 and _subsequence(found.key, k.key)
            )


def similar(spellings: Mapping[str, int], known: Iterable[str] = ()) -> list[tuple[str, str, int]]:
    """Return (spelling, likely full name, rows) for spellings that are likely known customers.

    Parameters
    ----------
    spellings
        Names found in the data with their count of rows.
    known
        Full names of the customers table. Where it is empty, the names found are compared with each other: the longer
        of two variants is taken for the full one, of two equally long ones the more frequent.
    """
    full = set(known)
    if full:
        return _against({s: n for s, n in spellings.items() if s not in full}, sorted(full))
    pairs = {s: (t, n) for s, t, n in _against(spellings, sorted(spellings))}

    def rank(spelling: str) -> tuple[int, int, str]:
        return (len(spelling), spellings[spelling], spelling)

    return [(s, t, n) for s, (t, n) in pairs.items() if rank(t) > rank(s)]


def _against(spellings: Mapping[str, int], known: Sequence[str]) -> list[tuple[str, str, int]]:
    index = Index()
    alone = _alone({*spellings, *known})
    taken = {written: name(written) for written in known if written not in alone}
    for full in taken.values():
        index.add(full)
    found = []
    for written in sorted(spellings):
        if not written.strip() or written in alone:
            continue
        match = index.likely(taken.get(written) or name(written))
        if match is not None:
            found.append((written, match.written, spellings[written]))
    return found


def _alone(every: Collection[str]) -> set[str]:
    """Return the names with digits that no other has, e.g. customers known by number: none of them is a variant."""
    digits = {
        written: _NO_DIGITS.sub("", written if written.isascii() else unicodedata.normalize("NFKC", written))
        for written in every
    }
    shared = Counter(digits.values())
    return {written for written, own in digits.items() if own and shared[own] == 1}


def _pieces(of: Name) -> set[str]:
    if of.han:
        return {of.key[i : i + 2] for i in range(len(of.key) - 1)}
    return set(of.words)


def _contains(full: Name, short: Name) -> bool:
    if full.han != short.han or full.digits != short.digits or full.written == short.written:
        return False
    if full.han:
        company = len(full.key) >= 4 or full.key != "".join(full.written.split())
        return company and len(full.key) > len(short.key) and short.key in full.key
    count = len(short.words)
    runs = (full.words[i : i + count] for i in range(len(full.words) - count + 1))
    return len(full.words) > count and any(run == short.words for run in runs)


def _subsequence(short: str, full: str) -> bool:
    rest = iter(full)
    return all(c in rest for c in short)


def _near(one: str, other: str, reach: int) -> bool:
    """Tell whether at most ``reach`` insertions, deletions or changes lead from one text to the other."""
    if abs(len(one) - len(other)) > reach:
        return False
    one, other = _differing(one, other)
    if max(len(one), len(other)) > reach and reach == 1:
        return False
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
        if min(row) > reach:
            return False
    return row[-1] <= reach


def _differing(one: str, other: str) -> tuple[str, str]:
    """Return what is left of two texts without what they begin and end with alike."""
    start = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        start += 1
    one, other = one[start:], other[start:]
    end = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        end += 1
    return one[: len(one) - end], other[: len(other) - end]
