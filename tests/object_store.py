"""A real object store for tests: moto's server, spoken to over HTTP by s3fs, and a line to it that can be cut."""

import socket
import threading
import uuid
from contextlib import contextmanager, suppress

import boto3
import s3fs
from moto.server import ThreadedMotoServer

KEY, SECRET = "AKIAVISIBLE", "sEcReT/never+shown"


@contextmanager
def server():
    """Run an object store; give its address."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        yield "http://{}:{}".format(*running.get_host_and_port())
    finally:
        running.stop()


def environment(endpoint):
    """What a process needs to use the object store: the usual variables, nothing of ours."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "2",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def use(monkeypatch, endpoint):
    """Make this process use an object store from now on."""
    for name, value in environment(endpoint).items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()  # those of before speak to another


def new_bucket(endpoint):
    """Make a bucket; return its name."""
    name = f"b-{uuid.uuid4().hex[:12]}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1"
    )
    client.create_bucket(Bucket=name)
    return name


class Line:
    """A line to a server that is cut after so many bytes of every upload, until it is mended."""

    def __init__(self, endpoint, limit):
        host, port = endpoint.removeprefix("http://").split(":")
        self.limit, self.cuts, self._target = limit, 0, (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listening.close()

    def _serve(self):
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._target)
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source, sink, counted):
        passed, upload = 0, False
        with suppress(OSError):
            while data := source.recv(4096):
                upload |= counted and data.startswith(b"PUT ")
                passed += len(data)
                if upload and self.limit is not None and passed > self.limit:
                    self.cuts += 1
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
