"""Figures of a change: how much of it each driver carries."""

from __future__ import annotations

from salesnb.metrics.registry import plain

plain("effect", "money", absent="no_base")
plain("before", "kpi", absent="no_base")
plain("after", "kpi", absent="no_data")
