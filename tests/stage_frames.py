"""Small literal tables and checks that the tests of the stages share."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from salesnb.calendar import Calendar, month
from salesnb.findings.finding import Finding
from salesnb.schema import tables
from salesnb.scope import Scope
from salesnb.settings import Settings
from salesnb.show.sentence import sentence_text
from salesnb.views.slices import SLICE
from tests.reading import stumbles


def scope(year=2025, number=9, as_of=date(2025, 9, 30), team="South", settings=None, start=date(2023, 1, 1)):
    return Scope(team, month(year, number), as_of, start, settings or Settings(), Calendar())


def orders(*rows):
    """Orders from (day, amount, customer, rep, product_line, ...); the rest as the loader would fill it."""
    names = ["sales_date", "amount", "customer", "rep", "product_line", "team", "customer_since", "status"]
    filled = [(*row, *(None,) * (len(names) - len(row))) for row in rows]
    frame = pd.DataFrame(filled, columns=names)
    days = pd.to_datetime(frame["sales_date"])
    frame = frame.assign(
        sales_date=days, order_date=days, amount=frame["amount"].astype("float64"),
        order_id=[f"O{i}" for i in range(len(frame))], team=frame["team"].fillna("South"),
        customer_since=pd.to_datetime(frame["customer_since"]), status=frame["status"].fillna("won"),
    )  # fmt: skip
    texts = ["customer", "rep", "product_line", "team", "status", "order_id"]
    return frame.astype(dict.fromkeys(texts, "str")).assign(
        region="", channel="", customer_type="", tags="", quantity=1.0
    )


def targets(*rows):
    """Targets from dicts with period, amount, and any of metric and dimensions."""
    columns = list(tables()["targets"].columns)
    frame = pd.DataFrame([{"metric": "sales", "period": "2025-09", **row} for row in rows]).reindex(columns=columns)
    texts = [c for c in columns if c != "amount"]
    return frame.astype({**dict.fromkeys(texts, "str"), "amount": "float64"})


def empty(name):
    """An absent table as the loader gives it."""
    kinds = {"date": "datetime64[s]", "money": "float64", "quantity": "float64", "measure": "float64"}
    return pd.DataFrame({c.name: pd.Series(dtype=kinds.get(c.type, "str")) for c in tables()[name].columns.values()})


def problems(*rows):
    """Rows as the diagnosis gives them."""
    columns = ["problem", *SLICE]
    frame = pd.DataFrame(rows, columns=None if rows else [*columns, "effect"])
    usual = {"gap_share": 0.5, "surprise": 4.0, "confidence": "high", "evidence": "measured"}
    for name, value in {**dict.fromkeys(columns, ""), **usual}.items():
        frame[name] = frame[name].fillna(value) if name in frame else value
    return _with_sizes(frame)


def _with_sizes(frame):
    """Problems with the figure they were sized by: sales that came to nothing, where a row does not say."""
    usual = {"kpi": "sales", "actual": 0.0, "worth": 1.0, "cases": float("nan")}
    for name, value in usual.items():
        frame[name] = frame[name].fillna(value) if name in frame else value
    effect = frame["effect"].astype("float64") if "effect" in frame else 0.0
    expected = frame["actual"].astype("float64") - effect / frame["worth"]
    frame["expected"] = frame["expected"].fillna(expected) if "expected" in frame else expected
    return frame


HOLE = re.compile(r"\bnan\b|\bNone\b(?! of)|\bNaT\b|<NA>|[{}]|\binf\b|␞")


def said(finding: Finding) -> dict[str, list[str]]:
    """Return all sentences of a finding by language, having checked that none has a hole; its facts must agree."""
    texts = {
        lang: [sentence_text(finding, say, lang) for say in (finding.headline, *finding.notes)] for lang in ("en", "zh")
    }
    for lang, lines in texts.items():
        for line in lines:
            assert line, (finding.id, lang)
            assert not HOLE.search(line), line
            assert not stumbles(line), (stumbles(line), line)
    known: dict[tuple[str, str], float | None] = {}
    for fact in finding.facts():
        key = (fact["metric"], fact["dims"])
        assert known.setdefault(key, fact["value"]) == fact["value"], key
    return texts
