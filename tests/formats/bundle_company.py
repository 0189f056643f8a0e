"""A company whose managers lead one team, two, a part of one, or none; people move, and teams share customers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

HOSTILE_AS_WRITTEN = "../<b>CON</b>\u202e=1+1"
# Marks that cannot be seen are left out of names on the way in.
HOSTILE = HOSTILE_AS_WRITTEN.replace("\u202e", "")
"""A manager whose name would break out of a folder or a page."""

ROSTER = (
    ("Ann Alder", "North", "Olaf Old", "2023-01-01", "2025-06-30"),
    ("Ann Alder", "North", "Mia Voss", "2025-07-01", ""),
    ("Ben Birch", "North", "Olaf Old", "2023-01-01", "2025-06-30"),
    ("Ben Birch", "North", "Mia Voss", "2025-07-01", ""),
    ("Fay Fern", "South", "Max Stone", "2023-01-01", ""),
    ("Fay Fern", "North", "Mia Voss", "2025-07-01", ""),
    ("Kim Karst", "Coast", "Mia Voss", "2023-01-01", ""),
    ("Lea Larch", "Coast", "", "2023-01-01", ""),
    ("Cid Cole", "South", "Max Stone", "2023-01-01", ""),
    ("Dee Dorn", "South", "Max Stone", "2023-01-01", ""),
    ("Eve Ember", "South", "Liv Lake", "2023-01-01", ""),
    ("Gus Gorse", "West", "", "2023-01-01", ""),
    ("Ida Iris", "bundles", HOSTILE_AS_WRITTEN, "2023-01-01", ""),
)
SHARED = "Shared Waterworks"
"""A customer of every rep."""

START, END = date(2023, 9, 1), date(2025, 9, 30)


def customers(rep: str) -> list[str]:
    """Return the customers that are a rep's alone."""
    return [f"{rep.split()[1]} {kind}" for kind in ("Foundry", "Brewery", "Papermill")]


def write(folder: Path) -> None:
    """Write orders, targets, roster, deals, receipts and actions; what Eve sells falls in the last month."""
    folder.mkdir()
    reps = dict.fromkeys(rep for rep, *_ in ROSTER)
    roster = "".join(f"{','.join(_quoted(c) for c in row)}\n" for row in ROSTER)
    _put(folder, "reps.csv", "Rep,Team,Manager,From,To\n" + roster)
    orders, receipts, targets = [], [], []
    for number, rep in enumerate(reps):
        for k, day in enumerate(_days()):
            who = [*customers(rep), SHARED][(k + number) % 4]
            amount = 1000 + 100 * number + 37 * ((k * 7) % 11)
            if rep in ("Eve Ember", "Ann Alder") and day >= date(2025, 9, 1):
                amount //= 4
            orders.append(f"{rep[:1]}{k},{day},{amount},{who},{rep},{('Pumps', 'Valves')[k % 2]}")
            late = day + timedelta(days=30 if k % 3 else 80)
            paid = f"{late},{amount}" if late <= END else ","
            receipts.append(f"R{rep[:1]}{k},{who},{rep},{day + timedelta(days=30)},{amount},{paid}")
        targets += [f"{year}-{month:02},{rep},9000" for year, month in _months()]
    _put(folder, "orders.csv", "Order ID,Date,Amount,Customer,Rep,Product Line\n" + "\n".join(orders))
    heads = "Receipt ID,Customer,Rep,Due Date,Due Amount,Received Date,Received Amount\n"
    _put(folder, "receipts.csv", heads + "\n".join(receipts))
    _put(folder, "targets.csv", "Period,Rep,Target\n" + "\n".join(targets))
    _put(
        folder, "actions.csv",
        "Action ID,Team,Period,Problem,Action,Owner,Due Date,Resources,Expected Effect,Status\n"
        "A-1,South,2025-08,few orders,Call Cole Foundry,Cid Cole,2025-10-15,none,100,open\n"
        "A-2,South,2025-08,few orders,Call Ember Brewery,Eve Ember,2025-10-15,none,100,open\n"
        "A-3,North,2025-08,few orders,Call Alder Foundry,Ann Alder,2025-10-15,none,100,open\n",
    )  # fmt: skip


def _put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def _quoted(cell: str) -> str:
    return f'"{cell}"'


def _days() -> list[date]:
    days = (START + timedelta(days=3 * n) for n in range(300))
    return [day for day in days if day <= END]


def _months() -> list[tuple[int, int]]:
    return [(day.year, day.month) for day in dict.fromkeys(d.replace(day=1) for d in _days())]
