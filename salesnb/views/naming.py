"""Which of some names a field note names."""

import re
from collections.abc import Iterable

_SHORTEST = 3
"""Letters that the first word of a name needs to stand for it; a model number such as KS-5 may be shorter."""


def named_in(texts: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return for each text the name that it holds, blank for none.

    A name counts where it stands in full, or its first word does, if no other name begins with that: ``KS-5`` for
    ``KS-5 Flow meter``. Of several the one that comes first in the text counts, of these the longest.
    """
    every = sorted({name.strip() for name in names if name and name.strip()})
    spoken = {name.casefold(): name for name in every}
    heads: dict[str, list[str]] = {}
    for name in every:
        heads.setdefault(re.split(r"[\s（(]", name, maxsplit=1)[0].casefold(), []).append(name)
    spoken |= {head: own[0] for head, own in heads.items() if len(own) == 1 and _tells(head) and head not in spoken}
    return [_first(text.casefold(), spoken) for text in texts]


def _tells(head: str) -> bool:
    """Tell whether a first word stands for one name: long enough, or with a number in it."""
    wide = not head.isascii()
    return len(head) >= (2 if wide else _SHORTEST) or bool(re.search(r"[a-z].*\d", head))


def _first(text: str, spoken: dict[str, str]) -> str:
    found = [(at, -len(word), name) for word, name in spoken.items() if (at := _place(text, word)) >= 0]
    return min(found)[2] if found else ""


def _place(text: str, word: str) -> int:
    """Return where a word stands in a text, -1 for nowhere; Latin letters and digits only as whole words."""
    if not word.isascii():
        return text.find(word)
    match = re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text)
    return match.start() if match else -1
