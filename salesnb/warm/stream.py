"""Flush a kernel's output only where some is waiting: it is asked for six times a cell, mostly for nothing.

ipykernel flushes both streams before it displays, after the code and after the request, and waits each time until its
output thread has been there and back. What that thread has taken but not yet sent goes out before whatever is sent
later, so an empty stream has nothing to wait for.
"""

from ipykernel.iostream import OutStream

_flush = OutStream.flush


def flush_what_waits() -> None:
    """Have this process's output streams leave out flushes that find nothing to send."""
    OutStream.flush = _flush_if_needed  # type: ignore[method-assign]


def _flush_if_needed(stream: OutStream) -> None:
    if stream.echo is not None or stream._buffers:
        _flush(stream)
