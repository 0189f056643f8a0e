"""What a value shows of itself at the end of a notebook cell, once `salesnb.show`, which stands above it, tells how."""

from functools import singledispatch
from typing import Any


@singledispatch
def shown_of(value: object) -> dict[str, Any]:
    """Return a value's forms by MIME type; of one that nothing above has told of none: its own text is shown."""
    return {}
