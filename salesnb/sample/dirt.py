"""What real exports do to clean tables: a known number of bad rows of each kind, and odd but readable spellings.

No bad row changes a true figure: bad rows are extra ones, and those of which a reader might keep one (a clash of
keys, a destroyed id) are cancelled orders. So finance's totals stay those of the clean tables, but for the orders of
reps that the roster does not know, which are real and counted.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salesnb.sample import days
from salesnb.sample.words import say

QUARANTINED = (
    "amount_unreadable", "date_unreadable", "missing_value", "choice_unknown", "totals_row", "id_destroyed",
    "duplicate_id",
)  # fmt: skip
"""Kinds whose rows cannot be used. Other kinds: exact_duplicate, and readable oddities, which are accepted."""
STRANGERS = {"en": ("Temp Agency", "Chen Wei Jr"), "zh": ("临时销售", "陈小伟")}


@dataclass
class Soiled:
    """Tables with dirt in them, and the count of each kind by table."""

    tables: dict[str, pd.DataFrame]
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def note(self, table: str, kind: str, count: int) -> None:
        """Remember how many rows of a kind a table holds."""
        kinds = self.counts.setdefault(table, {})
        kinds[kind] = kinds.get(kind, 0) + count

    def add(self, table: str, kind: str, rows: pd.DataFrame, count: int | None = None) -> None:
        """Append rows of a kind; ``count`` where not every row of them counts as one."""
        self.tables[table] = pd.concat([self.tables[table], rows], ignore_index=True)
        self.note(table, kind, len(rows) if count is None else count)


def soil(seed: int, tables: dict[str, pd.DataFrame], lang: str) -> Soiled:
    """Return the tables with dirt; the given ones are not changed."""
    made = Soiled({name: table.copy() for name, table in tables.items()})
    draws = days.random(seed, "dirt")
    _spellings(draws, made)
    _variants(draws, made, lang)
    _strangers(draws, made, lang)
    _broken_orders(draws, made, lang)
    _broken_elsewhere(draws, made, lang)
    for name in ("orders", "opportunities", "receipts"):
        _spread(draws, made, name)
    _duplicates(draws, made)
    return made


def _sample(draws: np.random.Generator, table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Pick rows to be copied and broken."""
    return table.iloc[np.sort(draws.choice(len(table), count, replace=False))].copy()


# -- readable oddities


def full_width(text: str) -> str:
    """Write digits and the point in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() or c == "." else c for c in text)


def wan(text: str) -> str:
    """Write an amount in 万, exactly."""
    fen = int(text.replace(".", ""))
    return f"{fen // 10**6}.{fen % 10**6:06d}".rstrip("0").rstrip(".") + "万"


def _spellings(draws: np.random.Generator, made: Soiled) -> None:
    """Rewrite some amounts in other spellings of the same value, with returns in parentheses."""
    orders = made.tables["orders"]
    bought = np.flatnonzero(~orders["amount"].str.startswith("-"))
    picked = draws.choice(bought, 230, replace=False)
    spans = {"yuan_sign": picked[:90], "wan": picked[90:150], "full_width": picked[150:180]}
    write = {"yuan_sign": lambda t: f"¥{float(t):,.2f}", "wan": wan, "full_width": full_width}
    for kind, rows in spans.items():
        orders.loc[rows, "amount"] = [write[kind](text) for text in orders.loc[rows, "amount"]]
        made.note("orders", kind, len(rows))
    returned = orders["amount"].str.startswith("-")
    orders.loc[returned, "amount"] = [f"({text[1:]})" for text in orders.loc[returned, "amount"]]
    made.note("orders", "parentheses", int(returned.sum()))


def _variants(draws: np.random.Generator, made: Soiled, lang: str) -> None:
    """Write some customers without their legal form: 华南流体 for 华南流体有限公司."""
    orders = made.tables["orders"]
    safe = orders.index[(orders["order_date"] >= "2024-03") & (orders["order_date"] < "2025-08")]
    rows = np.sort(draws.choice(safe, 14, replace=False))
    short = orders.loc[rows, "customer"].str.replace(" Co., Ltd.", "", regex=False)
    orders.loc[rows, "customer"] = short.str.replace("有限公司", "", regex=False)
    made.note("orders", "customer_variant", len(rows))


def _strangers(draws: np.random.Generator, made: Soiled, lang: str) -> None:
    """Add small real orders by reps that the roster does not know, and count them in finance's company totals."""
    rows = _sample(draws, _plain(made, lang), 6)
    rows["rep"] = [STRANGERS[lang][i % 2] for i in range(len(rows))]
    rows["order_id"] = [day.replace("-", "") + f"{900_100 + i}" for i, day in enumerate(rows["order_date"])]
    rows["amount"], rows["line_no"] = "1200.00", "1"
    made.add("orders", "unknown_rep", rows)
    controls = made.tables["controls"]
    for day in rows["order_date"]:
        whole = controls.index[(controls["period"] == day[:7]) & (controls["team"] == "")]
        controls.loc[whole, "amount"] = [f"{float(a) + 1200:.2f}" for a in controls.loc[whole, "amount"]]
    targets = _sample(draws, made.tables["targets"].query("rep != ''"), 2)
    targets["rep"], targets["amount"] = STRANGERS[lang][0], 5000.0
    made.add("targets", "unknown_rep", targets)


def _plain(made: Soiled, lang: str) -> pd.DataFrame:
    orders = made.tables["orders"]
    return orders[(orders["status"] == say("status", "collected", lang)) & orders["amount"].str.fullmatch(r"\d+\.\d\d")]


# -- rows that cannot be used


def _broken(draws: np.random.Generator, made: Soiled, lang: str, start: int, count: int) -> pd.DataFrame:
    """Copy some orders under ids of their own."""
    rows = _sample(draws, _plain(made, lang), count)
    rows["order_id"] = [day.replace("-", "") + f"{start + i}" for i, day in enumerate(rows["order_date"])]
    return rows


def _broken_orders(draws: np.random.Generator, made: Soiled, lang: str) -> None:
    for start, kind, column, values in (
        (910_000, "amount_unreadable", "amount", ["待定", "12O0", "see contract", "约5万", "??", "12..50", "1,20,0.0"]),
        (920_000, "date_unreadable", "order_date", ["2024-13-45", "2025-02-30", "下周", "2024-31-31", "20241399"]),
        (930_000, "missing_value", "amount", [""] * 5),
        (940_000, "missing_value", "order_date", [""] * 3),
        (950_000, "choice_unknown", "status", ["审批中", "pending review", "审批中", "on hold"]),
    ):
        rows = _broken(draws, made, lang, start, len(values))
        rows[column] = values
        made.add("orders", kind, rows)
    rows = _broken(draws, made, lang, 960_000, 2).assign(order_id="")
    made.add("orders", "missing_value", rows)
    _totals(made, "orders", [("合计", "25,480,300.00"), ("小计", "8,120,440.00"), ("Total", "33600740.00")])
    rows = _broken(draws, made, lang, 970_000, 4).assign(status=say("status", "cancelled", lang))
    rows["order_id"] = [f"{float(i):.5E}" for i in rows["order_id"]]
    made.add("orders", "id_destroyed", rows)
    first = _broken(draws, made, lang, 980_000, 3).assign(status=say("status", "cancelled", lang), line_no="1")
    second = first.assign(amount=["100.00", "200.00", "300.00"])
    both = pd.concat([first, second]).sort_values("order_id", kind="stable")
    made.add("orders", "duplicate_id", both, count=3)  # the first of each pair can be used


def _totals(made: Soiled, table: str, rows: list[tuple[str, str]]) -> None:
    columns = made.tables[table].columns
    amount = "amount" if "amount" in columns else "due_amount"
    extra = pd.DataFrame([dict.fromkeys(columns, "") | {columns[0]: word, amount: sum_} for word, sum_ in rows])
    made.add(table, "totals_row", extra)


def _broken_elsewhere(draws: np.random.Generator, made: Soiled, lang: str) -> None:
    for table, key, kind, column, values in (
        ("opportunities", "opportunity_id", "choice_unknown", "status", ["stalled", "暂停", "n.a. yet"]),
        ("opportunities", "opportunity_id", "date_unreadable", "created_date", ["2024-00-10", "soon"]),
        ("receipts", "receipt_id", "amount_unreadable", "due_amount", ["待核", "1.234.5"]),
        ("notes", "", "missing_value", "text", ["", ""]),
        ("notes", "", "choice_unknown", "kind", ["其他事项"]),
        ("plans", "week", "number_unreadable", "planned", ["若干"]),
    ):
        rows = _sample(draws, made.tables[table], len(values))
        if key == "week":
            rows["week"] = "2025-W31"
        elif key:
            rows[key] = [f"{x[:2]}X{900 + i}{kind[:1]}" for i, x in enumerate(rows[key])]
        rows[column] = values
        made.add(table, kind, rows)
    _totals(made, "receipts", [("合计", "61,204,118.00")])
    actions = made.tables["actions"].iloc[[-1, -2]].copy()
    actions["action_id"] = ["A-2025-08", "A-2025-09"]
    actions["owner"] = ["", actions["owner"].iloc[1]]
    actions["due_date"] = [actions["due_date"].iloc[0], ""]
    made.add("actions", "incomplete_action", actions)


def _spread(draws: np.random.Generator, made: Soiled, table: str) -> None:
    """Put appended rows among the others: dirt does not wait at the end of a file. Totals rows stay last."""
    rows = made.tables[table]
    totals = rows[rows.columns[0]].isin(["合计", "小计", "Total"])
    bulk = rows[~totals].reset_index(drop=True)
    extra = sum(made.counts[table].get(k, 0) for k in (*QUARANTINED, "unknown_rep")) + made.counts[table].get(
        "duplicate_id", 0
    )
    place = np.arange(len(bulk), dtype=float)
    tail = min(extra, len(bulk))
    place[-tail:] = np.sort(draws.uniform(0, len(bulk) - tail, tail))
    order = np.argsort(place, kind="stable")
    made.tables[table] = pd.concat([bulk.iloc[order], rows[totals]], ignore_index=True)


def _duplicates(draws: np.random.Generator, made: Soiled) -> None:
    """Repeat some rows as they are, each after its first."""
    for table, count in (("orders", 25), ("opportunities", 4), ("receipts", 6), ("customers", 3)):
        rows = made.tables[table]
        good = rows.index[
            (rows[rows.columns[0]].str.len() > 4) & ~rows[rows.columns[0]].str.contains("X9|E\\+|合计", regex=True)
        ]
        if table == "orders":
            good = good[
                rows.loc[good, "amount"].str.fullmatch(r"\d+\.\d\d") & (rows.loc[good, "order_id"].str[8] == "0")
            ]
        picked = np.sort(draws.choice(good, count, replace=False))
        order = np.sort(np.concatenate([rows.index.to_numpy(), picked]))
        made.tables[table] = rows.loc[order].reset_index(drop=True)
        made.note(table, "exact_duplicate", count)
