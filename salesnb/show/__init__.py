"""Sentences, tables and charts: a finding made visible. Nothing computes here."""
