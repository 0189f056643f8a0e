"""Charts for an analyst to change: a finding's as a figure, and own ones with Chinese letters."""

import warnings
from dataclasses import replace

import matplotlib as mpl
import pandas as pd
import pytest

from salesnb import show
from salesnb.errors import ScopeError
from salesnb.findings.finding import Chart
from salesnb.show import letters, looks
from tests import show_frames


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch):
    show_frames.install(monkeypatch)
    with mpl.rc_context():
        yield
    letters.chinese_family.cache_clear()


def texts(axes) -> list[str]:
    return [t.get_text() for t in (*axes.texts, *axes.get_yticklabels(), *axes.get_xticklabels()) if t.get_text()]


@pytest.mark.parametrize("form", ["bullet", "bridge", "bars", "line", "heat", "list", "slope", "multiples"])
def test_each_form_of_marks_is_a_figure_that_can_be_changed(form, tmp_path):
    made = show.figure(show_frames.every()[form], "zh")
    (axes,) = made.axes
    assert axes.get_title(loc="left")
    axes.set_title("我的标题")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no letter is a box
        made.savefig(tmp_path / "own.svg")
    assert (tmp_path / "own.svg").stat().st_size > 1000


def test_what_it_shows_is_what_the_page_shows():
    axes = show.figure(show_frames.bullet(), "en").axes[0]
    assert {"Chen Hao", "Wu Min", "1.45M", "1.13M"} <= set(texts(axes))
    assert [round(p.get_width()) for p in axes.patches] == [1_450_000, 1_130_000]
    line = show.figure(show_frames.line(), "en").axes[0]
    assert len(line.get_lines()) >= 2


def test_a_crossing_has_the_signs_and_the_order_of_the_page():
    rows = [("Lin", "", -10e3), ("Chen", "", -250e3), ("Chen", "Valves", 40e3), ("Lin", "Pumps", -10e3)]
    frame = pd.DataFrame(rows, columns=["rep", "product_line", "gap"])
    axes = show.figure(replace(show_frames.heat(), rows=frame.assign(sales=1e6, target=2e6)), "en").axes[0]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["Lin", "Chen"]
    assert {t.get_text() for t in axes.texts} - {""} == {"+40K", "−10K"}


def test_one_that_is_no_drawing_says_so():
    with pytest.raises(ScopeError, match=r"trial\.cards has no chart.*show\.evidence.*\.rows"):
        show.figure(show_frames.cards())
    nothing = replace(show_frames.bars(), chart=Chart("bars", {"label": "product_line", "value": "sales"}, ()))
    with pytest.raises(ScopeError, match="nothing to draw"):
        show.figure(nothing)


def test_a_figure_has_one_language():
    with pytest.raises(ScopeError, match="en or zh, not 'both'"):
        show.figure(show_frames.bars(), "both")


def test_own_charts_have_chinese_letters(tmp_path):
    show.theme()
    figure = mpl.figure.Figure()
    axes = figure.add_subplot()
    axes.bar(["直销", "网店"], [3, -2])
    axes.set_title("各渠道销售额")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(tmp_path / "own.png")


def test_a_machine_without_such_a_font_is_told_once_and_only_where_it_matters(monkeypatch):
    monkeypatch.setattr(letters, "_KNOWN", ())
    monkeypatch.setattr(letters, "find_spec", lambda _: None)
    letters.chinese_family.cache_clear()
    looks._say.cache_clear()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        looks.put_on(chinese=False)
        assert told == []
        looks.put_on()
        looks.put_on()
    assert ["Noto Sans CJK" in str(w.message) for w in told] == [True]
