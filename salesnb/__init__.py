"""salesnb: a sales organisation finds its gap, its causes, its actions, and whether they worked."""
