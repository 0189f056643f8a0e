"""Where kernels may leave what they need."""

import json
import os
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from salesnb.batch import kernels


@pytest.mark.skipif(not Path("/proc/sys").is_dir(), reason="needs a folder that nobody can write to")
def test_matplotlib_gets_a_folder_where_the_home_cannot_be_written(monkeypatch, tmp_path):
    for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", "/proc/sys")
    place = kernels._drawing_place()["MPLCONFIGDIR"]
    assert place.startswith(str(tmp_path))
    assert os.access(place, os.W_OK)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kernels._drawing_place() == {}


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [("show.evidence(gap)", ()), ("show.figure(gap)", kernels.DRAWING), ("import seaborn as sns", kernels.DRAWING)],
)
def test_what_draws_is_imported_ahead_only_where_a_notebook_draws(monkeypatch, tmp_path, cell, wanted):
    asked = []
    monkeypatch.setattr(kernels.warm, "supported", lambda: True)
    monkeypatch.setattr(kernels.warm, "warm_server", lambda modules, *place: asked.append(modules) or nullcontext({}))
    (tmp_path / "03_diagnosis.ipynb").write_text(json.dumps({"source": [cell]}), encoding="utf-8")
    with kernels.kernel_place(warm_kernels=True, notebooks=tmp_path):
        pass
    assert tuple(m for m in asked[0] if m in kernels.DRAWING) == wanted
    assert set(kernels.MODULES) <= set(asked[0])
