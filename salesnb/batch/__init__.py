"""Run the notebooks for many teams and periods, each in a kernel of its own, and put what they found in order."""

import salesnb.left_out  # noqa: F401
