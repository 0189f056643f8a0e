"""Tests may import ``tools``; what is dear is made once for all test processes.

Of a notebook's outputs, only the plain headline is held to the committed one.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

RICH = ("text/html", *(f"application/vnd.salesnb.{kind}+json" for kind in ("page", "facts", "scope")))
ROOT = Path(__file__).parent

# Started in the background of a shell, this process would ignore the interrupt, and so would the batches that the
# tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Compare text/plain alone: the rich forms of a headline are made from the same finding."""
    if hasattr(item.parent, "skip_compare") and RICH[0] not in item.parent.skip_compare:
        item.parent.skip_compare = (*item.parent.skip_compare, *RICH)


FIRST = (
    "journey/test_browser_run", "journey/test_hostile_run", "journey", "lab", "formats", "batch", "warm",
    "data/test_sample",
)  # fmt: skip
"""What takes longest is begun first, so that no test process is left with it alone at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the dearest first."""
    begun = [f"{ROOT / 'tests' / part}" for part in FIRST]
    items.sort(key=lambda i: next((n for n, b in enumerate(begun) if str(i.path).startswith(b)), len(begun)))


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The address of an object store."""
    from tests import object_store  # with a server that most tests need not wait for

    with object_store.server() as running:
        yield running


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return a function that gives a folder by name: the first test process that asks makes it, the others wait."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not done.exists():
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session", autouse=True)
def shared_cache(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Iterator[None]:
    """Keep stores of clean tables where no user's are; the sample's is made once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(made_once("cache", Path.mkdir)))
        yield


@pytest.fixture(scope="session")
def written(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Callable[[str], Path]:
    """Return a function that gives the sample company as the command writes it in a language."""

    def both(folder: Path) -> None:
        from typer.testing import CliRunner

        from salesnb import cli

        for lang in ("en", "zh"):  # one after the other, since a second language of what is drawn costs little
            assert CliRunner().invoke(cli.app, ["sample", str(folder / lang), "--lang", lang]).exit_code == 0

    return lambda lang: made_once("companies", both) / lang


@pytest.fixture(scope="session")
def quick_batches() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Return a context in which batches of this process fork kernels and workers from what all of them share.

    Those of the command, in a process of its own, start all that they need themselves.
    """
    from salesnb.batch import run, workers
    from salesnb.batch.kernels import kernel_place
    from tests.ready_workers import ready_workers

    with kernel_place(warm_kernels=True) as kernels, ready_workers() as ready:

        def place(*, warm_kernels: bool, notebooks: Path) -> AbstractContextManager[dict[str, str]]:
            return nullcontext(kernels) if warm_kernels else kernel_place(warm_kernels=False)

        @contextmanager
        def lent() -> Iterator[None]:
            with pytest.MonkeyPatch.context() as own:
                own.setattr(run, "kernel_place", place)
                own.setattr(workers, "_start", ready.start)
                yield

        yield lent


@pytest.fixture(scope="session")
def sample_reports(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The reports of two teams and the company of the sample for one month, in both languages."""
    teams = ("--team", "South", "--team", "Central", "--team", "all")
    wish = ("--data", "sample", "--period", "2025-09", *teams, "--lang", "both", "--workers", "1")
    return made_once("sample", lambda out: command("run", *wish, "--out", out))


def command(*words: object) -> None:
    """Run the command as ops do; show what it said where it fails."""
    ran = subprocess.run(
        [sys.executable, "-m", "salesnb.cli", *map(str, words)], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, (ran.stdout[-3000:], ran.stderr[-3000:])
