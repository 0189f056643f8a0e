"""The page for analysts: its example runs, and says what it promises."""

import re
from pathlib import Path

import pytest

from salesnb import load, show
from salesnb.findings import diagnosis
from salesnb.show.sentence import sentence_text

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "analyst.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """Return the page's blocks of a kind, without the indent of the list they stand in."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^ *```$", PAGE, flags=re.M | re.S)
    return ["\n".join(line.removeprefix(indent) for line in text.splitlines()) for indent, text in found]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What the page's code leaves behind, run from top to bottom for East."""
    case = load(team="East", period="2025-09")
    names = {"case": case, "show": show, "diagnosis": diagnosis}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("analyst"))
        patch.setattr("IPython.display.display", lambda output, raw: names.setdefault("shown", []).append(output))
        for block in blocks("python"):
            exec(block, names)  # the page's own code is what is tested
        names["saved"] = Path("east.png").stat().st_size
    return names


def test_the_example_says_what_the_page_promises(ran):
    (promised,) = blocks("text")
    finding = ran["by_channel_and_type"]
    assert sentence_text(finding, finding.headline, "en") == promised
    assert ran["shown"][0]["text/plain"] == promised
    assert "Distributor" in ran["shown"][1]["text/html"]
    assert ran["saved"] > 10_000


def test_orders_joined_with_targets_give_the_attainment_of_the_finding(ran):
    case = ran["case"]
    attained = ran["sold"].groupby("rep")["amount"].sum() / ran["goals"].groupby("rep")["amount"].sum()
    rows = diagnosis.attainment(case.orders, case.targets, scope=case.scope).rows
    told = rows.drop("total").set_index("rep")["attainment"].dropna()
    assert attained.to_dict() == pytest.approx(told.to_dict())


def test_the_total_is_the_sum_of_what_is_left_without_it(ran):
    rows = diagnosis.attainment(ran["case"].orders, ran["case"].targets, scope=ran["case"].scope, by="channel").rows
    assert rows.drop("total")["sales"].sum() == pytest.approx(rows.loc["total", "sales"])
