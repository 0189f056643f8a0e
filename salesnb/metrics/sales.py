"""Sales, orders, customers and what follows from them. Money comes in 1/10,000 and leaves in currency units."""

import numpy as np

from salesnb.metrics.grouped import Rows
from salesnb.metrics.registry import Figures, base, derived, ratio


@base("sales", "money", table="orders", date="sales_date")
def sales(rows: Rows) -> np.ndarray:
    """Sum the amounts of rows that count as sales, exactly, before dividing."""
    return rows.money("amount")


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


@base("new_customer_sales", "money", table="orders", date="sales_date", definition=2, absent="no_customers")
def new_customer_sales(rows: Rows) -> np.ndarray:
    """Sum the sales of new customers."""
    return rows.where_said("customer", rows.where("new_existing", "new").money("amount"))


@base("quantity", "count", table="orders", date="sales_date", absent="no_quantity")
def quantity(rows: Rows) -> np.ndarray:
    """Sum units sold; not known where no sale gives any."""
    return rows.sum_known("quantity")


# What a customer buys, and what a unit costs, is asked of the sales that name one: the others have no part in either.


@base("named_sales", "money", table="orders", date="sales_date", absent="no_customers")
def named_sales(rows: Rows) -> np.ndarray:
    """Sum the sales that name a customer."""
    return rows.where_said("customer", rows.known("customer").money("amount"))


@base("named_orders", "count", table="orders", date="sales_date", absent="no_customers")
def named_orders(rows: Rows) -> np.ndarray:
    """Count the orders that name a customer."""
    named = rows.known("customer")
    return rows.where_said("customer", named.earning(named.orders()))


@base("counted_sales", "money", table="orders", date="sales_date", absent="no_quantity")
def counted_sales(rows: Rows) -> np.ndarray:
    """Sum the sales that give a number of units."""
    return rows.where_said("quantity", rows.known("quantity").money("amount"))


@derived("aov", "money", of=("sales", "orders"), absent="no_orders")
def aov(figures: Figures) -> np.ndarray:
    """Divide sales by orders."""
    return ratio(figures["sales"], figures["orders"])


@derived("spend_per_customer", "money", of=("named_sales", "customers"), absent="no_customers", definition=2)
def spend_per_customer(figures: Figures) -> np.ndarray:
    """Divide the sales of named customers by active customers (客单价)."""
    return ratio(figures["named_sales"], figures["customers"])


@derived("orders_per_customer", "ratio", of=("named_orders", "customers"), absent="no_customers", definition=2)
def orders_per_customer(figures: Figures) -> np.ndarray:
    """Divide the orders of named customers by active customers."""
    return ratio(figures["named_orders"], figures["customers"])


@derived("unit_price", "money", of=("counted_sales", "quantity"), absent="no_quantity", definition=2)
def unit_price(figures: Figures) -> np.ndarray:
    """Divide the sales that give units by these units."""
    return ratio(figures["counted_sales"], figures["quantity"])
