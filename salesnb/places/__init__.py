"""Places for files: a folder of this machine, or any place that fsspec reaches, such as an object store.

A file of a place is there whole or not at all, whatever happens while it is written. Start with `open_place`.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from salesnb.places.local import LocalPlace
from salesnb.places.place import Place, PlaceError, without_credentials

__all__ = ["LocalPlace", "Place", "PlaceError", "is_remote", "is_url", "open_place", "without_credentials"]

_LOCAL = ("file", "local")


def open_place(where: str | Path) -> Place:
    """Return the place of that name; nothing is made or asked yet.

    Parameters
    ----------
    where
        A folder (``~`` is the user's), ``file://...``, ``s3://bucket/folder``, or another URL that fsspec knows.
        Credentials and endpoints come from the environment or the usual files of the protocol's own tools.

    Raises
    ------
    InputError
        The protocol is not known, or the package that speaks it is not installed.
    """
    text = os.fspath(where)
    if not is_url(text):
        return LocalPlace(Path(text).expanduser().absolute())
    if not is_remote(text):
        return LocalPlace(Path(unquote(urlsplit(text).path)))
    from salesnb.places.remote import open_remote  # fsspec is needed for other places only

    return open_remote(text)


def is_url(where: str) -> bool:
    """Tell whether a place is named by a URL, not by a path of this machine."""
    return "://" in where


def is_remote(where: str) -> bool:
    """Tell whether a place is none of this machine's file system; nothing is loaded or asked for that."""
    return is_url(where) and where.split("://", 1)[0].lower() not in _LOCAL
