"""Rows of text made into clean rows: mapped, parsed, validated, counted, or set aside with a reason."""
