"""Take a large orders file in, and compare with plain duckdb and plain pandas on the same file.

    python benchmarks/intake.py [--rows 10000000] [--keep FOLDER]

Each way runs in a process of its own; its peak memory is that of the process. The whole path is measured: read,
map, parse, validate, find repeats, store. The other two only sum amounts by team and month.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HEADER = "Order ID,Line,Order Date,Customer,Rep,Team,Product Line,Product,Quantity,Amount,Status\n"
CHUNK = 200_000


def make(path: Path, rows: int, seed: int = 7) -> None:
    """Write an orders file: 20 teams, 400 reps, 100,000 customers, three years, amounts with two decimals."""
    draw = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2023-01-01"), np.datetime64("2026-01-01")).astype(str)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            number = np.arange(start, start + count)
            rep = draw.integers(0, 400, count)
            product = draw.integers(0, 60, count)
            columns = (
                number // 3, number % 3 + 1, days[draw.integers(0, len(days), count)],
                draw.integers(0, 100_000, count), rep, rep % 20, product % 6, product,
                draw.integers(1, 50, count), draw.integers(100, 5_000_000, count),
            )  # fmt: skip
            file.writelines(
                f"SO-{o:09d},{line},{day},Customer {c} Ltd,Rep {r},Team {t},Line {pl},Product {p},{q},"
                f"{a / 100:.2f},won\n"
                for o, line, day, c, r, t, pl, p, q, a in zip(*columns, strict=True)
            )


def salesnb_way(folder: Path) -> float:
    import os

    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    from salesnb.data import open_store

    found = open_store(str(folder))
    files = found.intake.files
    accepted, quarantined, doubled = files.rows_accepted, files.rows_quarantined, files.rows_duplicate
    assert (files.rows_read == accepted + quarantined + doubled + files.rows_skipped).all()
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    paths = [found.folder / p for p in found.orders.values()]
    return sum(pc.sum(pq.read_table(p, columns=["amount"]).column("amount")).as_py() for p in paths) / 10_000


def duckdb_way(folder: Path) -> float:
    import duckdb

    with duckdb.connect(config={"threads": 2}) as session:
        session.execute(f"""
            create table totals as
            select team, date_trunc('month', "Order Date") as month, sum(amount::decimal(18, 4)) as amount
            from read_csv('{folder / "orders.csv"}') group by all
        """)
        return float(session.execute("select sum(amount) from totals").fetchall()[0][0])


def pandas_way(folder: Path) -> float:
    import pandas as pd

    orders = pd.read_csv(folder / "orders.csv", parse_dates=["Order Date"])
    totals = orders.groupby(["Team", orders["Order Date"].dt.to_period("M")])["Amount"].sum()
    return float(totals.sum())


WAYS = {"salesnb": salesnb_way, "duckdb": duckdb_way, "pandas": pandas_way}


def measure(way: str, folder: Path) -> dict[str, object]:
    """Run one way in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--way", way, "--keep", str(folder)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def run_way(way: str, folder: Path) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    total = WAYS[way](folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - start
    cpu_seconds = time.process_time() - cpu
    print(json.dumps({"way": way, "seconds": seconds, "cpu": cpu_seconds, "peak_mb": peak, "total": total}))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--keep", type=Path, help="folder for the made file; default: a temporary one")
    options.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.way:
        run_way(given.way, given.keep)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "orders.csv"
        if not file.is_file():
            make(file, given.rows)
        print(f"{given.rows:,} rows, {file.stat().st_size / 1e6:,.0f} MB")
        print("| way | seconds | CPU s | peak MB | total |\n| --- | --- | --- | --- | --- |")
        for way in WAYS:
            m = measure(way, folder)
            print(f"| {way} | {m['seconds']:.1f} | {m['cpu']:.1f} | {m['peak_mb']:.0f} | {m['total']:.2f} |")


if __name__ == "__main__":
    main()
