"""Tests may import ``tools``; of a notebook's outputs, only the plain headline is held to the committed one."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

RICH = ("text/html", *(f"application/vnd.salesnb.{kind}+json" for kind in ("page", "facts", "scope")))

# Started in the background of a shell, this process would ignore the interrupt, and so would the batches that the
# tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Compare text/plain alone: the rich forms of a headline are made from the same finding."""
    if hasattr(item.parent, "skip_compare") and RICH[0] not in item.parent.skip_compare:
        item.parent.skip_compare = (*item.parent.skip_compare, *RICH)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The address of an object store."""
    from tests import object_store  # with a server that most tests need not wait for

    with object_store.server() as running:
        yield running
