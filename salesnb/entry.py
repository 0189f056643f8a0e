"""Where the command begins: an interrupt while everything is imported ends it without a traceback."""

import os
import signal
from types import FrameType

INTERRUPTED = 130


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def main() -> None:
    """Import the command and run it."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # as a shell does for what runs in its background
    if not ignored:
        signal.signal(signal.SIGINT, _end)
    from salesnb.cli import app

    if not ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app()
