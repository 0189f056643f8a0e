"""Run one notebook with papermill, in a kernel of its own, and say plainly what went wrong if it fails."""

import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors
from traitlets.config import Config

from salesnb import words
from salesnb.batch.audience import source_told, told
from salesnb.batch.reason import Reason, first_line, reason, worded
from salesnb.batch.spare import KERNEL, SpareKernels
from salesnb.errors import SalesnbError

_LONGEST_SOCKET = 100
_MADE_BY_RUN = ("papermill", "execution")
"""Metadata that tell when and where a notebook ran; what it found must repeat byte for byte without them."""

_ARGUMENTS = ("--log-level=CRITICAL", "--HistoryManager.hist_file=:memory:")
_SECONDS_TO_START = 60

KERNEL_DIED = "kernel_died"


@dataclass(frozen=True)
class Executed:
    """A notebook that was run, whole or up to where it failed.

    ``code`` names the failure, empty where there was none; ``reason`` words it and ``missing`` lists the questions
    that were not answered, each in every language. There is no notebook where not even its kernel could be started.
    """

    notebook: NotebookNode | None
    code: str = ""
    reason: Reason = field(default_factory=dict)
    missing: Mapping[str, list[str]] = field(default_factory=dict)


def run_notebook(
    source: Path, parameters: Mapping[str, str], limit: float = 0, spares: SpareKernels | None = None
) -> Executed:
    """Run a notebook with parameters; return it with all outputs up to its end or its failure.

    Parameters
    ----------
    source
        The notebook's file.
    parameters
        Values for its cell tagged ``parameters``, all text.
    limit
        Seconds after which it is stopped; 0: never.
    spares
        Where its kernel comes from, started ahead; without, it is started now.
    """
    made = papermill.execute_notebook(source, None, dict(parameters), prepare_only=True, progress_bar=False)
    try:
        # What papermill does next, but for writing the whole notebook out once more into nothing.
        _Engine.execute_notebook(
            made, made.metadata.kernelspec.name, progress_bar=False, autosave_cell_every=0, config=_kernel_config(),
            timeout_func=_remaining(limit), extra_arguments=[*_ARGUMENTS], spares=spares,
        )  # fmt: skip
        raise_for_execution_errors(made, None)
        found = Executed(made)
    except PapermillExecutionError as fault:
        found = _failed(made, fault)
    except DeadKernelError:
        found = _stopped(made, KERNEL_DIED, reason(KERNEL_DIED))
    except CellTimeoutError:
        found = _stopped(made, "time_limit", reason("time_limit", minutes=f"{limit / 60:g}"))
    _forget_the_run(made, source.name)
    return found


class _Engine(NBClientEngine):
    """papermill's engine, which takes the kernel that is ready and has the next one started meanwhile."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, spares: SpareKernels | None = None, **kwargs: Any
    ) -> NotebookNode:
        if spares is None or kernel_name != KERNEL:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        manager = spares.take(kwargs["config"], _ARGUMENTS)
        spares.prepare(_kernel_config(), _ARGUMENTS)
        kwargs["startup_timeout"] = _SECONDS_TO_START
        client = PapermillNotebookClient(nb_man, km=manager, **kwargs)
        try:
            return client.execute(cleanup_kc=False)
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
            spares.retire(manager)


def _remaining(limit: float) -> Callable[[object], float] | None:
    """Return what nbclient asks for each cell's time limit: what is left of the notebook's."""
    end = time.monotonic() + limit
    return (lambda _: max(0.1, end - time.monotonic())) if limit else None


def _kernel_config() -> Config:
    """Return a kernel configuration whose channels are files, not ports: parallel runs cannot take one another's.

    The files are named here: left alone, jupyter_client names them alike for every kernel. The client takes a kernel
    as ready when it answers, without the stock client's fixed wait.
    """
    manager: dict[str, Any] = {"client_class": "salesnb.warm.client.PromptKernelClient"}
    place = Path(os.environ.get("JUPYTER_RUNTIME_DIR", ""), uuid.uuid4().hex[:12])
    if os.name != "posix" or not place.is_absolute() or len(str(place)) > _LONGEST_SOCKET:
        return Config({"KernelManager": manager})
    manager |= {"transport": "ipc", "ip": str(place), "connection_file": f"{place}.json"}
    return Config({"KernelManager": manager})


def _forget_the_run(notebook: NotebookNode, name: str) -> None:
    """Remove times, durations, paths and random ids from a notebook: two runs of the same give the same bytes."""
    kept = notebook.metadata.pop("papermill", {})
    given = dict(kept.get("parameters", {}))
    notebook.metadata["papermill"] = {"input_path": name, "parameters": told(given), "version": kept.get("version", "")}
    for number, cell in enumerate(notebook.cells):
        for part in _MADE_BY_RUN:
            cell.metadata.pop(part, None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell["id"], cell["source"] = "injected-parameters", source_told(cell["source"], given)
        elif "papermill-error-cell-tag" in cell.metadata.get("tags", ()):
            cell["id"] = f"error-{number}"


def _failed(partial: NotebookNode, fault: PapermillExecutionError) -> Executed:
    own = _own_problems(partial)
    # The index is that of the cell before papermill put its marks above: find the cell itself.
    at = next((i for i, c in enumerate(partial.cells) if _raised(c)), len(partial.cells) - 1)
    places = _heading(partial, at)
    found = f"{fault.ename}: {first_line(fault.evalue)}" if fault.evalue else fault.ename
    why = own or worded("cell_failed", {lang: {"place": places[lang], "error": found} for lang in places})
    return Executed(partial, "cell_failed", why, _missing(partial, at))


def _raised(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def _stopped(partial: NotebookNode, code: str, why: Reason) -> Executed:
    """Return a notebook that ended without an error of its own: its last cell to begin is the one that hung or died."""
    begun = [i for i, c in enumerate(partial.cells) if c.get("execution_count") is not None]
    return Executed(partial, code, why, _missing(partial, max(begun, default=0)))


def _missing(partial: NotebookNode, at: int) -> Mapping[str, list[str]]:
    """Return the headings of the section in which a cell stands and of all after it, in every language."""
    start = max((i for i in range(at + 1) if _is_heading(partial.cells[i])), default=0)
    later = [i for i in range(start, len(partial.cells)) if _is_heading(partial.cells[i])]
    found = [_heading(partial, i) for i in later]
    return {lang: [h[lang] for h in found] for lang in words.LANGUAGES}


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


def _is_heading(cell: NotebookNode) -> bool:
    own = "papermill-error-cell-tag" not in cell.metadata.get("tags", ())
    return own and cell.cell_type == "markdown" and cell.source.lstrip().startswith("#")


def _heading(partial: NotebookNode, index: int) -> Reason:
    """Return the heading above a cell in every language, from the catalogue it was made from where it has one."""
    for cell in reversed(partial.cells[: index + 1]):
        if _is_heading(cell):
            typed = first_line(cell.source).lstrip("# ")
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
