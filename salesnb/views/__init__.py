"""The tables seen one way, once: what findings look at before they find anything."""
