"""Pages, their index, and the facts they stand on."""

import salesnb.left_out  # noqa: F401
