"""Answers that people keep to why: which of the period's problems each of them speaks of, if any.

People name a problem in their own words. An answer is put under a problem only where its words, its team and its day
allow it and no other problem fits as well; every other answer stays, apart, with the reason.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from salesnb import words
from salesnb.data.taking.names import name as customer_name
from salesnb.scope import WHOLE_COMPANY, Scope
from salesnb.views.slices import SLICE, with_slice

COLUMNS = ("answered_on", "team", "problem_text", "step", "answer", "author", "place", "basis")
"""Columns of placed answers: ``place`` is the problem's position, -1 for none; ``basis`` the code of the reason."""

EXACT, SAME_SLICE, SAME_KIND = "names_it", "names_slice", "names_kind"
"""How an answer names its problem, the surest first."""
FITS_SEVERAL, TOO_EARLY, FITS_NONE = "fits_several", "too_early", "fits_none"
"""Why an answer stands apart."""

MONTHS = 12
"""An answer given longer ago is about an earlier occurrence."""

_RANKS = (EXACT, SAME_SLICE, SAME_KIND)
_UNSAID = frozenset({"new_existing", "team"})
"""Dimensions that do not count as named: the kind of problem says the one, the answer's own team the other."""

_NOISE = re.compile(r"[^\w]|_")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Heard:
    """What the words of a problem name: kinds of problems, and members by dimension."""

    kinds: frozenset[str]
    members: Mapping[str, frozenset[str]]


def placed(
    whys: pd.DataFrame,
    problems: pd.DataFrame,
    members: Mapping[str, Collection[str]],
    since: Sequence[pd.Timestamp | None],
    scope: Scope,
) -> pd.DataFrame:
    """Put each answer under the problem that it speaks of, or apart.

    An answer fits a problem when its team is the problem's, when it names no other member than the problem's slice,
    and when it names the slice, the kind of problem, or both. Of several problems the one that is named best counts;
    where two are named equally well, none.

    Parameters
    ----------
    whys
        The clean table of answers; those given after the scope's day are not known yet.
    problems
        The period's problems: ``problem`` and the dimensions of a slice.
    members
        By dimension, all members that an answer could name.
    since
        For each problem the day before which an answer cannot be about it, None where that is not known.

    Returns
    -------
    DataFrame
        `COLUMNS`, oldest answer first.
    """
    known = whys[whys["answered_on"] <= pd.Timestamp(scope.as_of)]
    known = known.sort_values(["answered_on", "step", "answer"], kind="stable")
    told = known[["problem", "team"]].assign(day=known["answered_on"])
    places = spoken_of(told, problems, members, since, scope)
    rows = [_row(answer, *at) for answer, at in zip(known.to_dict("records"), places, strict=True)]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def spoken_of(
    told: pd.DataFrame,
    problems: pd.DataFrame,
    members: Mapping[str, Collection[str]],
    since: Sequence[pd.Timestamp | None],
    scope: Scope,
) -> list[tuple[int, str]]:
    """Return for each text the position of the problem that it speaks of, -1 for none, and the code of the reason.

    Parameters
    ----------
    told
        ``problem`` in people's own words, ``team``, ``day``.
    problems, members, since, scope
        As for `placed`.
    """
    begin = pd.Timestamp(scope.period.start) - pd.DateOffset(months=MONTHS)
    slices: list[dict[Any, Any]] = with_slice(problems).to_dict("records") if len(problems) else []
    ear, found = _Ear([str(t) for t in told["problem"]], members), []
    for text in told.to_dict("records"):
        heard = ear.hear(str(text["problem"]))
        fits = {i: fit for i, p in enumerate(slices) if (fit := _fit(heard, p, _text(text["team"]), scope))}
        late = {i: f for i, f in fits.items() if text["day"] >= (since[i] or begin)}
        late = late if text["day"] >= begin else {}
        found.append((-1, TOO_EARLY) if fits and not late else _best(late))
    return found


def _row(answer: Mapping[Any, Any], place: int, basis: str) -> dict[str, object]:
    step = answer["step"]
    return {
        "answered_on": answer["answered_on"],
        **{c: _text(answer[c]) for c in ("team", "answer", "author")},
        "problem_text": _text(answer["problem"]),
        "step": "" if pd.isna(step) else str(int(float(str(step)))),
        "place": place,
        "basis": basis,
    }


def _best(fits: Mapping[int, str]) -> tuple[int, str]:
    for rank in _RANKS:
        found = [i for i, fit in fits.items() if fit == rank]
        if found:
            return (found[0], rank) if len(found) == 1 else (-1, FITS_SEVERAL)
    return -1, FITS_NONE


def _fit(heard: Heard, problem: Mapping[Any, str], team: str, scope: Scope) -> str:
    """Return how an answer names a problem, blank where it does not."""
    slice_ = {d: problem[d] for d in SLICE if problem[d] and d not in _UNSAID}
    named = {d: m for d, m in heard.members.items() if d not in _UNSAID}
    agreed = [d for d in slice_ if slice_[d] in named.get(d, ())]
    if any(d in named and d not in agreed for d in slice_) or (named and not agreed):
        return ""
    if not _same_team(heard, problem, team, bool(agreed), scope):
        return ""
    whole = len(agreed) == len(slice_)
    if problem["problem"] in heard.kinds:
        return EXACT if whole else SAME_KIND
    if heard.kinds and not whole:
        return ""
    return SAME_SLICE if agreed else ""


def _same_team(heard: Heard, problem: Mapping[Any, str], team: str, agreed: bool, scope: Scope) -> bool:
    own = problem["team"] or ("" if scope.team == WHOLE_COMPANY else scope.team)
    named = heard.members.get("team", frozenset())
    if named and own not in named:
        return False
    if team:
        return team == own if own else agreed
    return bool(named) or agreed


class _Ear:
    """Hears in texts which kinds of problems and which members they name."""

    def __init__(self, texts: Iterable[str], members: Mapping[str, Collection[str]]) -> None:
        self._kinds = _kinds()
        all_of_them = "\n".join(_simple(text) for text in texts)
        # Pages may call a code by another name than the data do: direct is 直销.
        called = words.catalogue("dimensions")["members"]
        found = {
            spelling: (d, str(member))
            for d, names in members.items()
            for member in names
            for name in (str(member), *called.get(d, {}).get(str(member), {}).values())
            if _begins_in(name, all_of_them)
            for spelling in _spellings(d, name)
        }
        # A longer name may hold a shorter one: South China, South.
        self._members = sorted(found.items(), key=lambda pair: (-len(pair[0]), pair))

    def hear(self, text: str) -> Heard:
        """Return what a text names."""
        latin, han = _latin(text), _han(text)
        scores = {kind: _longest(phrases, latin, han) for kind, phrases in self._kinds.items()}
        top = max(scores.values(), default=0)
        named: dict[str, set[str]] = {}
        for spelling, (dimension, member) in self._members:
            if _HAN.search(spelling):
                if spelling in han:
                    han = han.replace(spelling, "\n")
                    named.setdefault(dimension, set()).add(member)
            elif spelling in latin:
                latin = latin.replace(spelling, " \n ")
                named.setdefault(dimension, set()).add(member)
        kinds = frozenset(k for k, score in scores.items() if score and score == top)
        return Heard(kinds, {d: frozenset(m) for d, m in named.items()})


def _kinds() -> dict[str, list[str]]:
    """Return by kind of problem what it is called: its code, its name in both languages, and how people say it."""
    own = words.entry("answers", "phrases")
    named = words.entry("dimensions", "members.problem")
    return {
        kind: [_whole(kind), *(_whole(names[lang]) for lang in words.LANGUAGES), *_alternatives(own.get(kind, {}))]
        for kind, names in named.items()
    }


def _whole(text: str) -> str:
    """Return a name that counts as a whole: it weighs more than parts found apart."""
    return "=" + text


def _alternatives(phrases: Mapping[str, str]) -> list[str]:
    return [p.strip() for lang in words.LANGUAGES for p in phrases.get(lang, "").split("|") if p.strip()]


def _longest(phrases: Iterable[str], latin: str, han: str) -> int:
    return max((_weight(p, latin, han) for p in phrases), default=0)


def _weight(phrase: str, latin: str, han: str) -> int:
    """Return how much of a text a phrase covers, 0 where it does not occur."""
    if phrase.startswith("="):
        text = phrase[1:]
        there = _han(text) in han if _HAN.search(text) else _latin(text) in latin
        return 100 + len(text) if there else 0
    parts = phrase.split()
    return len(phrase) if all(p in han if _HAN.search(p) else f" {p}" in latin for p in parts) else 0


def _simple(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _latin(text: str) -> str:
    """Return a text's words without plurals and marks, a blank around each."""
    parts = _NOISE.sub(" ", _simple(text)).split()
    return f" {' '.join(_singular(p) for p in parts)} "


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _han(text: str) -> str:
    return _NOISE.sub("", _simple(text))


def _begins_in(member: str, texts: str) -> bool:
    """Tell cheaply whether a text can name a member at all: there may be a hundred thousand of them."""
    first = member.split(maxsplit=1)[:1]
    if first and first[0].isascii():
        return _singular(first[0].casefold().strip(_MARKS)) in texts
    parts = _NOISE.sub(" ", _simple(member[:_START])).split()
    if not parts:
        return False
    return (parts[0][:2] if _HAN.search(parts[0]) else _singular(parts[0])) in texts


_START, _MARKS = 40, "'\"().,;:&-"


def _spellings(dimension: str, member: str) -> list[str]:
    """Return how a text may name a member; customers also without their legal form."""
    if _HAN.search(member):
        whole, short = _han(member), customer_name(member).key if dimension == "customer" else ""
        return [text for text in dict.fromkeys((whole, short)) if len(text) > 1]
    short = " ".join(customer_name(member).words) if dimension == "customer" else ""
    found = [_latin(member), *([_latin(short)] if len(short.split()) > 1 else [])]
    return [text for text in dict.fromkeys(found) if len(text) > 3]


def members_in(frames: Iterable[pd.DataFrame]) -> dict[str, np.ndarray]:
    """Return by dimension of a slice all members that any of some tables names."""
    found: dict[str, list[pd.Series]] = {}
    for frame in frames:
        for d in (d for d in SLICE if d in frame and d not in {"new_existing"}):
            found.setdefault(d, []).append(pd.Series(frame[d].dropna().unique(), dtype="str"))
    return {d: pd.concat(parts).unique() for d, parts in found.items()}


def _text(value: Any) -> str:
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value)
