"""What a batch tells its indexes: whose data, in which currency, as of which day; and where they lead."""

import json
import re

import pytest

from salesnb.batch.request import Request
from salesnb.batch.run import run

SETTINGS = '[company]\nname = "Hengyu"\ncurrency = "USD"\n'


@pytest.fixture
def index(tmp_path, company, stages):
    """Return the index of September after a run of the periods asked for, and its record."""

    def made(**wishes):
        wishes = {"period": "2025-09", "lang": "en", "workers": 1, "teams": ("South",), **wishes}
        data = company("North", "South")
        (tmp_path / "data" / "salesnb.toml").write_text(SETTINGS, encoding="utf-8")
        run(Request(data=data, out=tmp_path / "reports", notebooks=stages(diagnosis=None), **wishes))
        folder = tmp_path / "reports" / "2025-09"
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return (folder / "index.html").read_text(encoding="utf-8"), record

    return made


def test_the_head_of_an_index_is_that_of_the_settings_and_the_day(index):
    page, record = index(as_of="2025-09-15")
    assert record["head"] == {"company": "Hengyu", "currency": "USD", "as_of": "2025-09-15", "complete": False}
    head = re.sub("<[^>]+>", "|", page.split("<h1>")[0].split("<body>")[1])
    assert "|Hengyu|" in head
    assert "|as of 15 Sep 2025|" in head
    assert "|Provisional|" in head
    assert "amounts in USD" in page


def test_a_period_that_is_over_is_so_though_the_next_has_begun(index):
    """The newest order is of 30 September: August is over, September too."""
    page, record = index(period="2025-08..2025-09")
    assert record["head"]["complete"]
    assert record["head"]["as_of"] == "2025-09-30"
    assert "Provisional" not in page.split("<body>")[1]
    assert "Previous: August 2025" in page


def test_a_team_s_name_leads_to_its_start_page(index):
    page, _ = index()
    assert '<th scope="row"><a href="South/index.html">South</a></th>' in page
    assert '<a class="l-none" href="South/diagnosis.html">No target</a>' in page
