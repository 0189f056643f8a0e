"""The style sheet of findings."""

from functools import cache
from importlib import resources


@cache
def style(*, notebook: bool = False) -> str:
    """Return the style sheet of findings; for a notebook with the colours and type that a page brings itself."""
    names = ["notebook.css", "style.css"] if notebook else ["style.css"]
    folder = resources.files("salesnb.show")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
