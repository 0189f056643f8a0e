"""Run the same cells in a stock kernel and in a forked one, and make what they show comparable."""

from __future__ import annotations

import difflib
import os
import pprint
import re
import uuid
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from salesnb.warm.forked import ForkedKernel

MODULES = ("numpy", "pandas", "matplotlib.pyplot", "seaborn")
"""What the server has loaded before it forks."""
PROBES = Path(__file__).parent / "probes"
_KERNELSPEC = {"name": "python3", "language": "python", "display_name": "Python 3"}
_OF_THE_RUN = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(r"ipykernel_\d+"), "ipykernel_"),
    (re.compile(r"<dc:date>.*?</dc:date>"), "DATE"),
    (re.compile(r"\b\d+(\.\d+)? ?([nµ\u03bcm]s|ns|s|it/s)\b"), "TIME"),
)


def cells_of(name):
    """The cells of a probe: what IPython understands, with ``# %%`` between them."""
    text = (PROBES / f"{name}.ipy").read_text(encoding="utf-8")
    return [part.strip() for part in text.split("# %%\n")[1:]]


def choose(name):
    """Have all kernels of this process from one provisioner from now on; its singleton reads the environment once."""
    KernelProvisionerFactory.instance().default_provisioner_name = name


def manager(folder, *, warm, prompt=None):
    """Make a kernel manager as the batch does: channels that are files, and for forked kernels the prompt client."""
    place = folder / uuid.uuid4().hex[:8]
    config = {"transport": "ipc", "ip": str(place), "connection_file": f"{place}.json"}
    if prompt or (warm and prompt is None):
        config["client_class"] = "salesnb.warm.client.PromptKernelClient"
    return AsyncKernelManager(kernel_name="python3", config=Config({"KernelManager": config}))


def run(cells, folder, *, warm, cwd=None, provisioner="", prompt=None, **options):
    """Run cells and return the notebook; a forked kernel must be one, a stock one must not."""
    choose(provisioner or ("salesnb-warm" if warm else "local-provisioner"))
    notebook = new_notebook(cells=[new_code_cell(c) for c in cells], metadata={"kernelspec": _KERNELSPEC})
    seen = []
    client = NotebookClient(
        notebook, km=manager(folder, warm=warm, prompt=prompt), resources={"metadata": {"path": str(cwd or folder)}},
        on_cell_start=lambda **_: seen.append(type(client.km.provisioner.process)),
        **{"allow_errors": True, **options},
    )  # fmt: skip
    client.execute(cleanup_kc=True)
    assert {kind is ForkedKernel for kind in seen} == {warm}
    return notebook


def shown(notebook):
    """What each cell shows, with its count, but for addresses, process numbers and durations."""
    return [(c.source, c.execution_count, _joined([_plain(o) for o in c.outputs])) for c in notebook.cells]


def assert_alike(cells, folder, **options):
    """Hold every output of a forked kernel against a stock one's."""
    stock, warm = (shown(run(cells, folder, warm=w, **options)) for w in (False, True))
    different = [
        f"{expected[0][:200]}\n{_difference(expected, found)}"
        for expected, found in zip(stock, warm, strict=True)
        if expected != found
    ]
    assert not different, "\n\n".join(different)
    return stock


def _difference(expected, found):
    lines = (pprint.pformat(part, width=150).splitlines() for part in (expected[1:], found[1:]))
    return "\n".join(line[:400] for line in difflib.unified_diff(*lines, "stock", "forked", n=0, lineterm=""))


def _joined(outputs):
    """Outputs with the pieces of a stream put together; where it is cut depends on the moment."""
    joined = []
    for output in outputs:
        if joined and output.get("name") and output["name"] == joined[-1].get("name"):
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _plain(thing):
    if isinstance(thing, nbformat.NotebookNode | dict):
        return {k: _plain(v) for k, v in thing.items()}
    if isinstance(thing, list):
        return [_plain(v) for v in thing]
    if isinstance(thing, str):
        for pattern, name in _OF_THE_RUN:
            thing = pattern.sub(name, thing)
    return thing


def server_of(socket):
    """The process that listens at an address, found among this process's children."""
    own = [p for p in Path("/proc").iterdir() if p.name.isdigit() and _stat(p)[1:2] == [str(os.getpid())]]
    [found] = [int(p.name) for p in own if Path(socket).parent == (p / "cwd").resolve()]
    return found


def _stat(process):
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
