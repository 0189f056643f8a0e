"""Keep modules out of sight until a notebook imports them, and then do what their import did.

To have a module loaded is not the same as not to have it: IPython prints numbers otherwise once numpy is there. So what
the server has loaded is taken off ``sys.modules`` again, and whoever imports it gets it from here, with all that was
loaded before it, and with the traces that its import left.
"""

import copy
import os
import sys
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ABSENT = object()
"""Stands for a name that a package did not have."""


@dataclass
class Name:
    """A name in a package that was there already, and what it meant before and after a submodule was loaded."""

    package: ModuleType
    name: str
    before: Any
    after: Any

    def go_back(self) -> None:
        """Give the name its earlier meaning; a function of the same name may have stood there."""
        if self.before is not ABSENT:
            setattr(self.package, self.name, self.before)
        elif self.name in vars(self.package):
            delattr(self.package, self.name)


@dataclass
class Group:
    """What one import statement loaded, and what it did beside that."""

    modules: dict[str, ModuleType]
    filters: list[Any] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)


class HeldModules(MetaPathFinder, Loader):
    """An importer of modules that are loaded already, group by group in the order in which they were."""

    def __init__(self) -> None:
        self._groups: list[Group] = []
        self._one_at_a_time = threading.Lock()

    def hold(self, groups: list[Group]) -> None:
        """Take modules off ``sys.modules`` and off their packages, to be given back on import."""
        self._groups = groups
        for group in reversed(groups):
            for name in group.names:
                name.go_back()
            for module in group.modules:
                sys.modules.pop(module, None)
        sys.meta_path.insert(0, self)

    def find(self, name: str) -> ModuleType | None:
        """Return a module that is held, None where there is no such one."""
        return next((group.modules[name] for group in self._groups if name in group.modules), None)

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """Tell the import system that a held module is to be had here."""
        module = self.find(name)
        if module is None:
            return None
        spec = copy.copy(module.__spec__) or ModuleSpec(name, self)
        spec.name, spec.loader, spec.loader_state = name, self, (module, module.__spec__)
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that is held."""
        held: ModuleType = spec.loader_state[0]
        return held

    def exec_module(self, module: ModuleType) -> None:
        """Give back a module with those loaded before it; its code has run already."""
        spec = module.__spec__
        assert spec
        module.__spec__ = spec.loader_state[1]
        with self._one_at_a_time:
            while self.find(spec.name):
                _give_back(self._groups[0])
                self._groups.pop(0)  # not before: another thread would find the modules nowhere
            if not self._groups and self in sys.meta_path:
                sys.meta_path.remove(self)


def _give_back(group: Group) -> None:
    sys.modules.update(group.modules)
    for name in group.names:
        setattr(name.package, name.name, name.after)
    os.environ.update(group.variables)
    warnings.filters[:0] = group.filters  # type: ignore[index]
    warnings._filters_mutated()  # type: ignore[attr-defined]
    if seaborn := group.modules.get("seaborn"):
        _keep_style(seaborn)


def _keep_style(seaborn: ModuleType) -> None:
    """Have seaborn keep the style of this moment, to which ``reset_orig`` returns, as its import does."""
    for name in seaborn._orig_rc_params:
        seaborn._orig_rc_params._set(name, seaborn.mpl.rcParams._get(name))
