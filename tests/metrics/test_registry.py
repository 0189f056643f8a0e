"""Each figure of the registry is measured by a formula or by a finding that shows it, and a difference has its sign."""

import ast
import itertools
from pathlib import Path

import numpy as np
import pytest

import salesnb
import salesnb.views.kpi_figures  # the views that measure figures
from salesnb import words
from salesnb.errors import ColumnError, ScopeError
from salesnb.findings.columns import DIMENSIONS, LABELS, column_of
from salesnb.findings.finding import Finding, Say
from salesnb.metrics import metric, metrics
from tests.frames import problems, scope_of

ROOT = Path(salesnb.__file__).parent
SHOWN = [m.id for m in metrics().values() if m.finding]
PAIRS = [m.id for m in metrics().values() if m.derived and len(m.of) == 2]


def module(name):
    found = ROOT.joinpath(*name.split(".")[1:])
    return found.with_suffix(".py") if found.with_suffix(".py").exists() else found / "__init__.py"


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def named(path):
    """Every text and name of an argument in a module."""
    nodes = list(ast.walk(tree(path)))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return texts | {n.arg for n in nodes if isinstance(n, ast.keyword) and n.arg}


def beneath(path):
    """The views and causes that a finding is made with."""
    froms = (n.module for n in ast.walk(tree(path)) if isinstance(n, ast.ImportFrom) and n.module)
    return [module(m) for m in froms if m.startswith(("salesnb.views", "salesnb.causes"))]


def test_every_figure_is_measured():
    assert [m.id for m in metrics().values() if not (m.base or m.derived or m.whole or m.finding)] == []


@pytest.mark.parametrize("id", SHOWN)
def test_the_finding_that_measures_a_figure_names_it(id):
    own = module(f"salesnb.findings.{metric(id).finding}")
    assert any(id in named(path) for path in (own, *beneath(own))), (id, own.name)


def test_what_figures_rest_on_is_registered():
    parts = {part for m in metrics().values() for part in (*m.of, m.counted_by)} - {""}
    assert parts <= set(metrics())


@pytest.mark.parametrize("id", PAIRS)
def test_a_formula_that_falls_below_zero_is_a_difference_and_signed(id):
    """Of two positive numbers, whichever is larger."""
    formula, parts = metric(id).derived, metric(id).of
    told = [
        formula(dict(zip(parts, pair, strict=True)))[0]
        for pair in itertools.permutations(map(np.array, ([2.0], [3.0])))
    ]
    assert metric(id).signed == (min(told) < 0)


def test_a_figure_says_how_it_comes_about():
    assert repr(metric("aov")) == "aov (money, definition 1): Divide sales by orders."
    assert repr(metric("zombie_deals")).endswith("salesnb/findings/diagnosis/stalled.py")


def test_points_are_signed():
    assert all(m.signed for m in metrics().values() if m.unit == "points")


def test_a_column_is_one_thing_and_has_a_name():
    assert not metrics().keys() & (DIMENSIONS | LABELS)
    assert not DIMENSIONS & LABELS
    assert [c for c in DIMENSIONS | LABELS if not words.has("dimensions", f"names.{c}")] == []


def test_what_a_column_is():
    assert column_of("gap").signed
    assert column_of("attainment").par == 1.0
    assert [column_of(c).kind for c in ("sales", "rep", "due")] == ["figure", "dimension", "label"]


def test_an_unknown_column_is_refused_with_the_nearest_known():
    rows = problems({"problem": "fewer_orders", "effect": -1.0}).assign(regin="")
    with pytest.raises(ColumnError, match=r"diagnosis\.problems has a column regin.* Nearest: region"):
        Finding("diagnosis.problems", scope_of(), rows, Say("none"))


def test_an_unknown_figure_is_refused_with_the_nearest():
    with pytest.raises(ScopeError, match=r"no figure 'winrate'\. Nearest: win_rate"):
        metric("winrate")
