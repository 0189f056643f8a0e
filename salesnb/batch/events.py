"""What happens in a batch: one event after another, told on screen and kept as lines of JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from salesnb.places import Place

Kind = Literal[
    "waiting", "started", "begun", "retried", "ended", "failed", "gathered", "not_gathered", "stopped", "finished"
]

FOLDER = "logs"

LOCK = "batch"
"""The lock that a batch holds on the reports while it runs."""


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    ``done`` of ``total`` notebooks have been run so far, ``kept`` needed no run; ``seconds`` is what the notebook took,
    or the whole batch; ``reason`` says why something failed, in each language; ``owner`` is who is waited for.
    """

    kind: Kind
    period: str = ""
    team: str = ""
    stage: str = ""
    seconds: float = 0.0
    attempt: int = 0
    done: int = 0
    total: int = 0
    kept: int = 0
    failed: int = 0
    owner: str = ""
    reason: Mapping[str, str] = field(default_factory=dict)


Tell = Callable[[Event], None]


class Log:
    """The events of one batch as lines of JSON, ``logs/<begin>.jsonl`` among the reports.

    A local file grows line by line; elsewhere it is kept beside and written whole when the batch ends.
    """

    def __init__(self, place: Place, begun: datetime) -> None:
        self._place = place
        self._path = f"{FOLDER}/{begun:%Y-%m-%dT%H-%M-%S-%f}.jsonl"
        self._lines: list[str] = []

    def add(self, event: Event) -> None:
        """Write an event as a line; a full disk must not stop the batch itself."""
        told = {key: value for key, value in asdict(event).items() if value not in ("", 0, {})}
        line = json.dumps({"at": datetime.now().isoformat(timespec="milliseconds"), **told}, ensure_ascii=False)
        self._lines.append(line)
        if self._place.local is not None:
            self._append(self._place.local / self._path, line)

    def close(self) -> None:
        """Put the log among the reports where it is not there yet."""
        if self._place.local is None:
            self._place.write(self._path, ("\n".join(self._lines) + "\n").encode())

    def _append(self, path: Path, line: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            return
