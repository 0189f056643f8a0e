"""Sales, orders, customers and what follows from them. Money comes in 1/10,000 and leaves in currency units."""

from __future__ import annotations

import pandas as pd

from salesnb.data.schema import SCALE
from salesnb.metrics.registry import base, derived, ratio, total


@base("sales", "money", table="orders", date="sales_date")
def sales(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Sum the amounts of rows that count as sales, exactly, before dividing."""
    return total(rows, by, "amount", "sum") / SCALE


@base("orders", "count", table="orders", date="sales_date")
def orders(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Count distinct orders with sales."""
    return total(rows, by, "order_id", "nunique")


@base("customers", "count", table="orders", date="sales_date", absent="no_customers")
def customers(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Count distinct customers with sales."""
    return total(rows, by, "customer", "nunique")


@base("new_customers", "count", table="orders", date="sales_date", absent="no_customers")
def new_customers(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Count distinct customers whose first ever sale, in the whole company, falls in the window."""
    return total(_of_new_customers(rows), by, "customer", "nunique")


@base("new_customer_sales", "money", table="orders", date="sales_date", absent="no_customers")
def new_customer_sales(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Sum the sales of new customers."""
    return total(_of_new_customers(rows), by, "amount", "sum") / SCALE


def _of_new_customers(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["new_existing"] == "new"]


@base("quantity", "count", table="orders", date="sales_date", absent="no_quantity")
def quantity(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Sum units sold."""
    return total(rows, by, "quantity", "sum")


@derived("aov", "money", of=("sales", "orders"), absent="no_orders")
def aov(frame: pd.DataFrame) -> pd.Series:
    """Divide sales by orders."""
    return ratio(frame["sales"], frame["orders"])


@derived("spend_per_customer", "money", of=("sales", "customers"), absent="no_customers")
def spend_per_customer(frame: pd.DataFrame) -> pd.Series:
    """Divide sales by active customers (客单价)."""
    return ratio(frame["sales"], frame["customers"])


@derived("orders_per_customer", "ratio", of=("orders", "customers"), absent="no_customers")
def orders_per_customer(frame: pd.DataFrame) -> pd.Series:
    """Divide orders by active customers."""
    return ratio(frame["orders"], frame["customers"])


@derived("unit_price", "money", of=("sales", "quantity"), absent="no_quantity")
def unit_price(frame: pd.DataFrame) -> pd.Series:
    """Divide sales by units."""
    return ratio(frame["sales"], frame["quantity"])
