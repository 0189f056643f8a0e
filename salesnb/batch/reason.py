"""Why something failed, in every language, from ``words/batch.toml``."""

import errno
import re
from collections.abc import Mapping

from salesnb import words
from salesnb.errors import SalesnbError

Reason = Mapping[str, str]
"""Why something failed, in each language; empty where it did not."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FULL = (errno.ENOSPC, errno.EDQUOT)


def reason(code: str, /, **fields: object) -> Reason:
    """Return a reason in every language."""
    return {lang: words.text("batch", code, lang, **fields) for lang in words.LANGUAGES}


def worded(code: str, fields: Mapping[str, Mapping[str, object]]) -> Reason:
    """Return a reason whose slots differ by language."""
    return {lang: words.text("batch", code, lang, **own) for lang, own in fields.items()}


def explain(fault: BaseException, code: str) -> Reason:
    """Return why a step around a notebook failed: the kit's own problems as they are, any other named."""
    if isinstance(fault, SalesnbError):
        return {lang: fault.text(lang) for lang in words.LANGUAGES}
    if isinstance(fault, OSError) and fault.errno in _FULL:
        return reason("disk_full", file=fault.filename or "-")
    return reason(code, error=type(fault).__name__, message=first_line(str(fault)))


def first_line(text: str) -> str:
    """Return the first line of a text that says anything, without colours, at most 300 characters."""
    lines = [line.strip() for line in _COLOUR.sub("", text).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""
