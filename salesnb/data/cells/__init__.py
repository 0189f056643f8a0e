"""One cell or header at a time: what is written there, and in which form it is compared."""
