"""What papermill sets and a notebook does not have is refused, in any way of running."""

import nbformat
import papermill
import pytest

from salesnb import parameters
from salesnb.errors import ScopeError

OWN = 'data: str = "sample"  # folder\nteam: str = "South"\nperiod: str = "2025-09"'
LOADS = "from salesnb import load\ncase = load(data=data, team=team, period=period)"


def given(name: str) -> str:
    return f'# Parameters\n{name} = "South"\n'


@pytest.mark.parametrize("before", [[OWN], ["%matplotlib inline", OWN], ["", 'size = "large"', OWN]])
def test_one_that_no_cell_assigns_is_refused_with_what_there_is(before):
    with pytest.raises(ScopeError) as refused:
        parameters.refuse_unknown([*before, given("teem"), LOADS])
    text = str(refused.value)
    assert "teem" in text
    assert "Nearest: team" in text
    assert "period" in text
    assert "teem" in refused.value.text("zh")


def test_a_list_that_no_cell_assigns_is_refused_too():
    with pytest.raises(ScopeError, match="teems"):
        parameters.refuse_unknown([OWN, "# Parameters\nteems = ['North']\n", LOADS])


@pytest.mark.parametrize(
    "cells",
    [
        [], [OWN, LOADS], [OWN, given("team"), LOADS], [given("teem"), LOADS],
        [OWN, given("PAPERMILL_INPUT_PATH"), LOADS],
        [f"{OWN}\nteams = ['South']\nstart = str(2025)\nleast, most = 0, -1", given("teams"), given("start"), LOADS],
        [f"{OWN}\nteams = ['South']", "# Parameters\nteams = ['North']\n", LOADS],
        [f"{OWN}\nleast, most = 0, 9", given("most"), LOADS],
    ],
)  # fmt: skip
def test_what_is_there_or_cannot_be_told_is_not(cells):
    parameters.refuse_unknown(cells)


def test_in_a_lab_the_last_of_papermills_cells_counts_once_and_is_no_parameters_home():
    with pytest.raises(ScopeError, match="Nearest: team"):
        parameters.refuse_unknown([OWN, given("teem"), LOADS, given("teem"), LOADS])
    parameters.refuse_unknown([OWN, given("teem"), LOADS, given("team"), LOADS])
    parameters.refuse_unknown([OWN, given("teem"), LOADS, LOADS])  # deleted meanwhile


def test_in_a_lab_only_what_ran_before_the_data_were_loaded_is_called_a_parameter():
    with pytest.raises(ScopeError, match="Its parameters: data, period, team\\."):
        parameters.refuse_unknown([OWN, LOADS, "teems = 3", OWN, given("teem"), LOADS])


def test_papermill_itself(tmp_path):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(OWN, metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(LOADS)],
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, tmp_path / "in.ipynb")
    with pytest.raises(papermill.PapermillExecutionError) as failed:
        papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", {"teem": "South"}, progress_bar=False)
    assert failed.value.ename == "ScopeError"
    assert "Nearest: team" in failed.value.evalue
