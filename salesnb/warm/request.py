"""What passes between the one who wants a kernel and the server: a request, and news of the kernel, a line each."""

import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

News = dict[str, Any]
"""``pid`` when the process is there, ``bound`` when it can be spoken to, ``exit`` with its code when it has ended;
``refused`` with a code of ``words/warm.toml`` and its ``fields`` when there will be none."""


_MARK = b"k"


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
    socket.send_fds(connection, [_MARK], streams)
    connection.sendall(pack(asdict(request)))


@dataclass(frozen=True)
class Asked:
    """A request as it reached the server: with the two descriptors and the connection that it came by."""

    request: Request
    streams: list[int]
    connection: socket.socket

    def refuse(self, code: str, fields: dict[str, str]) -> None:
        """Tell why there will be no kernel, and be done with it."""
        with suppress(OSError):  # who has gone already does not need to know
            self.connection.sendall(pack({"refused": code, "fields": fields}))
        self.connection.close()
        self.close_streams()

    def close_streams(self) -> None:
        """Close the descriptors that the kernel has its own copies of."""
        for stream in self.streams:
            os.close(stream)


def receive_request(connection: socket.socket) -> Asked:
    """Return the request that a connection brings; raise OSError, ValueError or TypeError where it is none."""
    mark, streams, _, _ = socket.recv_fds(connection, 1, 2)
    try:
        if mark != _MARK or len(streams) != 2:
            raise ValueError(mark)
        with connection.makefile("rb") as lines:
            return Asked(Request(**json.loads(lines.readline())), list(streams), connection)
    except BaseException:
        for stream in streams:
            os.close(stream)
        raise
