"""salesnb: a sales organisation finds its gap, its causes, its actions, and whether they worked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesnb.data import Case, load

__all__ = ["Case", "load"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: ``import salesnb`` alone need not wait for pandas.
    if name in __all__:
        from salesnb import data

        return getattr(data, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
