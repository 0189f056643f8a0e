"""What passes between the one who wants a kernel and the server: a request, and news of the kernel, a line each."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from typing import Any

News = dict[str, Any]
"""``pid`` when the process is there, ``bound`` when it can be spoken to, ``exit`` with its code when it has ended;
``refused`` with a code of ``words/warm.toml`` and its ``fields`` when there will be none."""


@dataclass(frozen=True)
class Request:
    """A kernel to be started, with everything that a child process would have from the one who starts it."""

    command: list[str]
    cwd: str
    environment: dict[str, str]
    umask: int


def pack(message: News) -> bytes:
    """Return a message as the line that is sent."""
    return json.dumps(message).encode() + b"\n"


def send_request(connection: socket.socket, request: Request, streams: tuple[int, int]) -> None:
    """Send a request and the descriptors that are to be the kernel's standard output and error."""
    socket.send_fds(connection, [b"k"], streams)
    connection.sendall(pack(asdict(request)))


def receive_request(connection: socket.socket) -> tuple[Request, list[int]]:
    """Return a request and its two descriptors; raise OSError or ValueError where it is not one."""
    mark, streams, _, _ = socket.recv_fds(connection, 1, 2)
    if mark != b"k" or len(streams) != 2:
        raise ValueError(mark)
    with connection.makefile("rb") as lines:
        return Request(**json.loads(lines.readline())), list(streams)
