"""Which department owns a reason for which deals were lost."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from salesnb import words
from salesnb.metrics import UNASSIGNED
from salesnb.settings import Settings

_CATALOGUE = "loss_reasons"
_BETWEEN = re.compile(r"\s*[,，、;；]\s*")


def owners(reasons: Iterable[str], settings: Settings) -> dict[str, str]:
    """Return reason -> department; ``(none)`` for a blank reason and for one that no known word is part of.

    The settings' words come first, then those known in either language; of several the longest counts.
    """
    own = {word.strip().casefold(): owner for word, owner in settings.losses.departments.items()}
    return {reason: _owner(reason, own) or _owner(reason, _known()) or UNASSIGNED for reason in reasons}


def _owner(reason: str, by_word: Mapping[str, str]) -> str:
    said = reason.strip().casefold()
    if not said or reason == UNASSIGNED:
        return ""
    fit = [word for word in by_word if word and _holds(said, word)]
    return by_word[max(fit, key=lambda word: (len(word), word))] if fit else ""


def _holds(said: str, word: str) -> bool:
    """Tell whether a reason holds a word; one of Latin letters only from its beginning: costly, but not forecast."""
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(word)}", said)) if word.isascii() else word in said


@cache
def _known() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, text in words.texts(_CATALOGUE):
        for lang in words.LANGUAGES:
            found |= {word.casefold(): key.split(".")[0] for word in _BETWEEN.split(text[lang])}
    return found
