"""Which slices explain one comparison, told from the leaves of a single period."""
