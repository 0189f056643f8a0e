"""What an analyst sees of a finding and of a case: at a cell's end, in both languages, without the masthead."""

from types import SimpleNamespace

import pandas as pd
import pytest

from salesnb import show
from salesnb.errors import EVERY_LANGUAGE, ScopeError, problem
from salesnb.findings.finding import TOTAL, Finding
from salesnb.show import notebook
from salesnb.show.mime import PAGE
from salesnb.show.outputs import evidence_output
from salesnb.show.rows import rows_text
from tests import show_frames


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch):
    show_frames.install(monkeypatch)
    monkeypatch.setattr(notebook, "_displayed", set())


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda output, raw: shown.append(output))
    return shown


def made(rows, **more) -> Finding:
    return show_frames.finding("bullet", rows, {"total": 0, "worst": 1}, None, **more)


FIVE = pd.DataFrame(
    {
        "rep": ["", *(f"R{i}" for i in range(30))],
        "sales": 1234.5,
        "target": 1000.0,
        "gap": [float("nan"), *[-9.25] * 30],
    }
)


def test_a_finding_is_a_sentence_and_a_short_table():
    found = made(FIVE, scope=show_frames.scope(("en",)))
    assert len(repr(found)) < 100
    output = found._repr_mimebundle_()
    said, _, table = output["text/plain"].partition("\n\n")
    assert said.startswith("1.23K of 1K")
    lines = table.splitlines()
    assert lines[0].split() == ["rep", "sales", "target", "gap"]
    assert lines[1].split() == ["total", "1,234.50", "1,000", "–"]
    assert lines[2].split() == ["1", "R0", "1,234.50", "1,000", "-9.25"]
    assert len(lines) == 1 + 10 + 1
    assert lines[-1] == "… +21"
    assert output["text/html"].count("<tr") == 1 + 10
    assert "snb-said" in output["text/html"]


def test_a_total_is_marked_in_the_index_and_no_fact_moves():
    found = made(FIVE)
    assert found.rows.index.tolist() == [TOTAL, *range(1, 31)]
    assert [f["dims"] for f in found.facts()][::3][:2] == ["", "rep=R0"]
    last = made(FIVE.iloc[::-1].reset_index(drop=True))
    assert last.rows.index.tolist() == [*range(30), TOTAL]
    none = made(FIVE.iloc[1:])
    assert TOTAL not in none.rows.index


def test_the_text_of_evidence_is_the_rows(displayed):
    show.evidence(made(FIVE.iloc[:3]))
    (output,) = displayed
    assert output["text/plain"].splitlines()[1].split()[:2] == ["total", "1,234.50"]


def test_chinese_letters_are_two_wide():
    rows = pd.DataFrame({"rep": ["", "陈浩", "Li"], "sales": [3.0, 2.0, 1.0], "target": 1.0, "gap": 1.0})
    _, total, wide, narrow = rows_text(made(rows)).splitlines()
    assert wide.index("2") + 2 == narrow.index("1", 6) == total.index("3")


def test_what_a_finding_needs_is_its_text():
    assert "stage_history" in evidence_output(show_frames.needs())["text/plain"]


def test_both_languages_are_shown_and_a_page_takes_its_own(displayed):
    show.masthead(SimpleNamespace(scope=show_frames.scope()))
    show.sentence(made(FIVE))
    for output in displayed:
        assert output["text/html"].count('lang="en"') == output["text/html"].count('lang="zh"') == 1
    assert 'lang="zh"' not in displayed[1][PAGE]["en"]
    assert 'lang="en"' not in displayed[1][PAGE]["zh"]


def test_without_the_masthead_each_output_brings_its_style(displayed):
    show.evidence(made(FIVE, scope=show_frames.scope(("en",))))
    (output,) = displayed
    assert output["text/html"].startswith("<style>")
    assert "<style>" not in output[PAGE]["en"]


def test_when_the_masthead_is_cleared_its_style_stays_in_the_first_output_after_it(displayed):
    for _ in range(2):  # all cells run twice
        show.masthead(SimpleNamespace(scope=show_frames.scope(("en",))))
        show.sentence(made(FIVE, scope=show_frames.scope(("en",))))
        show.evidence(made(FIVE, scope=show_frames.scope(("en",))))
    assert [output["text/html"].count("<style>") for output in displayed] == [1, 1, 0] * 2


@pytest.mark.parametrize("shown", [show.sentence, show.evidence, show.figure])
def test_rows_are_no_finding(shown):
    with pytest.raises(ScopeError, match="found was DataFrame"):
        shown(FIVE)


def test_a_scope_does_not_spell_out_its_rules():
    assert "South" in repr(show_frames.scope())
    assert len(repr(show_frames.scope())) < 300


@pytest.mark.parametrize(
    ("asked", "batch", "told"),
    [("en", "", "1"), ("zh", "", "1"), ("both", "", "2"), ("en", "1", "2"), (None, "", "2"), (["en"], "", "2")],
)
def test_an_error_tells_a_notebook_in_its_language_and_a_batch_in_all(asked, batch, told, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(user_ns={"lang": asked}))
    monkeypatch.setenv(EVERY_LANGUAGE, batch) if batch else monkeypatch.delenv(EVERY_LANGUAGE, raising=False)
    error = ScopeError(problem("lang_unknown", found="'fr'"))
    lines = error._render_traceback_()
    assert len(lines) == int(told)
    assert lines[0] == error.text("zh" if asked == "zh" else "en")
