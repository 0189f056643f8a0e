"""One question asked by each of several dimensions."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from salesnb.findings.finding import Finding


def each(find: Callable[..., Finding], by: Iterable[str | Sequence[str]], *tables: Any, **given: Any) -> list[Finding]:
    """Return a finding by each of several dimensions, or crossings of dimensions, in their order.

    ``find`` is what finds one, e.g. ``diagnosis.attainment``; ``tables`` and what else is ``given`` go to it each time.
    """
    return [find(*tables, by=dimension, **given) for dimension in by]
