"""Keep every fact and sentence of companies, teams and periods in a file; hold two such files against each other.

    python -m tools.before_after record before.json [WORD ...]
    python -m tools.before_after compare before.json after.json

A change of structure moves nothing; a change of a rule moves what the changelog lists under "Numbers changed".
A run's name is company, team, period and day, e.g. ``sample South 2025-09``; words name a part of them.
Companies are the sample and, where ``SALESNB_REALDATA`` names their folder, the real ones.
"""

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from salesnb.data import load
from tools.every_fact import every_fact

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
CLOSE = 1e-9
"""Relative difference up to which two figures are the same: sums of floats in another order."""


def main(arguments: list[str]) -> int:
    """Record or compare, as the first argument says; return 1 where something differs."""
    if arguments[:1] == ["record"] and len(arguments) > 1:
        return record(Path(arguments[1]), arguments[2:])
    if arguments[:1] == ["compare"] and len(arguments) == 3:
        return compare(*(json.loads(Path(a).read_text("utf-8")) for a in arguments[1:]))
    print(__doc__)
    return 2


def record(file: Path, words: list[str]) -> int:
    """Write what all runs told whose names hold the words, one process a core; return 0."""
    asked = [run for run in _runs() if all(word in _name(run).split() for word in words)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        told = dict(pool.map(_told, asked))
    file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    print(f"{len(told)} runs, {sum(len(run['facts']) for run in told.values())} facts")
    return 0


def compare(before: dict[str, Any], after: dict[str, Any]) -> int:
    """Print what differs in runs that both have, at most twenty of a kind and run; return 1 where something does."""
    differing = 0
    for name in [name for name in before if name in after]:
        for kind, was in before[name].items():
            now = after[name][kind]
            moved = [key for key in {**was, **now} if not _same(was.get(key, "no"), now.get(key, "no"))]
            differing += len(moved)
            for key in moved[:20]:
                print(f"{name}: {kind}: {key}: {was.get(key, 'not there')} -> {now.get(key, 'not there')}")
            if len(moved) > 20:
                print(f"{name}: {kind}: and {len(moved) - 20} more")
    print(f"{differing} differ")
    return 1 if differing else 0


def _runs() -> Iterator[dict[str, str]]:
    real = Path(os.environ.get("SALESNB_REALDATA", ""))
    sample = [("2025-09", ""), ("2025-09", "2025-09-15"), ("2025-Q3", ""), ("2025-W36", "")]
    places = {"sample": ("sample", "", sample)}
    if os.environ.get("SALESNB_REALDATA"):
        for name, period in (("maven_crm", "2017-Q4"), ("superstore_cn", "2017-12")):
            places[name] = (str(real / name), str(EXAMPLES / f"{name}.toml"), [(period, "")])
    for company, (data, settings, periods) in places.items():
        for team in _teams(data, settings):
            for period, as_of in periods:
                yield {"company": company, "data": data, "settings": settings, "team": team, "period": period,
                       "as_of": as_of}  # fmt: skip


def _teams(data: str, settings: str) -> list[str]:
    return ["all", *load(data, settings).teams]


def _told(run: dict[str, str]) -> tuple[str, dict[str, Any]]:
    asked = {k: v for k, v in run.items() if k != "company"}
    told = every_fact(**asked)
    facts = {" / ".join(key): value for key, value in told.facts.items()}
    return _name(run), {"facts": facts, "sentences": told.sentences, "failed": told.failed,
                  "lights": {f"{a} {b}": v for (a, b), v in told.lights.items()}}  # fmt: skip


def _name(run: dict[str, str]) -> str:
    return " ".join(run[k] for k in ("company", "team", "period", "as_of")).strip()


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, int | float) and isinstance(now, int | float):
        return abs(was - now) <= CLOSE * max(abs(was), abs(now))
    return bool(was == now)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
