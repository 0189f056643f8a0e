"""Figures of a change: how much of it each driver carries."""

from __future__ import annotations

from salesnb.metrics.registry import plain

plain("cases", "count")
plain("effect", "money", absent="no_base")
plain("before", "kpi", absent="no_base")
plain("after", "kpi", absent="no_data")
plain("change", "kpi", absent="no_base")
plain("streak", "count", absent="no_base")
plain("gap_share", "rate", absent="no_share")
plain("surprise", "ratio", absent="no_base")
plain("part_share", "rate", absent="no_part")
plain("due_collection", "rate", absent="no_receipts")
plain("share", "rate", absent="no_share")
plain("price_level", "rate", definition=2, absent="no_quantity")
plain("expected", "kpi", absent="no_base")
plain("worth", "money", absent="no_base")
plain("explained", "money", absent="no_base")
