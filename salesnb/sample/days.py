"""The company's days: holidays, and how much business a day carries."""

import zlib
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

FIRST = date(2023, 7, 1)
LAST = date(2025, 9, 30)
HORIZON = date(2025, 12, 31)
"""Business is drawn up to here, so that deals which close after `LAST` are open in the data."""

_OFF = (
    ("2023-01-01", "2023-01-02"), ("2023-01-21", "2023-01-27"), ("2023-04-05", "2023-04-05"),
    ("2023-04-29", "2023-05-03"), ("2023-06-22", "2023-06-24"), ("2023-09-29", "2023-10-06"),
    ("2023-12-30", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"), ("2024-06-08", "2024-06-10"), ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"), ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"), ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"),
)  # fmt: skip
_ON = (
    "2023-01-28 2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08 2024-02-04 2024-02-18 "
    "2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12 2025-01-26 2025-02-08 2025-04-27 "
    "2025-09-28 2025-10-11"
)
_NEW_YEAR = (date(2024, 2, 10), date(2025, 1, 29))
_SEASON = (0.94, 0.86, 1.08, 1.00, 0.99, 1.04, 0.93, 0.92, 1.05, 1.00, 1.06, 1.13)
_WEEKDAY = (0.92, 1.05, 1.08, 1.04, 0.96, 0.0, 0.0)


def random(seed: int, *name: object) -> np.random.Generator:
    """Return the random draws of one named thing: adding another thing never shifts them."""
    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, name)).encode())])


@cache
def holidays() -> tuple[date, ...]:
    """Days off by law from 2023 to 2025, weekends among them included."""
    spans = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in _OFF]
    return tuple(a + timedelta(days=i) for a, b in spans for i in range((b - a).days + 1))


@cache
def workdays() -> tuple[date, ...]:
    """Weekend days that are worked instead (调休)."""
    return tuple(date.fromisoformat(day) for day in _ON.split())


@cache
def days() -> tuple[date, ...]:
    """Every day from the first to the horizon."""
    return tuple(FIRST + timedelta(days=i) for i in range((HORIZON - FIRST).days + 1))


def works(day: date) -> bool:
    """Tell whether the offices are open."""
    return day in workdays() or (day.weekday() < 5 and day not in holidays())


@cache
def months() -> tuple[str, ...]:
    """Names of all months from the first to the horizon."""
    return tuple(sorted({f"{day:%Y-%m}" for day in days()}))


def seen() -> list[str]:
    """Names of the months that the data hold."""
    return [m for m in months() if m <= f"{LAST:%Y-%m}"]


@cache
def weights(online: bool) -> NDArray[np.float64]:
    """Business by day, one on average: season, weekday, holidays, month-end rush; online also sells on weekends."""
    raw = np.array([_plain(day, online) for day in days()])
    for start in {(d.year, d.month) for d in days()}:
        inside = [i for i, d in enumerate(days()) if (d.year, d.month) == start and works(d)]
        rush = 1.2 if online else (2.6 if start[1] % 3 == 0 else 2.2)
        raw[inside[-3:]] *= rush
    return raw / raw.mean()


def _plain(day: date, online: bool) -> float:
    base = _SEASON[day.month - 1]
    if works(day):
        base *= _WEEKDAY[day.weekday()] or 0.6
    else:
        base *= 0.3 if online else 0.0
    # Around Chinese New Year customers close earlier and start later than the law says.
    near = min(abs((day - feast).days) for feast in _NEW_YEAR)
    return base * (0.75 if near <= 12 else 1.0)


@cache
def expected(online: bool = False) -> dict[str, float]:
    """Business by month, one on average over all months."""
    total: dict[str, float] = {}
    for day, weight in zip(days(), weights(online), strict=True):
        total[f"{day:%Y-%m}"] = total.get(f"{day:%Y-%m}", 0.0) + float(weight)
    mean = sum(total.values()) / len(total)
    return {month: value / mean for month, value in total.items()}
