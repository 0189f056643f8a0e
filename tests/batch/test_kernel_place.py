"""Where kernels may leave what they need."""

import os
import tempfile
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
