"""Import for a kernel that is yet to be: with what a kernel's cells would see, and with a note of all that was asked.

Some modules look about while they are imported: pandas asks whether it is in IPython and shows twenty columns or as
many as a terminal holds; matplotlib reads its backend from the environment; others add filters to ``warnings``. An
import done beforehand must find what it would find in a cell, and must be known to have.
"""

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesnb.warm.cell import like_a_cell
from salesnb.warm.held import ABSENT, Group, HeldModules, Name
from salesnb.warm.request import Request

_KERNEL = ("pdb", "faulthandler", "multiprocessing", "sqlite3", "tornado.platform.asyncio", "ipykernel.kernelapp",
           "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger",
           "IPython.core.logger", "IPython.core.oinspect", "IPython.core.pylabtools", "IPython.utils.wildcard",
           "IPython.extensions.storemagic", "stack_data", "pygments.formatters.terminal256")  # fmt: skip
"""What every ipykernel imports until it is ready or shows an error, whatever its notebook does."""

_OF_EACH_KERNEL = {"JPY_PARENT_PID", "JPY_INTERRUPT_EVENT"}
"""Read by an import, but set anew in each kernel."""

_NATIVE = ("PYTHON", "LANG", "LC_", "TZ", "LD_", "MALLOC_", "GLIBC_", "OMP_", "KMP_", "OPENBLAS_", "GOTO_", "MKL_",
           "BLIS_", "NUMEXPR_", "ARROW_", "JE_ARROW_", "MIMALLOC_")  # fmt: skip
"""Beginnings of variables that Python itself or a compiled library reads, which no note in Python can see."""

_PATH = "PYTHONPATH"
_READ_FROM_FOLDER = {"matplotlibrc"}
"""Files that an import reads from the folder that it happens in."""


@dataclass
class Imported:
    """What was imported, and under which circumstances that was right."""

    environment: dict[str, str]
    read: set[str] = field(default_factory=set)
    modules: frozenset[str] = frozenset()
    held: HeldModules = field(default_factory=HeldModules)
    set_by_kernel: dict[str, str] = field(default_factory=dict)
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
        changed = {n for n in telling if self.environment.get(n) != environment.get(n)}
        # Counted from the folder in which Python starts, which is the server's own.
        if not all(map(os.path.isabs, environment.get(_PATH, os.sep).split(os.pathsep))):
            changed.add(_PATH)
        return sorted(changed)

    def _hidden(self, folder: Path) -> list[str]:
        """Return what lies in a notebook's folder and would be imported from there, or read by an import."""
        try:
            there = [(path.name.partition(".")[0], path) for path in folder.iterdir()]
        except OSError:
            return [str(folder)]
        return sorted(
            path.name
            for name, path in there
            if name in _READ_FROM_FOLDER
            or (name in self.modules and _is_module(path) and not self._has_loaded(name, path))
        )

    def _has_loaded(self, name: str, path: Path) -> bool:
        module = sys.modules.get(name) or self.held.find(name)
        origin = getattr(module, "__file__", None) or ""
        return Path(origin).resolve().is_relative_to(path.resolve())


def import_as_in_a_kernel(modules: Sequence[str]) -> Imported:
    """Import what a kernel needs, then ``modules`` as its cells would, and return what there is to know about it."""
    imported = Imported(dict(os.environ))
    with contextlib.redirect_stderr(io.StringIO()):  # a kernel speaks then, too, where nobody hears it
        _import_those_there_are(_KERNEL, imported.read)
    _spare_idle_flushes()
    imported.set_by_kernel = _changes(imported.environment)
    filters = list(warnings.filters)
    groups = [Group({n: m for n, m in sys.modules.items() if n.partition(".")[0] == "salesnb"})]
    said = _Said()
    try:
        with like_a_cell() as cell, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            groups += [_import(name, cell, imported.read) for name in _with_packages(modules)]
    except Exception as fault:
        imported.fault = "import_failed", {"error": f"{type(fault).__name__}: {fault}"}
    if said.getvalue():
        imported.fault = "spoke", {"said": said.getvalue().splitlines()[0]}
    imported.modules = frozenset(sys.modules)
    warnings.filters[:] = filters  # type: ignore[index]
    os.environ.clear()
    os.environ.update({**imported.environment, **imported.set_by_kernel})
    imported.held.hold(groups)
    return imported


class _Said(io.StringIO):
    """Takes down what is printed or warned of, which a notebook would show; to the rest, a kernel's output."""

    encoding = "UTF-8"


def _import_those_there_are(modules: Sequence[str], read: set[str]) -> None:
    """Import modules that are parts of other packages, and may have moved with their versions."""
    for name in modules:
        with contextlib.suppress(ImportError), _noting_reads(read):
            __import__(name)


def _spare_idle_flushes() -> None:
    # Now and not in the kernel: there this package is out of sight, and would not be any more.
    from salesnb.warm.stream import flush_what_waits  # with ipykernel, whose import had to be noted first

    flush_what_waits()


def _with_packages(modules: Sequence[str]) -> list[str]:
    """Return modules each after the packages it lies in, so that importing those alone gives no more than those."""
    parts = [name.split(".") for name in modules]
    return list(dict.fromkeys(".".join(p[:n]) for p in parts for n in range(1, len(p) + 1)))


def _import(name: str, cell: dict[str, Any], read: set[str]) -> Group:
    """Import a module as a cell would, and return what that loaded and left behind."""
    modules, filters, variables = set(sys.modules), list(warnings.filters), dict(os.environ)
    packages = {n: dict(vars(m)) for n, m in sys.modules.items() if hasattr(m, "__path__")}
    with _noting_reads(read):
        exec(f"import {name}", cell)
    new = {n: m for n, m in sys.modules.items() if n not in modules and _is_a_notebooks(n)}
    names = [
        Name(sys.modules[package], child, packages[package].get(child, ABSENT), vars(sys.modules[package])[child])
        for package, _, child in (module.rpartition(".") for module in new)
        if package in packages and child in vars(sys.modules[package])
    ]
    return Group(new, [f for f in warnings.filters if f not in filters], _changes(variables), names)


def _is_a_notebooks(name: str) -> bool:
    return name.partition(".")[0] not in sys.stdlib_module_names


def _changes(before: dict[str, str]) -> dict[str, str]:
    return dict(os.environ.items() - before.items())


@contextlib.contextmanager
def _noting_reads(read: set[str]) -> Iterator[None]:
    """Note the name of every environment variable that is asked for."""
    kind = type(os.environ)
    get = kind.__getitem__

    def noting(variables: Any, name: str) -> str:
        read.add(name)
        return get(variables, name)

    kind.__getitem__ = noting  # type: ignore[method-assign]
    try:
        yield
    finally:
        kind.__getitem__ = get  # type: ignore[method-assign]


def _options(command: list[str]) -> list[str]:
    """Return the options of the interpreter itself in a command line."""
    return command[1 : command.index("-m")] if "-m" in command else command[1:]


def _is_module(path: Path) -> bool:
    return path.suffix in {".py", ".so"} or (path / "__init__.py").exists()
