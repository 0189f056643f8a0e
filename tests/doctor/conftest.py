"""A company whose data, store, reports and notebooks lie in a folder of the test's own."""

import pytest

from salesnb.doctor import Request

ORDERS = "order_id,order_date,amount,customer,team\n1,2025-09-03,100,Alder,South\n2,2025-09-04,7,Birch,North\n"


@pytest.fixture
def request_for(tmp_path, monkeypatch):
    """Return a function that asks about a small company, with whatever else is named."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")

    def make(**named):
        return Request(**{"data": str(folder), "out": str(tmp_path / "reports"), **named})

    return make


def one(found):
    """Return the only check of several, having worded it in both languages."""
    (check,) = found
    return worded(check)


def worded(check):
    for lang in ("en", "zh"):
        assert check.line(lang)
        assert bool(check.advice(lang)) == (check.state != "ok")
    return check
