"""What figures are asked by: one dimension or several, and what is told of one that is not there."""

import pandas as pd
import pytest

from salesnb.errors import ScopeError
from salesnb.findings import diagnosis
from salesnb.findings import targets as stage
from salesnb.metrics import measure
from salesnb.metrics.dimensions import dimensions_of
from tests.frames import frame, orders, scope_of, targets

SOLD = orders(("2025-09-01", 100, "C", "Ann", "Pumps"))
AIMS = targets({"rep": "Ann", "amount": 90})


def test_a_dimension_may_be_given_bare():
    assert dimensions_of("rep", SOLD) == dimensions_of(["rep"], SOLD) == ["rep"]
    assert dimensions_of(("rep", "new_existing"), SOLD) == ["rep", "new_existing"]
    one, listed = (stage.levels(SOLD, AIMS, scope=scope_of(), by=by) for by in ("rep", ["rep"]))
    assert one.facts() == listed.facts()
    tables = {"orders": SOLD}
    pd.testing.assert_frame_equal(
        measure(["sales"], tables, scope_of().window, "rep"), measure(["sales"], tables, scope_of().window, ["rep"])
    )


ASKED = [
    lambda by: diagnosis.attainment(SOLD, AIMS, scope=scope_of(), by=by),
    lambda by: stage.levels(SOLD, AIMS, scope=scope_of(), by=by),
    lambda by: diagnosis.deals(frame("opportunities"), scope=scope_of(), by=by),
    lambda by: diagnosis.stalled(frame("opportunities"), frame("products"), scope=scope_of(), by=by),
    lambda by: measure(["sales"], {"orders": SOLD}, scope_of().window, by=by),
]


@pytest.mark.parametrize("ask", ASKED)
def test_a_misspelt_one_is_refused_with_what_there_is_and_the_nearest(ask):
    with pytest.raises(ScopeError) as refused:
        ask("product_lin")
    text = str(refused.value)
    assert "'product_lin'" in text
    assert "Nearest: product_line" in text
    assert "rep, " in text
    assert "没有可供细分的维度" in refused.value.text("zh")


def test_all_that_are_wrong_are_told_at_once_and_a_table_has_its_own():
    bare = SOLD[["sales_date", "amount", "rep"]]
    with pytest.raises(ScopeError) as refused:
        dimensions_of(["chanel", "new_existing", "rep"], bare)
    assert len(refused.value.problems) == 2
    assert "There are: rep." in str(refused.value)


def test_ways_of_looking_are_told_too():
    deals, other = frame("opportunities"), frame("notes")
    with pytest.raises(ScopeError, match="There are: stage, cohort, lead_source"):
        diagnosis.funnel(deals, frame("stage_history"), scope=scope_of(), by="stages")
    with pytest.raises(ScopeError, match="Nearest: competitor"):
        diagnosis.competitors(deals, other, scope=scope_of(), by="competitors")
