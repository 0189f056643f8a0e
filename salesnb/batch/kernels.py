"""Where the kernels of a batch come from and where they may leave what they need while they run."""

from __future__ import annotations

import os
import pkgutil
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salesnb import findings, warm

SINGLE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""Workers share the cores; threads inside each would only take them from one another."""

MODULES = (
    "IPython", "ipykernel", "debugpy", "sqlite3", "numpy", "pandas", "pyarrow", "pyarrow.parquet", "pyarrow.dataset",
    "matplotlib.pyplot", "matplotlib.backends.backend_svg", "seaborn", "salesnb.data", "salesnb.show.bundle",
)  # fmt: skip
"""What a warm kernel has imported before it begins, beside all findings."""

_PREFIX = "snb-"
_OWN_KERNEL = {"JUPYTER_PREFER_ENV_PATH": "1"}
"""A kernel of the same name in the user's home is another Python's; without an environment Jupyter would take it."""


@contextmanager
def kernel_place(*, warm_kernels: bool) -> Iterator[dict[str, str]]:
    """Give the environment of workers and kernels: a short folder for their channels, a profile of their own.

    So a user's start-up files do not matter. With ``warm_kernels``, and where the platform can, kernels are forked
    from a server that is started here and ends with it.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    place = {
        "JUPYTER_RUNTIME_DIR": str(folder),
        "IPYTHONDIR": str(folder / "profile"),
        **_OWN_KERNEL,
        **SINGLE,
    }
    try:
        if not (warm_kernels and warm.supported()):
            yield place
            return
        with warm.warm_server([*MODULES, *_findings()], folder, place) as served:
            yield {**place, **served}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _findings() -> list[str]:
    """Return the names of the stages' modules, which only kernels import."""
    return [f"salesnb.findings.{m.name}" for m in pkgutil.iter_modules(findings.__path__) if m.ispkg]


def _sweep() -> None:
    """Remove the folders of batches that were killed before they could do so."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and left.stat().st_uid == os.getuid() and not _lives(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
