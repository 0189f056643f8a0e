"""A slice against its own past: how far it strays, and which slices fell."""
