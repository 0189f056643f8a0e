"""The data floor: files in, clean tables out. Start with `load`."""

from salesnb.data.case import Case, check, load, masks, scope, stock
from salesnb.data.store.holdings import Stock
from salesnb.data.taking.quarantine import Intake

__all__ = ["Case", "Intake", "Stock", "check", "load", "masks", "scope", "stock"]
