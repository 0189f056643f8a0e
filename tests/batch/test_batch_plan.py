"""What will be run is decided before anything starts, and refused with the nearest that exists."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb.batch.plan import PARAMETERS, Stage, check_parameters, find_stages, parameter_names, plan, team_folders
from salesnb.errors import InputError, ScopeError


def put(folder, name, parameters=PARAMETERS):
    cell = nbformat.v4.new_code_cell("\n".join(f'{p}: str = ""  # help' for p in parameters))
    cell.metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / name)
    return folder / name


@pytest.fixture
def folder(tmp_path):
    for name in ("03_diagnosis.ipynb", "01_intake.ipynb", "09_review.ipynb", "scratch.ipynb"):
        put(tmp_path, name)
    return tmp_path


@pytest.fixture
def stages(folder):
    return find_stages(folder)


def test_stages_are_the_numbered_notebooks_in_order(stages):
    assert [s.name for s in stages] == ["intake", "diagnosis", "review"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("03_diagnosi", r"03_diagnosi\.ipynb: .* none of these is 03 diagnosi .*e\.g\. 13_diagnosi\.ipynb"),
        ("04_customers", r"01 intake, 02 targets, .*from 10 on, e\.g\. 14_customers\.ipynb"),
        ("20_diagnosis", r"20_diagnosis\.ipynb: diagnosis is the name of a stage of the kit, 03_diagnosis\.ipynb"),
        ("21_mine", r"21_mine\.ipynb and 20_mine\.ipynb are both the stage mine"),
    ],
)
def test_a_notebook_that_is_no_stage_and_not_numbered_as_ones_own_is_refused(tmp_path, name, told):
    put(tmp_path, "20_mine.ipynb")
    assert [s.name for s in find_stages(tmp_path)] == ["mine"]
    put(tmp_path, f"{name}.ipynb")
    with pytest.raises(InputError, match=told):
        find_stages(tmp_path)


def test_a_stage_can_be_chosen_and_an_unknown_one_is_refused_with_the_nearest(folder):
    assert [s.name for s in find_stages(folder, ["review"])] == ["review"]
    with pytest.raises(ScopeError) as fault:
        find_stages(folder, ["diagnose"])
    assert "diagnose" in str(fault.value)
    assert "Nearest: diagnosis" in str(fault.value)


def test_a_folder_without_notebooks_is_an_error(tmp_path):
    with pytest.raises(InputError, match="holds no stage notebooks"):
        find_stages(tmp_path)


def test_a_notebook_that_lacks_a_parameter_is_refused_before_anything_runs(tmp_path):
    put(tmp_path, "03_diagnosis.ipynb", [p for p in PARAMETERS if p != "as_of"])
    with pytest.raises(InputError, match=r"03_diagnosis\.ipynb.*as_of"):
        check_parameters(find_stages(tmp_path))


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    (tmp_path / "03_diagnosis.ipynb").write_text("no json")
    with pytest.raises(InputError, match=r"03_diagnosis\.ipynb cannot be read"):
        parameter_names(tmp_path / "03_diagnosis.ipynb")


def test_all_teams_means_each_and_the_whole_company_with_intake_for_that_alone(stages):
    jobs = plan([], ["East", "South"], ["2025-08", "2025-09"], stages)
    assert [j.team for j in jobs] == ["all", "East", "South"]
    named = [[(s.period, s.stage and s.stage.name) for s in j.steps] for j in jobs]
    assert named[0][:4] == [("2025-08", "intake"), ("2025-08", "diagnosis"), ("2025-08", "review"), ("2025-08", None)]
    assert named[1] == [
        ("2025-08", "diagnosis"), ("2025-08", "review"), ("2025-08", None),
        ("2025-09", "diagnosis"), ("2025-09", "review"), ("2025-09", None),
    ]  # fmt: skip


def test_teams_are_chosen_and_unknown_ones_are_all_named_with_the_nearest(stages):
    assert [j.team for j in plan(["South"], ["East", "South"], ["2025"], stages)] == ["South"]
    with pytest.raises(ScopeError) as fault:
        plan(["Sooth", "Nowhere"], ["East", "South"], ["2025"], stages)
    assert len(fault.value.problems) == 2
    assert "Nearest: South" in str(fault.value)


def test_a_team_for_which_no_stage_runs_has_no_job(stages):
    intake = [s for s in stages if s.name == "intake"]
    assert [j.team for j in plan([], ["East"], ["2025"], intake)] == ["all"]


@given(
    st.lists(st.sampled_from(["A/B", "../../x", "华东 一部", "CON", "east", "East", "All", "index.html"]), unique=True)
)
def test_every_team_has_a_folder_of_its_own_beneath_the_period(teams):
    folders = team_folders(teams)
    assert folders["all"] == "all"
    kept = [f.casefold() for f in folders.values()]
    assert len(set(kept)) == len(teams) + 1
    assert not {"index.html", "run.json"} & set(kept)
    assert not [f for f in kept if "/" in f or f.startswith(".")]


def test_whom_a_stage_speaks_about(tmp_path):
    assert not Stage("intake", tmp_path).runs_for("South")
    assert Stage("intake", tmp_path).runs_for("all")
    assert Stage("review", tmp_path).runs_for("South")
