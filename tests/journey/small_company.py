"""A company small enough for seconds: two teams, four reps, twenty months, every table that relations change."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pandas as pd

from tools.companies import Company

REPS = {"Ann": "East", "Bo": "East", "Cy": "South", "Di": "South"}
SETTINGS = """[company]
name = "Small"
currency = "EUR"

[sales]
small_n = 3

[[kpis]]
metric = "sales"
weight = 0.6

[[kpis]]
metric = "collection_rate"
weight = 0.3
target = 0.9

[[kpis]]
metric = "new_customers"
weight = 0.1
"""


def company() -> Company:
    """Return the company; the same each time."""
    draw = random.Random(11)
    orders, deals, receipts, log, targets = [], [], [], [], []
    for number in range(20):
        year, month = 2024 + number // 12, number % 12 + 1
        for _ in range(12):
            rep = draw.choice([*REPS])
            day = f"{year}-{month:02}-{draw.randrange(1, 29):02}"
            money = draw.randrange(500, 5000)
            orders.append(
                {"order_id": f"O{len(orders)}", "order_date": day, "customer": f"C{draw.randrange(14)}", "rep": rep,
                 "product": draw.choice(["Pump", "Valve"]), "channel": draw.choice(["direct", "online"]),
                 "quantity": str(draw.randrange(1, 9)), "amount": f"{money}.50"}
            )  # fmt: skip
            due = date.fromisoformat(day) + timedelta(days=30)
            paid = due + timedelta(days=draw.randrange(-5, 20))
            receipts.append(
                {"receipt_id": f"R{len(receipts)}", "customer": orders[-1]["customer"], "rep": rep,
                 "due_date": due.isoformat(), "due_amount": f"{money}",
                 "received_date": paid.isoformat() if paid < date(2025, 8, 29) else "",
                 "received_amount": f"{money}" if paid < date(2025, 8, 29) else ""}
            )  # fmt: skip
        for _ in range(9):
            closed = draw.random() < 0.8
            begun = date(year, month, draw.randrange(1, 27))
            ended = min(begun + timedelta(days=draw.randrange(5, 60)), date(2025, 8, 29))
            status = draw.choice(["won", "lost", "lost"]) if closed else "open"
            deals.append(
                {"opportunity_id": f"D{len(deals)}", "created_date": begun.isoformat(), "status": status,
                 "close_date": ended.isoformat() if closed else "", "amount": str(draw.randrange(900, 9000)),
                 "rep": draw.choice([*REPS]), "customer": f"C{draw.randrange(14)}", "lead_source": draw.choice("AB"),
                 "lost_reason": draw.choice(["price", "delivery"]) if status == "lost" else ""}
            )  # fmt: skip
        for rep in REPS:
            targets.append({"period": f"{year}-{month:02}", "rep": rep, "amount": str(8000 + 100 * number)})
            for day in range(1, 29, 3):
                log.append({"activity_date": f"{year}-{month:02}-{day:02}", "rep": rep, "kind": "call",
                            "customer": f"C{day % 14}", "count": str(draw.randrange(5, 20))})  # fmt: skip
    tables = {
        "orders": orders, "opportunities": deals, "receipts": receipts, "activities": log, "targets": targets,
        "reps": [{"rep": rep, "team": team, "manager": f"M {team}"} for rep, team in REPS.items()],
        "customers": [{"customer": f"C{i}", "customer_type": "AB"[i % 2]} for i in range(14)],
        "products": [{"product": "Pump", "product_line": "Flow"}, {"product": "Valve", "product_line": "Control"}],
        "notes": [{"note_date": "2025-08-12", "rep": "Ann", "kind": "stock", "text": "no pumps"}],
    }  # fmt: skip
    return Company({name: pd.DataFrame(rows) for name, rows in tables.items()}, SETTINGS)
