"""Folder and file names made from names that people chose: safe on every system, one per name.

``A/B``, ``../../x``, ``CON``, ``East`` beside ``EAST``: each gets a folder of its own inside the folder it belongs to,
and never one outside it. Plain names, with spaces or in Chinese, stay as they are.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable

_PLAIN = frozenset(" -_.()+")
_LONGEST = 100
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))])


def folder_names(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Return a safe folder name for each name; no two are equal, even where case does not count.

    Parameters
    ----------
    names
        The names as people wrote them; repeats count once.
    reserved
        Folder names that are taken; a name that equals one of them in any case gets another folder.
    """
    plain = {name: _cleaned(name) for name in dict.fromkeys(names)}
    taken = Counter(folder.casefold() for folder in plain.values())
    taken.update(folder.casefold() for folder in reserved)
    return {
        name: folder if folder == name and taken[folder.casefold()] == 1 else _marked(name, folder)
        for name, folder in plain.items()
    }


def _cleaned(name: str) -> str:
    whole = "".join(c if _is_plain(c) else "_" for c in unicodedata.normalize("NFC", name)).strip(" .")
    if whole.split(".")[0].strip().casefold() in _DEVICES:
        whole = f"_{whole}"
    return whole.encode()[:_LONGEST].decode(errors="ignore").strip(" .") or "_"


def _is_plain(character: str) -> bool:
    return character in _PLAIN or unicodedata.category(character)[0] in "LMN"


def _marked(name: str, folder: str) -> str:
    return f"{folder}-{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"
