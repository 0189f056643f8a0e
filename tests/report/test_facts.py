"""Facts: collected from outputs, merged, written so that equal facts give equal bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from salesnb.report.facts import FactsError, collect_facts, facts_file, merged, read_facts
from tests import show_frames


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    show_frames.install(monkeypatch)


def fact(**changes: Any) -> dict[str, Any]:
    plain = {
        "period": "2025-09", "team": "South", "stage": "diagnosis", "finding": "drivers", "metric": "sales", "dims": "",
        "value": 1.5, "reason": "", "unit": "money", "definition": 1,
    }  # fmt: skip
    return {**plain, **changes}


def test_every_figure_of_a_notebook_is_collected() -> None:
    facts = collect_facts(show_frames.notebook({"bullet": show_frames.bullet()}))
    assert len(facts) == 9
    assert facts[0]["value"] == 2_580_000.0
    assert (facts[3]["dims"], facts[3]["metric"]) == ("rep=Chen Hao", "sales")


def test_equal_repeats_merge_and_order_is_fixed() -> None:
    b, a = fact(metric="target"), fact(metric="gap", value=None, reason="no_target")
    assert merged([b, a, dict(b), dict(a)]) == [a, b]


def test_unequal_repeats_are_refused_by_name() -> None:
    with pytest.raises(FactsError) as fault:
        merged([fact(), fact(value=2.0), fact(metric="gap"), fact(metric="gap", value=None)])
    assert "diagnosis.drivers gives sales" in str(fault.value)
    assert "1.5 and 2.0" in str(fault.value)
    assert len(fault.value.problems) == 2
    assert "两个不同的值" in fault.value.text("zh")


def test_file_has_the_columns_and_types_and_repeats_byte_for_byte(tmp_path: Path) -> None:
    facts = merged([fact(value=None, reason="no_data", dims="rep=A%7CB"), fact()])
    path = tmp_path / "facts.parquet"
    path.write_bytes(facts_file(facts))
    table = pq.read_table(path)
    kinds = [str(t) for t in table.schema.types]
    assert table.column_names[:4] == ["period", "team", "stage", "finding"]
    assert (kinds[6], kinds[9], set(kinds[:6])) == ("double", "int64", {"string"})
    assert table["value"].to_pylist() == [1.5, None]
    assert facts_file(list(facts)) == path.read_bytes()
    assert read_facts(path) == facts


def test_facts_of_two_notebooks_come_together() -> None:
    notebooks = [show_frames.notebook({word: show_frames.every()[word]}) for word in ("bullet", "bars")]
    rows = merged(f for n in [*notebooks, notebooks[0]] for f in collect_facts(n))
    assert len(rows) == 9 + 3
    assert [r["finding"] for r in rows[:3]] == ["bars"] * 3
