"""Statistics that know no sales."""
