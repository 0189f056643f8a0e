"""The data floor: files in, clean tables out. Start with `load`."""

from salesnb.data.case import Case, check, load, masks, open_store, scope
from salesnb.data.store.opened import Store
from salesnb.data.taking.quarantine import Intake

__all__ = ["Case", "Intake", "Store", "check", "load", "masks", "open_store", "scope"]
