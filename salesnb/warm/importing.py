"""Import for a kernel that is yet to be: with what a kernel's cells would see, and with a note of all that was asked.

Some modules look about while they are imported: pandas asks whether it is in IPython and shows twenty columns or as
many as a terminal holds; matplotlib reads its backend from the environment; others add filters to ``warnings``. An
import done beforehand must find what it would find in a cell, and must be known to have.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import sys
import types
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesnb.warm.request import Request

_KERNEL = ("pdb", "faulthandler", "multiprocessing", "sqlite3", "tornado.platform.asyncio", "ipykernel.kernelapp",
           "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger",
           "IPython.core.logger", "IPython.core.oinspect", "IPython.core.pylabtools", "IPython.utils.wildcard",
           "IPython.extensions.storemagic")  # fmt: skip
"""What every ipykernel imports until it is ready, whatever its notebook does."""

_CANVAS = ("matplotlib.backends.backend_agg",)
"""What the backend of notebooks draws with. The backend itself, ``matplotlib_inline``, must wait for the shell: it
hooks into it on import, and without that no chart would be shown."""

_OF_EACH_KERNEL = {"JPY_PARENT_PID", "JPY_INTERRUPT_EVENT"}
"""Read by an import, but set anew in each kernel."""

_NATIVE = ("PYTHON", "LANG", "LC_", "TZ", "LD_", "MALLOC_", "GLIBC_", "OMP_", "KMP_", "OPENBLAS_", "GOTO_", "MKL_",
           "BLIS_", "NUMEXPR_", "ARROW_", "JE_ARROW_", "MIMALLOC_")  # fmt: skip
"""Beginnings of variables that Python itself or a compiled library reads, which no note in Python can see."""

_READ_FROM_FOLDER = {"matplotlibrc"}
"""Files that an import reads from the folder that it happens in."""


@dataclass
class Imported:
    """What was imported, and under which circumstances that was right."""

    environment: dict[str, str]
    read: set[str] = field(default_factory=set)
    modules: frozenset[str] = frozenset()
    filters: list[Any] = field(default_factory=list)
    set_by_imports: dict[str, str] = field(default_factory=dict)
    fault: tuple[str, dict[str, str]] | None = None

    def obstacle(self, request: Request) -> tuple[str, dict[str, str]] | None:
        """Return why a fork would not be what a stock kernel would be, as a code of ``words/warm.toml`` with fields."""
        if self.fault:
            return self.fault
        if request.command[:1] != [sys.executable] or _options(request.command) != _options(sys.orig_argv):
            return "other_python", {}
        if changed := self._changed(request.environment):
            return "environment", {"names": ", ".join(changed)}
        if hidden := self._hidden(Path(request.cwd)):
            return "shadowed", {"names": ", ".join(hidden), "folder": request.cwd}
        return None

    def _changed(self, environment: dict[str, str]) -> list[str]:
        names = self.environment.keys() | environment.keys()
        telling = {n for n in names if n in self.read or n.startswith(_NATIVE)} - _OF_EACH_KERNEL
        return sorted(n for n in telling if self.environment.get(n) != environment.get(n))

    def _hidden(self, folder: Path) -> list[str]:
        """Return what lies in a notebook's folder and would be imported from there, or read by an import."""
        try:
            there = [(path.name.partition(".")[0], path) for path in folder.iterdir()]
        except OSError:
            return [str(folder)]
        return sorted(
            path.name
            for name, path in there
            if name in _READ_FROM_FOLDER or (name in self.modules and _is_module(path) and not _is(path))
        )


def import_as_in_a_kernel(modules: Sequence[str]) -> Imported:
    """Import what a kernel needs, then ``modules`` as its cells would, and return what there is to know about it."""
    imported = Imported(dict(os.environ))
    with _noting_reads(imported.read):
        with contextlib.redirect_stderr(io.StringIO()):  # a kernel speaks then, too, where nobody hears it
            _import_those_there_are(_KERNEL)
        before = list(warnings.filters)
        try:
            said = _import(modules)
        except Exception as fault:
            imported.fault = "import_failed", {"error": f"{type(fault).__name__}: {fault}"}
            return imported
    if said:
        imported.fault = "spoke", {"said": said.splitlines()[0]}
    if "matplotlib.pyplot" in sys.modules:
        _import_those_there_are(_CANVAS)
    imported.modules = frozenset(sys.modules)
    imported.set_by_imports = dict(os.environ.items() - imported.environment.items())
    imported.filters = [f for f in warnings.filters if f not in before]
    warnings.filters[:] = before  # type: ignore[index]
    return imported


def _import_those_there_are(modules: Sequence[str]) -> None:
    """Import modules that are parts of other packages, and may have moved with their versions."""
    for name in modules:
        with contextlib.suppress(ImportError):
            __import__(name)


def _import(modules: Sequence[str]) -> str:
    """Import modules and return what was printed or warned of meanwhile, which a notebook would have shown."""
    said = io.StringIO()
    with _like_a_cell() as cell, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        for name in modules:
            exec(f"import {name}", cell)
    return said.getvalue()


@contextlib.contextmanager
def _like_a_cell() -> Iterator[dict[str, Any]]:
    """Give imports what they would find in a cell: the shell's names, its main module, the backend of its charts."""
    main, cell = sys.modules["__main__"], types.ModuleType("__main__")
    shell = types.SimpleNamespace(kernel=True)
    given = {"get_ipython": lambda: shell, "__IPYTHON__": True}
    variables = {
        "MPLBACKEND": os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline",
        "JE_ARROW_MALLOC_CONF": os.environ.get("JE_ARROW_MALLOC_CONF", "background_thread:false"),
    }
    had = {name: os.environ.get(name) for name in variables}
    vars(builtins).update(given)
    os.environ.update(variables)
    sys.modules["__main__"], sys.ps1 = cell, "In : "
    try:
        yield vars(cell)
    finally:
        sys.modules["__main__"] = main
        del sys.ps1
        for name in given:
            delattr(builtins, name)
        for name, value in had.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _noting_reads(read: set[str]) -> Iterator[None]:
    """Note the name of every environment variable that is asked for."""
    kind = type(os.environ)

    class Noting(kind):  # type: ignore[valid-type, misc]
        def __getitem__(self, name: str) -> str:
            read.add(name)
            return super().__getitem__(name)

    os.environ.__class__ = Noting
    try:
        yield
    finally:
        os.environ.__class__ = kind


def _options(command: list[str]) -> list[str]:
    """Return the options of the interpreter itself in a command line."""
    return command[1 : command.index("-m")] if "-m" in command else command[1:]


def _is_module(path: Path) -> bool:
    return path.suffix in {".py", ".so"} or (path / "__init__.py").exists()


def _is(path: Path) -> bool:
    """Tell whether a path is where the module of its name was imported from."""
    module = sys.modules[path.name.partition(".")[0]]
    origin = module.__file__ or ""
    return Path(origin).resolve().is_relative_to(path.resolve())
