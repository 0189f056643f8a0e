"""The generator writes all that a finding and a stage need, and overwrites nothing."""

import ast
import shutil

import pytest

from salesnb.findings.finding import Finding
from salesnb.stages import STAGES
from tests.frames import orders, scope_of
from tools import new


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A house of its own with the catalogue and one stage; notebooks are not run."""
    (tmp_path / "tests").mkdir()
    for part in ("salesnb/stages.py", "salesnb/words/targets.toml", "notebooks/02_targets.ipynb"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(new.ROOT / part, tmp_path / part)
    shutil.copytree(new.PACKAGE / "findings" / "targets", tmp_path / "salesnb" / "findings" / "targets")
    monkeypatch.setattr(new, "ROOT", tmp_path)
    monkeypatch.setattr(new, "PACKAGE", tmp_path / "salesnb")
    monkeypatch.setattr(new, "FOLDER", tmp_path / "notebooks")
    monkeypatch.setattr(new, "refresh", lambda book: True)
    return tmp_path


def test_a_finding_is_four_files_and_its_export(house):
    made = [path.relative_to(house).as_posix() for path in new.new_finding("targets", "lines")]
    assert made == [
        "salesnb/findings/targets/lines.py", "salesnb/findings/targets/__init__.py", "salesnb/words/targets.toml",
        "tests/targets/test_lines.py", "notebooks/02_targets.ipynb",
    ]  # fmt: skip
    exported = (house / made[1]).read_text("utf-8")
    assert '__all__ = ["levels", "lines", "score"]' in exported
    ast.parse((house / made[3]).read_text("utf-8"))
    names: dict[str, object] = {}
    exec(compile((house / made[0]).read_text("utf-8"), "lines.py", "exec"), names)
    rows = orders(("2025-09-02", 300.0, "Alder", "Ann", "Pumps"), ("2025-09-03", 100.0, "Birch", "Ann", "Valves"))
    found = names["lines"](rows, scope=scope_of())
    assert isinstance(found, Finding)
    assert found.rows["sales"].tolist() == [400.0, 300.0, 100.0]


def test_a_stage_is_its_line_in_the_catalogue_and_its_files(house):
    made = new.new_stage("execution", 8, "pulse")
    assert all(path.is_file() for path in made)
    names: dict[str, object] = {"__name__": "salesnb.stages"}
    exec(compile(made[0].read_text("utf-8"), "stages.py", "exec"), names)
    numbers = [stage.number for stage in names["STAGES"].values()]
    assert numbers == sorted([*(stage.number for stage in STAGES.values()), 8])
    assert made[-1].name == "08_execution.ipynb"


def test_what_is_there_is_not_overwritten(house):
    for ask in (
        lambda: new.new_finding("targets", "levels"),
        lambda: new.new_finding("nowhere", "lines"),
        lambda: new.new_finding("targets", "Two words"),
        lambda: new.new_stage("targets", 8, "overview"),
        lambda: new.new_stage("execution", 2, "overview"),
    ):
        with pytest.raises(SystemExit):
            ask()
