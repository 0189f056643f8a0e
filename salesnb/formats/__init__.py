"""Reports in other forms than pages, made from what a batch has written: nothing is computed here."""

import salesnb.left_out  # noqa: F401
