"""One warm server for all tests here, and a place for kernels whose path is short enough for sockets."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from salesnb.warm import supported, warm_server
from tests.warm.kernels import MODULES, choose


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and not supported():
            item.add_marker(pytest.mark.skip(reason="kernels fork on Linux only"))


@pytest.fixture(autouse=True)
def stock_kernels_again():
    yield
    choose("local-provisioner")


@pytest.fixture(scope="session")
def place():
    folder = Path(tempfile.mkdtemp(prefix="snb-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def environment(place):
    """What the kernels of all tests have in common, stock or forked."""
    return {"JUPYTER_RUNTIME_DIR": str(place), "IPYTHONDIR": str(place / "profile"), "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def server(place, environment):
    with warm_server(MODULES, place, environment) as served:
        yield served


@pytest.fixture
def kernels(server, environment, monkeypatch, place):
    """A folder for kernels, with the environment set so that they may be forked."""
    for name, value in {**environment, **server}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME")
    return place
