"""One question by several dimensions, as the notebook asks it."""

from datetime import date

from salesnb.findings import diagnosis
from salesnb.findings.each import each
from tests.frames import frame, scope_of


def test_it_gives_the_finding_of_each_dimension_in_their_order():
    sold = frame(
        "orders", {"day": date(2025, 9, 3), "money": 100, "customer": "Alder", "channel": "direct", "rep": "Li"}
    )
    scope, none = scope_of("2025-09"), frame("targets")
    found = each(diagnosis.attainment, ["channel", ["rep", "channel"]], sold, none, scope=scope)
    alone = [diagnosis.attainment(sold, none, scope=scope, by=by) for by in ("channel", ["rep", "channel"])]
    assert [f.facts() for f in found] == [f.facts() for f in alone]
    assert [f.dimensions for f in found] == [("channel",), ("rep", "channel")]
