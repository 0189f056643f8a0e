"""Kinds of values that settings hold, each with its bounds: a value outside them is refused with its key."""

import codecs
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

Share = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[int, Field(ge=1, le=1_200)]
MonthsOrNone = Annotated[int, Field(ge=0, le=1_200)]
Days = Annotated[int, Field(ge=1, le=1_000)]
Cases = Annotated[int, Field(ge=1, le=1_000_000)]
Norm = Annotated[float, Field(gt=0, le=1_000_000)]

_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
"""Codecs of text that are no encodings of files."""


def _inside(name: str) -> str:
    """Let only files of the data folder be named: what a settings file says is not trusted with others."""
    for kind in (PurePosixPath, PureWindowsPath):
        path = kind(name)
        if path.is_absolute() or path.anchor or ".." in path.parts:
            raise PydanticCustomError("inside", "a file in the data folder")
    if "\0" in name or name != name.strip():
        raise PydanticCustomError("inside", "a file in the data folder")
    return name


def _charset(name: str) -> str:
    if not name:
        return name
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        raise PydanticCustomError("charset", "an encoding of text") from None
    if not getattr(found, "_is_text_encoding", True) or found.name.replace("-", "_") in _NO_CHARSETS:
        raise PydanticCustomError("charset", "an encoding of text")
    return name


def _factor(value: float) -> float:
    if value == 0:
        raise PydanticCustomError("factor", "not zero")
    return value


def _separator(word: str) -> str:
    if word not in {"", "tab", "\\t", "blanks"} and (len(word) != 1 or word in '"\r\n\0'):
        raise PydanticCustomError("separator", 'one character, "tab" or "blanks"')
    return word


InFolder = Annotated[str, AfterValidator(_inside)]
Separator = Annotated[str, AfterValidator(_separator)]
Charset = Annotated[str, AfterValidator(_charset)]
Factor = Annotated[float, Field(ge=-1e12, le=1e12), AfterValidator(_factor)]
