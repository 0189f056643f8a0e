"""Run one cell as a batch runs a notebook, in the environment of a worker, and print what came of it as JSON."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

SECONDS = 60
"""What a kernel may take to start and answer."""
ANSWER = 2
_NAME = "python3"
_CELL = "import json, os, sys; print(json.dumps([1 + 1, sys.executable, os.getppid()]))"


def probe() -> dict[str, Any]:
    """Return where the kernel that notebooks ask for lies, whether it is this Python's own, and what it answers.

    A kernel that is not is not started: nobody knows what it would do.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec(_NAME)
    found = {"folder": spec.resource_dir, "command": spec.argv, "own": _is_own(spec.argv)}
    if not found["own"]:
        return found
    try:
        return {**found, **_answer()}
    except Exception as fault:
        return {**found, "reason": f"{type(fault).__name__}: {' '.join(str(fault).split())}"}


def _is_own(command: list[str]) -> bool:
    version = sys.version_info
    # These names jupyter_client takes for the Python that runs it.
    own = {"python", f"python{version.major}", f"python{version.major}.{version.minor}"}
    first = command[0] if command else ""
    # Not resolved: an environment's Python is a link to another's.
    same = first in own or os.path.abspath(first) == os.path.abspath(sys.executable)  # noqa: PTH100
    return same and any(part in {"ipykernel_launcher", "ipykernel"} for part in command)


def _answer() -> dict[str, Any]:
    import nbformat

    from salesnb.batch.notebook import run_notebook

    metadata = {"kernelspec": {"name": _NAME, "display_name": _NAME, "language": "python"}}
    cells = [nbformat.v4.new_code_cell(_CELL)]
    path = Path("probe.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    begun = time.perf_counter()
    made = run_notebook(path, {}, SECONDS)
    if made.reason or made.notebook is None:
        return {"reason": made.reason}
    printed = [o.text for c in made.notebook.cells for o in c.get("outputs", ()) if o.output_type == "stream"]
    answer, executable, parent = json.loads(printed[0])
    seconds = f"{time.perf_counter() - begun:.1f}"
    return {"answer": answer, "python": executable, "forked": parent != os.getpid(), "seconds": seconds}


if __name__ == "__main__":
    print("\n" + json.dumps(probe()))
