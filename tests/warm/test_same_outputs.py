"""Whatever a cell can show or ask, a forked kernel shows and answers as a stock one does."""

from __future__ import annotations

import pytest

from tests.warm.kernels import PROBES, assert_alike, cells_of


@pytest.mark.parametrize("probe", sorted(p.stem for p in PROBES.glob("*.ipy")))
def test_every_output_is_a_stock_kernels(kernels, tmp_path, probe):
    stock = assert_alike(cells_of(probe), kernels, cwd=tmp_path)
    assert sum(bool(outputs) for _, _, outputs in stock) > len(stock) / 2
