"""The seeded sample company: a fictional maker of valves, pumps, sensors and service, with planted problems.

`write` makes its files, `answer_key` tells what was planted in the committed ones.
"""

from salesnb.sample.key import answer_key
from salesnb.sample.write import write

__all__ = ["answer_key", "write"]
