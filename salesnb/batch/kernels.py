"""Where the kernels of a batch come from and where they may leave what they need while they run."""

import os
import pkgutil
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salesnb import findings, warm
from salesnb.errors import EVERY_LANGUAGE

SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
"""Workers share the cores; threads inside each would only take them from one another."""

MODULES = (
    "IPython", "ipykernel", "debugpy", "sqlite3", "numpy", "pandas", "pyarrow", "pyarrow.parquet", "pyarrow.dataset",
    "matplotlib.ticker", "matplotlib.font_manager", "salesnb.data", "salesnb.show.outputs", "salesnb.show.looks",
)  # fmt: skip
"""What a warm kernel has imported before it begins, beside all findings."""

DRAWING = ("matplotlib.pyplot", "matplotlib.backends.backend_svg", "seaborn")
"""What it has imported too where a notebook draws charts of its own; those of the kit are drawn without."""

_DRAWS = re.compile(rb"matplotlib|seaborn|show\.(figure|theme)|\.plot\b")

_PREFIX = "snb-"
_OWN_KERNEL = {"JUPYTER_PREFER_ENV_PATH": "1"}
"""A kernel of the same name in the user's home is another Python's; without an environment Jupyter would take it."""


@contextmanager
def kernel_place(*, warm_kernels: bool, notebooks: Path | None = None) -> Iterator[dict[str, str]]:
    """Give the environment of workers and kernels: a short folder for their channels, a profile of their own.

    So a user's start-up files do not matter. With ``warm_kernels``, and where the platform can, kernels are forked
    from a server that is started here and ends with it; what draws charts is imported there if any of the
    ``notebooks``, a folder, looks as if it drew.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    place = {
        "JUPYTER_RUNTIME_DIR": str(folder),
        "IPYTHONDIR": str(folder / "profile"),
        EVERY_LANGUAGE: "1",
        **_OWN_KERNEL,
        **SINGLE,
        **_drawing_place(),
    }
    try:
        if not (warm_kernels and warm.supported()):
            yield place
            return
        drawing = DRAWING if notebooks and _any_draws(notebooks) else ()
        with warm.warm_server([*MODULES, *drawing, *_findings()], folder, place) as served:
            yield {**place, **served}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _any_draws(notebooks: Path) -> bool:
    return any(_DRAWS.search(path.read_bytes()) for path in notebooks.glob("*.ipynb"))


def _drawing_place() -> dict[str, str]:
    """Give matplotlib a folder where the home cannot be written: it would say so, with paths, in each notebook."""
    home = Path.home()
    wanted = os.environ.get("MPLCONFIGDIR") or os.environ.get("XDG_CONFIG_HOME") or home / ".config"
    if all(_writable(Path(p)) for p in (wanted, os.environ.get("XDG_CACHE_HOME") or home / ".cache")):
        return {}
    place = Path(tempfile.gettempdir()) / f"salesnb-{os.getuid()}" / "matplotlib"  # one for all batches: it is a cache
    place.mkdir(parents=True, exist_ok=True)
    return {"MPLCONFIGDIR": str(place)}


def _writable(folder: Path) -> bool:
    """Tell whether files can be made in a folder, or in the one that it would be made in."""
    there = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK) and _makes(there)


def _makes(folder: Path) -> bool:
    """Try it: for root, and on file systems that are read-only, permissions do not tell."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


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
