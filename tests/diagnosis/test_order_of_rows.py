"""Every section tells the same whatever the order and the index of the rows it is given, and changes none of them."""

import pandas as pd
import pytest

from tests.diagnosis.test_diagnosis_words import findings

TABLES = ("orders", "targets", "opportunities", "receipts", "activities", "reps", "customers", "products", "notes",
          "stage_history")  # fmt: skip


class Given:
    """A case whose tables were mixed, every row of them under the same index."""

    def __init__(self, case, seed):
        self.scope = case.scope
        for name in TABLES:
            table = getattr(case, name)
            setattr(self, name, table.sample(frac=1, random_state=seed).set_axis([7] * len(table)))


@pytest.mark.parametrize(("team", "period"), [("South", "2025-09"), ("Central", "2025-Q3"), ("West", "2025-W36")])
def test_rows_may_come_in_any_order_under_any_index(sample, team, period):
    case = sample(team, period)
    mixed = Given(case, 3)
    before = {name: getattr(mixed, name).copy(deep=True) for name in TABLES}
    for one, other in zip(findings(case), findings(mixed), strict=True):
        assert one.id == other.id
        pd.testing.assert_frame_equal(one.rows, other.rows, rtol=1e-9, atol=1e-6, obj=one.id)
        assert str(one.headline) == str(other.headline), one.id
        assert [str(n) for n in one.notes] == [str(n) for n in other.notes], one.id
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(mixed, name), table)
