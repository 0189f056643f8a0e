"""Reports for one audience: none of another beside them, and no place of the machine in what outsiders get."""

import json

import pytest

from salesnb.batch.audience import figures_told, source_told, told
from salesnb.batch.request import Request
from salesnb.batch.run import run
from salesnb.batch.status import status_of
from salesnb.errors import ScopeError

GIVEN = {"data": "/home/chen wei/data", "settings": "", "team": "South", "audience": "public", "lang": "en"}


def test_places_are_told_to_leadership_only():
    assert told({**GIVEN, "audience": "leadership"})["data"] == GIVEN["data"]
    assert told(GIVEN) == {**GIVEN, "data": ""}
    assert told({**GIVEN, "data": "sample"})["data"] == "sample"


def test_an_index_names_reps_to_leadership_only():
    figures = {"sales": 1.0, "reps": [{"rep": "Chen Wei", "attainment": 1.0, "gap": 0.0}]}
    assert figures_told(figures, "leadership") == figures
    assert figures_told(figures, "team") == figures_told(figures, "public") == {"sales": 1.0, "reps": []}


def test_a_cell_that_sets_parameters_loses_the_lines_that_are_not_told():
    source = '# Parameters\ndata = "/home/chen wei/data"\nsettings = ""\nteam = "South"\n'
    assert source_told(source, GIVEN) == '# Parameters\nsettings = ""\nteam = "South"\n'
    assert source_told(source, {**GIVEN, "audience": "leadership"}) == source


@pytest.fixture
def go(tmp_path, company, stages):
    def start(out, **wishes):
        wishes = {"period": "2025-09", "lang": "en", "workers": 1, "teams": ("South",), **wishes}
        return run(Request(data=company(), out=tmp_path / out, notebooks=stages(diagnosis=None), **wishes))

    return start


def test_reports_for_two_audiences_do_not_lie_in_one_place(go, tmp_path):
    assert go("one", audience="public").ran == 1
    before = {p: p.read_bytes() for p in (tmp_path / "one").rglob("*") if p.is_file()}
    with pytest.raises(ScopeError, match=r"for public; those for leadership must not lie beside them.*one-leadership"):
        go("one", period="2025-08")
    with pytest.raises(ScopeError, match="are for public"):
        go("one", audience="team", force=True)
    assert {p: p.read_bytes() for p in (tmp_path / "one").rglob("*") if p.is_file()} == before
    again = go("one", audience="public")
    assert (again.ran, again.kept) == (0, 1)
    assert status_of(tmp_path / "one").periods[0].counts()["ok"] == 1
    assert go("two").ran == 1
    keys = {record(tmp_path / out)["notebooks"][0]["key"] for out in ("one", "two")}
    assert len(keys) == 2  # an audience is part of what a notebook is made from
    assert [tells_place(tmp_path, out) for out in ("one", "two")] == [(False, False), (True, True)]


def record(out):
    return json.loads((out / "2025-09/run.json").read_text(encoding="utf-8"))


def tells_place(tmp_path, out):
    """Tell whether the run's record and the notebook name the folder of the data."""
    notebook = (tmp_path / out / "2025-09/South/diagnosis.ipynb").read_text(encoding="utf-8")
    return str(tmp_path) in json.dumps(record(tmp_path / out)), str(tmp_path) in notebook
