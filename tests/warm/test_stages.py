"""The notebooks themselves: every output of each is the same from a forked kernel as from a stock one."""

from __future__ import annotations

from pathlib import Path

import papermill
import pytest

from salesnb.batch.kernels import kernel_place
from tests.warm.kernels import assert_alike

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PARAMETERS = {"team": "South", "period": "2025-09", "lang": "both"}


@pytest.fixture(scope="module")
def batch_place():
    with kernel_place(warm_kernels=True) as served:
        yield served


@pytest.mark.slow
@pytest.mark.parametrize("notebook", sorted(p.name for p in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_shows_the_same(batch_place, monkeypatch, tmp_path, notebook):
    for name, value in batch_place.items():
        monkeypatch.setenv(name, value)
    made = papermill.execute_notebook(NOTEBOOKS / notebook, None, PARAMETERS, prepare_only=True, progress_bar=False)
    cells = [cell.source for cell in made.cells if cell.cell_type == "code"]
    stock = assert_alike(cells, Path(batch_place["JUPYTER_RUNTIME_DIR"]), cwd=tmp_path)
    assert not [output for _, _, outputs in stock for output in outputs if output["output_type"] == "error"]
