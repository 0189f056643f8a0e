"""Run one notebook with papermill, in a stock kernel of its own, and say plainly what went wrong if it fails."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from salesnb import words
from salesnb.errors import SalesnbError

Reason = Mapping[str, str]
"""Why something failed, in each language; empty where it did not."""

_ENGINE = "salesnb"
_LONGEST_SOCKET = 100
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Executed:
    """A notebook that was run, whole or up to where it failed."""

    notebook: NotebookNode
    reason: Reason = field(default_factory=dict)


def run_notebook(source: Path, target: Path, parameters: Mapping[str, str]) -> Executed:
    """Run a notebook with parameters and keep it in ``target``, with all outputs up to its end or its failure."""
    papermill_engines.register(_ENGINE, _KeepingEngine)
    try:
        made = papermill.execute_notebook(
            source, target, dict(parameters), engine_name=_ENGINE, partial=target,
            progress_bar=False, request_save_on_cell_execute=False, autosave_cell_every=0,
            config=_kernel_config(), extra_arguments=["--log-level=CRITICAL"],
        )  # fmt: skip
        return Executed(made)
    except PapermillExecutionError as fault:
        partial = nbformat.read(target, as_version=4)
        return Executed(partial, _failure(partial, fault))
    except DeadKernelError:
        return Executed(nbformat.read(target, as_version=4), reason("kernel_died"))


def reason(code: str, /, **fields: object) -> Reason:
    """Return a reason from ``words/batch.toml`` in every language."""
    return {lang: words.text("batch", code, lang, **fields) for lang in words.LANGUAGES}


def explain(fault: BaseException, code: str) -> Reason:
    """Return why a step after the notebook failed: the kit's own problems as they are, any other named."""
    if isinstance(fault, SalesnbError):
        return {lang: fault.text(lang) for lang in words.LANGUAGES}
    return reason(code, error=type(fault).__name__, message=_first_line(str(fault)))


class _KeepingEngine(NBClientEngine):
    """The stock engine; it keeps what a dying kernel had done, which papermill itself would lose without its saves."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, partial: Path, **kwargs: Any
    ) -> NotebookNode:
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        except DeadKernelError:
            nbformat.write(nb_man.nb, partial)
            raise


def _kernel_config() -> Config:
    """Return a kernel configuration whose channels are files, not ports: parallel runs cannot take one another's.

    The files are named here: left alone, jupyter_client names them alike for every kernel.
    """
    place = Path(os.environ.get("JUPYTER_RUNTIME_DIR", ""), uuid.uuid4().hex[:12])
    if os.name != "posix" or not place.is_absolute() or len(str(place)) > _LONGEST_SOCKET:
        return Config()
    manager = {"transport": "ipc", "ip": str(place), "connection_file": f"{place}.json"}
    return Config({"KernelManager": manager})


def _failure(partial: NotebookNode, fault: PapermillExecutionError) -> Reason:
    known = _own_problems(partial)
    if known:
        return known
    places = _heading(partial, fault.cell_index)
    found = f"{fault.ename}: {_first_line(fault.evalue)}" if fault.evalue else fault.ename
    return {
        lang: words.text("batch", "cell_failed", lang, place=places[lang], error=found)
        for lang in words.LANGUAGES
    }


def _own_problems(partial: NotebookNode) -> Reason:
    """Return the text of an error of the kit, which shows itself once per language."""
    names = {kind.__name__ for kind in _kinds(SalesnbError)}
    for cell in partial.cells:
        for output in cell.get("outputs", []):
            if (
                output.output_type == "error"
                and output.ename in names
                and len(output.traceback) == len(words.LANGUAGES)
            ):
                return dict(zip(words.LANGUAGES, output.traceback, strict=True))
    return {}


def _kinds(base: type[SalesnbError]) -> list[type[SalesnbError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in _kinds(child))]


def _heading(partial: NotebookNode, index: int) -> Reason:
    """Return the heading above a cell in every language, from the catalogue it was made from where it has one."""
    for cell in reversed(partial.cells[: index + 1]):
        if cell.cell_type == "markdown" and cell.source.lstrip().startswith("#"):
            typed = _first_line(cell.source).lstrip("# ")
            name, _, key = cell.metadata.get("salesnb", {}).get("words", "").partition(".")
            made = _question(name, key) if key else {}
            return {lang: made.get(lang, typed) for lang in words.LANGUAGES}
    return dict.fromkeys(words.LANGUAGES, "-")


def _question(name: str, key: str) -> Mapping[str, Any]:
    for part in ("question", "title"):
        if words.has(name, f"{key}.{part}"):
            found: Mapping[str, Any] = words.entry(name, f"{key}.{part}")
            return found
    return {}


def _first_line(text: str) -> str:
    lines = [line.strip() for line in _COLOUR.sub("", text).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""
