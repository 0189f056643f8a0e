"""A notebook gives the same facts however and from wherever it is run."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from salesnb.batch.notebook import run_notebook
from salesnb.batch.plan import find_stages
from salesnb.report.facts import collect_facts

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PARAMETERS = {"team": "South", "period": "2025-09"}


@pytest.fixture(params=[s for s in find_stages(NOTEBOOKS) if s.name in {"targets", "review"}], ids=lambda s: s.name)
def notebook(request):
    return request.param.notebook


def by_papermill(notebook, folder):
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", notebook, "out.ipynb"]
    command += ["-p", "team", PARAMETERS["team"], "-r", "period", PARAMETERS["period"]]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return nbformat.read(folder / "out.ipynb", as_version=4)


def by_jupyter(notebook, folder):
    """As JupyterLab's Run All does: the notebook as it is, whose defaults are the same team and period."""
    made = nbformat.read(notebook, as_version=4)
    return NotebookClient(made, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()


def test_batch_papermill_and_jupyter_agree(notebook, tmp_path):
    batch = collect_facts(run_notebook(notebook, {**PARAMETERS, "lang": "both"}).notebook)
    assert len(batch) > 5
    assert {f["team"] for f in batch} == {"South"}
    assert collect_facts(by_papermill(notebook, tmp_path)) == batch
    assert collect_facts(by_jupyter(notebook, tmp_path)) == batch
