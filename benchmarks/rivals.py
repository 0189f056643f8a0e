"""What the scan is compared with: the largest gaps of a plain pivot, and wise-pizza in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import TracebackType

import pandas as pd

WORKER = Path(__file__).with_name("wise_pizza_worker.py")


def pivot(leaves: pd.DataFrame, dimensions: Sequence[str], most: int = 3, depth: int = 2) -> list[dict[str, str]]:
    """Return the cells with the largest gap (expected less actual) of all pivots of ``depth`` dimensions."""
    gap = leaves["expected"] - leaves["actual"]
    found: list[tuple[float, dict[str, str]]] = []
    for crossed in combinations(dimensions, depth):
        largest = gap.groupby([leaves[d] for d in crossed]).sum().nlargest(most)
        for members, lost in largest.items():
            names = members if isinstance(members, tuple) else (members,)
            found.append((float(lost), dict(zip(crossed, names, strict=True))))
    found.sort(key=lambda pair: -pair[0])
    return [members for _, members in found[:most]]


@dataclass(frozen=True)
class Answer:
    """What wise-pizza named of losses, largest first, and the CPU seconds it took."""

    losses: list[dict[str, str]]
    seconds: float


class WisePizza:
    """wise-pizza in the environment of another Python, started once for many cases."""

    def __init__(self, python: Path, folder: Path):
        self._table = folder / "case.csv"
        self._process = subprocess.Popen(
            [python, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __enter__(self) -> WisePizza:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def losses(self, leaves: pd.DataFrame, dimensions: Sequence[str], mode: str = "levels") -> Answer:
        """Return the segments below what was expected; columns ``expected`` and ``actual``.

        ``levels`` asks for segments whose ratio of the two differs from the overall one, ``totals`` for those that
        explain the change of the total. What it cannot do raises `RuntimeError`.
        """
        leaves.to_csv(self._table, index=False)
        asked = {
            "table": str(self._table), "dimensions": list(dimensions), "actual": "actual",
            "expected": "expected", "most": 6, "depth": 3, "mode": mode,
        }  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        pairs = zip(answer["segments"], answer["impact"], strict=True)
        return Answer([s for s, impact in pairs if impact < 0], answer["seconds"])
