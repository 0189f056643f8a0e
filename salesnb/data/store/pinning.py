"""A pin: what makes all notebooks of a batch read one state of the data, wherever they run."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from salesnb.data.reading.discovery import SAMPLE

PINNED = "SALESNB_PINNED"
"""The environment variable that holds a pin."""


@dataclass(frozen=True)
class Pin:
    """The state of a store, and the data and settings in whose place it is read.

    ``folder`` is the store of this machine, ``url`` where other machines find it; empty where it is not shared.
    """

    data: str
    settings: str
    state: str
    folder: str
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What a process that is to read this state needs in its environment."""
        return {PINNED: json.dumps(asdict(self), ensure_ascii=False)}

    def covers(self, data: str, settings: str) -> bool:
        """Tell whether data and settings, as `load` takes them, are those of this pin."""
        return canonical(data) == self.data and canonical(settings) == self.settings


def current(data: str, settings: str) -> Pin | None:
    """Return the pin of this process where it covers these data and settings."""
    text = os.environ.get(PINNED)
    if not text:
        return None
    pin = Pin(**json.loads(text))
    return pin if pin.covers(data, settings) else None


def canonical(path: str) -> str:
    """Return a path so that the same place has the same name from any folder; what is no path stays as it is."""
    if path in {"", SAMPLE}:
        return path
    named = Path(path).expanduser()
    return str(named.resolve()) if named.is_absolute() or named.exists() else path
