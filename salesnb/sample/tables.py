"""The drawn company as canonical tables of text, one row per row of the files to be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from salesnb.sample import days, keeping, money, pipeline, work
from salesnb.sample.company import stints
from salesnb.sample.demand import Demand, draw
from salesnb.sample.planted import ALL, sales
from salesnb.sample.rows import each
from salesnb.sample.words import book, person, say

Table = pd.DataFrame
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
LEDGER = date(2024, 1, 1)
"""The receipts file begins with what was due on this day."""
ALSO_SPELLED = {"won": "已成交", "signed": "已签约", "collected": "已回款", "cancelled": "已取消"}


@dataclass(frozen=True)
class Clean:
    """The company before its files are soiled: canonical tables, and the drawn frames behind them."""

    demand: Demand
    lines: pd.DataFrame
    deals: pd.DataFrame
    tables: dict[str, Table]


def clean(seed: int, lang: str) -> Clean:
    """Draw the company and write down its tables in a language; every cell is text or, in Parquet, a plain value."""
    demand = draw(seed)
    lines = sales(demand, ALL)
    lines = lines[lines["month"] <= f"{days.LAST:%Y-%m}"].reset_index(drop=True)
    paid = money.receipts(seed, demand)
    ids = order_ids(lines)
    deals = pipeline.opportunities(seed, demand)
    activities = work.activities(seed, demand.customers, deals)
    name: Callable[[int], str] = lambda n: demand.customers[n].name(lang) if n >= 0 else ""  # noqa: E731
    tables = {
        "orders": _orders(seed, lines, paid, ids, name, lang),
        "targets": _targets(money.targets(demand), lang),
        "opportunities": _opportunities(deals, name, lang),
        "stage_history": _stage_history(pipeline.stage_history(deals), lang),
        "snapshots": _snapshots(pipeline.snapshots(deals), lang),
        "activities": _activities(activities, name, lang),
        "customers": _customers(demand, set(lines["customer"]) | set(deals["customer"]), lang),
        "products": _products(lang),
        "reps": _reps(lang),
        "receipts": _receipts(paid, ids, name, lang),
        "controls": _controls(lines, lang),
        "notes": _notes(work.notes(seed, demand.customers), name, lang),
        "plans": _plans(work.plans(seed, activities, lines.drop_duplicates("order")), lang),
        **keeping.tables(seed, demand, lang),
    }
    return Clean(demand, lines, deals, tables)


def order_ids(lines: pd.DataFrame) -> dict[int, str]:
    """Return the id of every order: 14 digits, the day and a running number."""
    firsts = lines.drop_duplicates("order")
    return {order: f"{day:%Y%m%d}{order + 1:06d}" for order, day in zip(firsts["order"], firsts["date"], strict=True)}


def yuan(fen: int) -> str:
    """Write an amount in fen as CNY with two decimals."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(int(fen)) // 100}.{abs(int(fen)) % 100:02d}"


def _orders(
    seed: int, lines: pd.DataFrame, paid: pd.DataFrame, ids: dict[int, str], name: Callable[[int], str], lang: str
) -> Table:
    received = set(paid.loc[paid["received"].notna(), "order"])
    draws = days.random(seed, "paperwork")
    papers = {}
    for line in each(lines.drop_duplicates("order")):
        signed = line.date + timedelta(days=int(draws.gamma(2.0, 4.0)) + 1)
        status = "collected" if line.order in received else "signed" if signed <= days.LAST else "won"
        status = "cancelled" if line.cancelled else status
        spelled = ALSO_SPELLED[status] if draws.random() < 0.06 else say("status", status, lang)
        at = work.entered(draws, line.date, 0.35 if line.rep in work.FORGETFUL else 0.06)
        papers[line.order] = (spelled, signed if status in ("signed", "collected") else None, at)
    rows = []
    for line in each(lines):
        spelled, signed, at = papers[line.order]
        rows.append({
            "order_id": ids[line.order], "line_no": str(line.line_no), "order_date": str(line.date),
            "amount": yuan(line.amount), "customer": name(line.customer), "rep": person(line.rep, lang),
            "channel": say("channels", line.channel, lang), "product": say("products", line.product, lang),
            "quantity": str(line.quantity), "status": spelled,
            "signed_date": f"{signed.year}/{signed.month}/{signed.day}" if signed else "",
            "entered_at": f"{at:%Y-%m-%d %H:%M}",
        })  # fmt: skip
    return pd.DataFrame(rows)


def _targets(rows: pd.DataFrame, lang: str) -> Table:
    return pd.DataFrame({
        "period": rows["period"], "metric": rows["metric"], "team": [say("teams", t, lang) for t in rows["team"]],
        "rep": [person(r, lang) for r in rows["rep"]], "product_line": [say("lines", x, lang) for x in rows["line"]],
        "amount": rows["amount"],
    })  # fmt: skip


def _opportunities(deals: pd.DataFrame, name: Callable[[int], str], lang: str) -> Table:
    rows = []
    for deal in each(deals):
        open_ = deal.close > days.LAST
        outcome = "open" if open_ else "won" if deal.won else "lost"
        stage = pipeline.stage_on(deal, days.LAST) if open_ else outcome
        proposed = deal.s_proposal if deal.s_proposal is not None and deal.s_proposal <= days.LAST else None
        rows.append({
            "opportunity_id": deal.id, "created_date": str(deal.created), "proposal_date": _text(proposed),
            "close_date": "" if open_ else str(deal.close),
            "expected_close": str(pipeline.expected_close(deal, days.LAST)) if open_ else "",
            "stage": say("stages", stage, lang), "status": say("outcome", outcome, lang), "amount": yuan(deal.amount),
            "customer": name(deal.customer), "rep": person(deal.rep, lang),
            "channel": say("channels", deal.channel, lang), "product": say("products", deal.product, lang),
            "lead_source": say("sources", deal.source, lang),
            "lost_reason": "" if outcome != "lost" else say("lost_reasons", deal.reason, lang),
            "competitor": say("competitors", deal.competitor, lang),
            "budget_confirmed": yes(deal.budget, lang), "decision_maker_met": yes(deal.decider, lang),
        })  # fmt: skip
    return pd.DataFrame(rows)


def yes(value: bool, lang: str) -> str:
    """Write yes or no."""
    return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")


def _text(day: date | None) -> str:
    return str(day) if day else ""


def _stage_history(rows: pd.DataFrame, lang: str) -> Table:
    stages = [say("stages", s, lang) for s in rows["stage"]]
    return pd.DataFrame({"opportunity_id": rows["id"], "stage": stages, "entered_date": rows["date"]})


def _snapshots(rows: pd.DataFrame, lang: str) -> Table:
    return pd.DataFrame({
        "snapshot_date": [str(d) for d in rows["day"]], "opportunity_id": rows["id"],
        "stage": [say("stages", s, lang) for s in rows["stage"]], "amount": [yuan(a) for a in rows["amount"]],
        "expected_close": [str(d) for d in rows["expected"]],
    })  # fmt: skip


def _activities(rows: pd.DataFrame, name: Callable[[int], str], lang: str) -> Table:
    return pd.DataFrame({
        "activity_date": rows["day"], "rep": [person(r, lang) for r in rows["rep"]],
        "kind": [say("kinds", k, lang) for k in rows["kind"]], "customer": [name(c) for c in rows["customer"]],
        "opportunity_id": rows["deal"], "approach": [say("approaches", a, lang) for a in rows["approach"]],
        "count": rows["count"], "entered_at": rows["entered"],
    })  # fmt: skip


def _customers(demand: Demand, seen: set[int], lang: str) -> Table:
    rows = []
    for customer in demand.customers:
        if customer.number not in seen:
            continue
        owner = customer.owner(days.LAST)
        place = next(s.region for s in stints() if s.rep == owner and s.holds(days.LAST))
        ownerless = customer.type == "small" and customer.number % 61 == 9
        rows.append({
            "customer": customer.name(lang), "customer_type": say("types", customer.type, lang),
            "industry": say("industries", customer.industry, lang), "region": say("regions", place, lang),
            "channel": say("channels", customer.channel, lang), "owner": "" if ownerless else person(owner, lang),
            "tags": ("、" if lang == "zh" else "; ").join(say("tags", t, lang) for t in customer.tags),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _products(lang: str) -> Table:
    rows = [(p[lang], say("lines", p["line"], lang), f"{p['price']}.00") for p in book("company")["products"].values()]
    return pd.DataFrame(rows, columns=["product", "product_line", "list_price"])


def _reps(lang: str) -> Table:
    rows = []
    for stint in stints():
        manager = book("company")["teams"][stint.team]["manager"]
        change = book("roster")["changes"].get(stint.team)
        spans = [(stint.start, stint.end, manager)]
        if change and (stint.end or date.max) >= change["from"]:
            eve = change["from"] - timedelta(days=1)
            spans = [(change["from"], stint.end, change["manager"])]
            if (stint.start or date.min) < change["from"]:
                spans = [(stint.start, eve, manager), *spans]
            else:
                spans = [(stint.start, stint.end, change["manager"])]
        for start, end, boss in spans:
            rows.append({
                "rep": person(stint.rep, lang), "team": say("teams", stint.team, lang), "manager": person(boss, lang),
                "region": say("regions", stint.region, lang), "valid_from": _text(start), "valid_to": _text(end),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _receipts(rows: pd.DataFrame, ids: dict[int, str], name: Callable[[int], str], lang: str) -> Table:
    rows = rows[rows["due"] >= LEDGER].sort_values(["due", "order"])
    paid = [None if pd.isna(d) else d for d in rows["received"]]
    return pd.DataFrame({
        "receipt_id": [f"R{number:06d}" for number in range(1, len(rows) + 1)],
        "order_id": [ids[o] for o in rows["order"]], "customer": [name(c) for c in rows["customer"]],
        "rep": [person(r, lang) for r in rows["rep"]],
        "due_date": [chinese(d) for d in rows["due"]], "due_amount": [yuan(a) for a in rows["amount"]],
        "received_date": [chinese(d) if d else "" for d in paid],
        "received_amount": [yuan(a) if d else "" for a, d in zip(rows["got"], paid, strict=True)],
    })  # fmt: skip


def chinese(day: date | datetime) -> str:
    """Write a date as 2024年9月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _controls(lines: pd.DataFrame, lang: str) -> Table:
    counted = lines[~lines["cancelled"]]
    parts = counted.groupby(["month", "team"])["amount"].sum().to_dict()
    rows = []
    for month, total in counted.groupby("month")["amount"].sum().items():
        rows += [(month, say("teams", t, lang), yuan(parts[month, t])) for t in book("company")["teams"]]
        rows.append((month, "", yuan(total)))
    return pd.DataFrame(rows, columns=["period", "team", "amount"])


def _notes(rows: list[tuple], name: Callable[[int], str], lang: str) -> Table:
    kinds = {"need": "需求", "satisfaction": "满意度", "competitor": "竞品", "stock": "库存",
             "churn_reason": "流失原因", "suggestion": "建议"}  # fmt: skip
    departments = book("register")["notes_department"]
    made = [
        (f"{day.year}/{day.month}/{day.day}", person(rep, lang), name(customer), kinds[kind], text,
         departments[kind][lang], "已处理" if done else "待处理")
        for day, rep, customer, kind, text, done in rows
    ]  # fmt: skip
    columns = ["note_date", "rep", "customer", "kind", "text", "department", "status"]
    return pd.DataFrame(made, columns=columns)


def _plans(rows: list[dict[str, Any]], lang: str) -> Table:
    texts = book("register")
    made = []
    for row in rows:
        done = [x for x in row["done"] if x is not None]
        wanted = row["planned"] * (len(done) if row["basis"] == "day" else 1)
        missed = len(done) == 5 and sum(done) < wanted
        answered = missed and row["chance"] < 0.8
        made.append({
            "week": row["week"], "rep": person(row["rep"], lang), "metric": row["metric"],
            "basis": {"day": "日", "week": "周"}[row["basis"]], "planned": str(row["planned"]),
            **{day: "" if x is None else str(x) for day, x in zip(WEEKDAYS, row["done"], strict=True)},
            "reason": texts["plan_reasons"][row["metric"]][lang] if answered else "",
            "remedy": texts["plan_remedies"][row["metric"]][lang] if answered else "",
            "submitted_at": f"{row['submitted']:%Y-%m-%d %H:%M}",
        })  # fmt: skip
    return pd.DataFrame(made)
