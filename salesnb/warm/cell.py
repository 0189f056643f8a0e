"""What an import finds in a cell of a notebook: a shell, its main module, the backend of its charts."""

import builtins
import os
import sys
import types
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def like_a_cell() -> Iterator[dict[str, Any]]:
    """Let imports find what they would find in a cell, and yield the cell's namespace.

    Raises RuntimeError where one of them hooked into the shell, which will not be there.
    """
    main, cell = sys.modules["__main__"], types.ModuleType("__main__")
    with ExitStack() as undo:
        undo.callback(sys.modules.__setitem__, "__main__", main)
        undo.enter_context(_shell())
        undo.enter_context(_variables())
        sys.modules["__main__"] = cell
        yield vars(cell)


@contextmanager
def _shell() -> Iterator[None]:
    """Have a shell that has never run anything where imports look for one."""
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.core.events import EventManager, available_events
    from IPython.core.formatters import DisplayFormatter

    shell = ZMQInteractiveShell.__new__(ZMQInteractiveShell)
    shell.kernel = True
    shell.events = EventManager(shell, available_events)
    shell.display_formatter = DisplayFormatter()
    shell.configurables = []
    untouched = _hooks(shell)
    for kind in ZMQInteractiveShell._walk_mro():
        kind._instance = shell  # type: ignore[assignment]
    given = {"get_ipython": lambda: shell, "__IPYTHON__": True}
    vars(builtins).update(given)
    sys.ps1 = "In : "
    try:
        yield
        if _hooks(shell) != untouched:
            raise RuntimeError("a module hooks into the shell on import")
    finally:
        del sys.ps1
        for name in given:
            delattr(builtins, name)
        ZMQInteractiveShell.clear_instance()


def _hooks(shell: Any) -> list[Any]:
    """Return all that an import could leave in a shell for later."""
    formatters = shell.display_formatter.formatters.values()
    printers = [[*f.type_printers, *f.deferred_printers, *f.singleton_printers] for f in formatters]
    return [{event: [*callbacks] for event, callbacks in shell.events.callbacks.items()}, printers]


@contextmanager
def _variables() -> Iterator[None]:
    """Set what ipykernel sets before any cell runs, and what keeps pyarrow from starting a thread."""
    given = {
        "MPLBACKEND": os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline",
        "JE_ARROW_MALLOC_CONF": os.environ.get("JE_ARROW_MALLOC_CONF", "background_thread:false"),
    }
    had = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in had.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
