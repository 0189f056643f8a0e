"""A company of any number of teams, made for measuring: every team of the same size, the same bytes every time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from salesnb.stages import OWN

REPS = 4
CUSTOMERS = 40
PRODUCTS = 6
FIRST_DAY = date(2024, 1, 1)
MONTHS = 24
"""Through December 2025."""


def make_company(folder: Path, teams: int, orders: int = 400) -> None:
    """Write orders, targets and reps of so many teams, each with so many order lines."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "orders.csv").open("w", encoding="utf-8") as file:
        file.write("Order ID,Line,Order Date,Amount,Customer,Rep,Product,Product Line,Quantity,Status\n")
        for team in range(teams):
            file.writelines(_orders(team, orders))
    with (folder / "targets.csv").open("w", encoding="utf-8") as file:
        file.write("Period,Metric,Team,Target\n")
        file.writelines(
            f"{period},sales,{team_name(team)},{orders * 520 // MONTHS}\n"
            for team in range(teams)
            for period in periods()
        )
    with (folder / "reps.csv").open("w", encoding="utf-8") as file:
        file.write("Rep,Team\n")
        file.writelines(f"Rep {team}-{rep},{team_name(team)}\n" for team in range(teams) for rep in range(REPS))


def team_name(team: int) -> str:
    """Return the name of a team by its number."""
    return f"Team {team:04d}"


def periods() -> list[str]:
    """Return the months of the company's history."""
    return [f"{FIRST_DAY.year + m // 12}-{m % 12 + 1:02d}" for m in range(MONTHS)]


def _orders(team: int, orders: int) -> Iterator[str]:
    days = 730
    for number in range(orders):
        day = FIRST_DAY + timedelta(days=number * days // orders) if number < orders - 1 else date(2025, 12, 31)
        customer = (number * 7 + team) % CUSTOMERS
        rep = customer % REPS
        product = (number * 5 + customer) % PRODUCTS
        amount = 100 + (number * 7919 + team * 104729) % 90000 / 100
        yield (
            f"{team:04d}-{number:06d},1,{day},{amount:.2f},Customer {team}-{customer},Rep {team}-{rep},"
            f"Product {product},Line {product % 3},{1 + number % 5},won\n"
        )


def make_stages(folder: Path, source: Path, count: int = 9) -> Path:
    """Write so many notebooks, copies of those of a folder in turn: as many stages as the loop has."""
    folder.mkdir(parents=True, exist_ok=True)
    notebooks = sorted(source.glob("*.ipynb"))
    for path in notebooks:
        shutil.copyfile(path, folder / path.name)
    copied = [p for p in notebooks if not p.stem.endswith("_intake")]  # which the whole company alone has
    for number in range(count - len(notebooks)):
        shutil.copyfile(copied[number % len(copied)], folder / f"{OWN + number}_stage{OWN + number}.ipynb")
    return folder
