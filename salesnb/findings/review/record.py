"""The record of the meeting, for people to fill in."""

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Say
from salesnb.scope import Scope

ITEMS = ["time", "place", "chair", "attendees", "recorder"]


def record(*, scope: Scope) -> Finding:
    """Give the lines of the review record that only people can fill in: time, place, who was there."""
    rows = pd.DataFrame({"item": ITEMS, "remark": "fill_in"})
    return Finding("review.record", scope, rows, Say("fill_in"), chart=Chart("table"), table=("item", "remark"))
