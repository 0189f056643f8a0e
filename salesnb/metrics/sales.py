"""Sales, orders, customers and what follows from them. Money comes in 1/10,000 and leaves in currency units."""

from __future__ import annotations

import numpy as np

from salesnb.data.schema import SCALE
from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import Figures, base, derived, ratio


@base("sales", "money", table="orders", date="sales_date")
def sales(rows: Rows) -> np.ndarray:
    """Sum the amounts of rows that count as sales, exactly, before dividing."""
    return rows.sum("amount") / SCALE


@base("orders", "count", table="orders", date="sales_date", definition=2)
def orders(rows: Rows) -> np.ndarray:
    """Count distinct orders (a number and a customer) with sales above zero: a return is no order."""
    return rows.earning(rows.orders())


@base("customers", "count", table="orders", date="sales_date", definition=2, absent="no_customers")
def customers(rows: Rows) -> np.ndarray:
    """Count distinct customers with sales above zero; not known where no sale names one."""
    return rows.where_said("customer", rows.earning(rows.codes("customer")))


@base("new_customers", "count", table="orders", date="sales_date", definition=2, absent="no_customers")
def new_customers(rows: Rows) -> np.ndarray:
    """Count distinct customers with sales above zero whose first ever order, in the whole company, is in the window."""
    new = rows.where("new_existing", "new")
    return rows.where_said("customer", new.earning(new.codes("customer")))


@base("new_customer_sales", "money", table="orders", date="sales_date", absent="no_customers")
def new_customer_sales(rows: Rows) -> np.ndarray:
    """Sum the sales of new customers."""
    return rows.where_said("customer", rows.where("new_existing", "new").sum("amount") / SCALE)


@base("quantity", "count", table="orders", date="sales_date", absent="no_quantity")
def quantity(rows: Rows) -> np.ndarray:
    """Sum units sold."""
    return rows.sum("quantity")


@derived("aov", "money", of=("sales", "orders"), absent="no_orders")
def aov(figures: Figures) -> np.ndarray:
    """Divide sales by orders."""
    return ratio(figures["sales"], figures["orders"])


@derived("spend_per_customer", "money", of=("sales", "customers"), absent="no_customers")
def spend_per_customer(figures: Figures) -> np.ndarray:
    """Divide sales by active customers (客单价)."""
    return ratio(figures["sales"], figures["customers"])


@derived("orders_per_customer", "ratio", of=("orders", "customers"), absent="no_customers")
def orders_per_customer(figures: Figures) -> np.ndarray:
    """Divide orders by active customers."""
    return ratio(figures["orders"], figures["customers"])


@derived("unit_price", "money", of=("sales", "quantity"), absent="no_quantity")
def unit_price(figures: Figures) -> np.ndarray:
    """Divide sales by units."""
    return ratio(figures["sales"], figures["quantity"])
