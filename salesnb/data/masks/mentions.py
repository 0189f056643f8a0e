"""Names within texts that people wrote: found whatever the case, width, blanks or legal form, and replaced."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from salesnb.data.taking.names import LEGAL_AT_END, LEGAL_RUNNING, LEGAL_WORDS

RUNNING = re.compile(r"[\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""A letter of a script that is written without blanks: there a name begins and ends anywhere."""

_WORD = re.compile(r"(?:(?![\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])[^\W_])+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Characters without a width."""

_CLUSTER = re.compile("(?s).[\u0300-\u036f\u3099\u309a\u00ad\u200b-\u200f\u2060\ufeff]*")
"""A letter with the marks that stand on it."""

_LEAST_DIGITS = 4
"""A shorter number that is a customer's id stands for other things in a text."""

Words = tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Return the words of scripts that are written with blanks, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


class Mentions:
    """What to put for each name, and where to look for it."""

    def __init__(self, stands_for: Mapping[str, str]) -> None:
        self._whole = dict(stands_for)
        self._by_word: dict[str, dict[Words, str]] = defaultdict(dict)
        self._alone: dict[str, str] = {}
        self._by_letter: dict[str, dict[str, str]] = defaultdict(dict)
        for shortened in (False, True):  # a name that is short itself counts before one that is shortened to it
            for name, mask in stands_for.items():
                self._add(name, mask, shortened=shortened)
        self._longest = {w: sorted({len(n) for n in ns}, reverse=True) for w, ns in self._by_word.items()}
        self._sorted = {c: sorted(ns, key=len, reverse=True) for c, ns in self._by_letter.items()}

    def replaced(self, text: str) -> str:
        """Return a text with what stands for each name in the place of the name; the longest name counts."""
        if text in self._whole:
            return self._whole[text]
        made, at = [], 0
        folded, place = _folded(text)
        found = list(_WORD.finditer(folded))
        words = {m.start(): i for i, m in enumerate(found)}
        while at < len(folded):
            hit = self._running(folded, at) or (self._spelled(found, words[at]) if at in words else None)
            if hit is None:
                step = found[words[at]].end() if at in words else at + 1
                # A name of a script without blanks may begin with a word of another: look at each letter.
                step = at + 1 if any(c in self._sorted for c in folded[at + 1 : step]) else step
                made.append(text[place[at] : place[step]])
                at = step
            else:
                made.append(hit[1])
                at = hit[0]
        return "".join(made)

    def _add(self, name: str, mask: str, *, shortened: bool) -> None:
        running = _folded(name)[0].strip()
        words = tuple(_WORD.findall(running))
        if RUNNING.search(name) or not words:
            spelled = LEGAL_AT_END.sub("", running).strip() if shortened else running
            if len(spelled) > 1:
                self._by_letter[spelled[0]].setdefault(spelled, mask)
            return
        for form in _without_legal_form(words) if shortened else [words]:
            if len(form) > 1:
                self._by_word[form[0]].setdefault(form, mask)
        alone = [w for w in words if w not in LEGAL_WORDS]
        if len(alone) == 1 and (not alone[0].isdigit() or len(alone[0]) >= _LEAST_DIGITS):
            self._alone.setdefault(alone[0], mask)

    def _running(self, lowered: str, at: int) -> tuple[int, str] | None:
        names = self._by_letter.get(lowered[at], {})
        for name in self._sorted.get(lowered[at], ()):
            if lowered.startswith(name, at):
                end = at + len(name)
                legal = LEGAL_RUNNING.match(lowered, end)
                return (legal.end() if legal else end), names[name]
        return None

    def _spelled(self, found: list[re.Match[str]], first: int) -> tuple[int, str] | None:
        word = found[first][0]
        for size in self._longest.get(word, ()):
            words = tuple(m[0] for m in found[first : first + size])
            if words in self._by_word[word]:
                return _past_legal_form(found, first + len(words) - 1), self._by_word[word][words]
        if word in self._alone:
            return _past_legal_form(found, first), self._alone[word]
        return None


def _without_legal_form(words: Words) -> Iterator[Words]:
    while len(words) > 1 and words[-1] in LEGAL_WORDS:
        words = words[:-1]
    yield words
    if len(words) > 1 and words[0] == "the":
        yield words[1:]


def _past_legal_form(found: list[re.Match[str]], last: int) -> int:
    """Return where a name ends that goes on with its legal form: Co., Ltd."""
    while last + 1 < len(found) and found[last + 1][0] in LEGAL_WORDS:
        last += 1
    return found[last].end()


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Return text in one case, width and composition, and where each of its letters, and its end, is in the text."""
    lowered = text.casefold()
    if len(lowered) == len(text) and unicodedata.is_normalized("NFKC", lowered) and not _UNSEEN.search(text):
        return lowered, range(len(text) + 1)
    made: list[str] = []
    place: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        letters = _UNSEEN.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster[0]).casefold()))
        made.append(letters)
        place += [cluster.start()] * len(letters)
    return "".join(made), [*place, len(text)]
