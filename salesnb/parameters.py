"""The parameters of a notebook: what its cells assign, and what papermill set that the notebook does not have."""

import ast
import sys
from collections.abc import Sequence
from itertools import takewhile

from salesnb.errors import ScopeError, nearest, problem

_INJECTED = "# Parameters\n"
"""Begins the cell that papermill, and schedulers with it, put beneath the notebook's own parameters."""

_LOADS = "load("
"""What comes after the parameters: in a lab, whatever ran since then has set names that are none."""

_OF_PAPERMILL = "PAPERMILL_"


def assigned(source: str) -> dict[str, str]:
    """Return the names that a cell assigns a plain value to, with the values as text."""
    found = {}
    for node in ast.parse(source).body:
        target = (
            node.targets[0]
            if isinstance(node, ast.Assign)
            else node.target
            if isinstance(node, ast.AnnAssign)
            else None
        )
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            found[target.id] = str(value.value)
    return found


def refuse_unknown(cells: Sequence[str]) -> None:
    """Raise ScopeError where papermill set a parameter that no cell before its own assigns: nobody would read it.

    Parameters
    ----------
    cells
        Sources of the cells that ran, in order, the last of them being at work; without a cell of papermill's, or
        with none before it that assigns anything, nothing is known to be wrong.
    """
    # In a lab a cell of papermill's may be mended and run anew, or deleted: the last one counts, once.
    at = next((i for i in reversed(range(len(cells))) if cells[i].startswith(_INJECTED)), 0)
    before = [source for source in cells[:at] if not source.startswith(_INJECTED)]
    known = {name for source in before for name in _names(source)}
    if not known or any(_LOADS in source for source in cells[at + 1 : -1]):
        return
    own = {name for source in takewhile(lambda s: _LOADS not in s, before) for name in _names(source)} or known
    wrong = [
        problem("parameter_unknown", found=name, near=nearest(name, own), known=", ".join(sorted(own)))
        for name in _names(cells[at])
        if name not in known and not name.startswith(_OF_PAPERMILL)
    ]
    if wrong:
        raise ScopeError(*wrong)


def _names(source: str) -> list[str]:
    """Return all names that a cell assigns anything to, in order: a parameter may be a list or worked out."""
    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError:  # a cell with a magic or a slip sets no parameter
        return []
    stored = (n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return list(dict.fromkeys(name.id for name in stored))


def cells_run() -> list[str]:
    """Return the sources of the cells that this kernel ran, in order; none outside a kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return [] if shell is None else [str(source) for source in shell.user_ns.get("In", ())]
