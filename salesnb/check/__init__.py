"""First contact with a folder: what is in it, what stands in the way, and a draft of its settings."""
