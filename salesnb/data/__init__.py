"""The data floor: files in, clean tables out. Start with `load`."""

from salesnb.data.case import Case, check, load, stock
from salesnb.data.quarantine import Intake
from salesnb.data.store import Stock

__all__ = ["Case", "Intake", "Stock", "check", "load", "stock"]
