"""Reports in other forms than pages, made from what a batch has written: nothing is computed here."""
