"""The anatomy of every notebook: what a reader may count on, and what an analyst may copy."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from salesnb import words
from salesnb.batch.plan import PARAMETERS, find_stages
from salesnb.metrics.registry import metrics
from salesnb.stages import OWN, STAGES
from tools.notebooks import FOLDER, KEEP, METADATA, prose, refreshed

FINDINGS = FOLDER.parent / "salesnb" / "findings"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.IfExp, ast.Try,
         ast.With, ast.Lambda, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Match)  # fmt: skip


@pytest.fixture(params=NOTEBOOKS, ids=lambda p: p.stem)
def path(request) -> Path:
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [c for c in notebook.cells if c.cell_type == "code"]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def test_every_stage_is_in_the_catalogue_with_its_notebook_folder_and_texts():
    """A line without its notebook, or a notebook, a folder or texts without their line, would go unnoticed."""
    assert list(STAGES) == [stage.name for stage in find_stages(FOLDER)]
    assert set(STAGES) == {p.name for p in FINDINGS.iterdir() if (p / "__init__.py").is_file()}
    for stage in STAGES.values():
        assert stage.number < OWN
        wanted = ("name", "title", "intro", *(["judged"] if stage.targets else []))
        assert [key for key in wanted if not words.has(stage.name, f"stage.{key}")] == []


def test_the_targets_of_a_stage_are_figures_of_its_findings():
    for stage in STAGES.values():
        for target in stage.targets:
            assert (FINDINGS / stage.name / f"{target.finding}.py").is_file()
            assert target.metric in metrics()


def test_one_title_then_parameters_then_loading(notebook):
    kinds = [c.cell_type for c in notebook.cells[:3]]
    assert kinds == ["markdown", "code", "code"]
    assert notebook.cells[1].metadata.tags == ["parameters"]
    assert sum("parameters" in c.metadata.get("tags", []) for c in notebook.cells) == 1
    assert "load(" in notebook.cells[2].source


def test_one_h1_and_no_heading_is_skipped(notebook):
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    levels = [len(mark) for mark in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_parameters_are_text_each_with_its_help(notebook):
    source = notebook.cells[1].source
    found = {}
    for node, line in zip(ast.parse(source).body, lines(notebook.cells[1]), strict=True):
        assert isinstance(node, ast.AnnAssign), line
        assert node.annotation.id == "str", line
        assert isinstance(node.value, ast.Constant), line
        assert isinstance(node.value.value, str), line
        assert re.search(r"  # \w", line), line
        found[node.target.id] = node.value.value
    assert tuple(found) == PARAMETERS
    assert found["data"] == "sample"
    assert re.fullmatch(r"\d{4}-\d\d", found["period"])


def test_code_cells_are_short_and_hold_no_logic(notebook):
    for cell in code(notebook):
        assert len(lines(cell)) <= 8, cell.source
        logic = [type(n).__name__ for n in ast.walk(ast.parse(cell.source)) if isinstance(n, LOGIC)]
        assert logic == [], cell.source


def test_prose_is_that_of_the_catalogues(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert cell.source == prose(cell.metadata.salesnb.words)


def test_every_section_is_a_question_a_sentence_and_the_evidence(notebook):
    sections = notebook.cells[3:]
    assert [c.cell_type for c in sections] == ["markdown", "code", "code"] * (len(sections) // 3)
    for question, sentence, evidence in zip(sections[::3], sections[1::3], sections[2::3], strict=True):
        assert lines(sentence)[-1].startswith("show."), sentence.source
        assert sorted(sentence.metadata.tags) == [KEEP, "nbval-check-output"], question.source
        assert evidence.source.startswith("show."), evidence.source
        assert "tags" not in evidence.metadata


def test_prose_and_code_are_in_proportion(notebook):
    said = sum(len(c.source.split()) for c in notebook.cells if c.cell_type == "markdown")
    written = sum(len(lines(c)) for c in code(notebook)[1:])  # the parameters are those of every notebook
    assert 11 <= said / written <= 28, (
        f"{said} words of prose for {written} lines of code beside the parameters: write intro and prose in "
        f"salesnb/words/ so that it is 11 to 28 words a line, some 40 to 60 a section"
    )


def test_prose_states_no_finding(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\d{4}-\d\d|\d+(\.\d+)? ?%|[¥$€]", cell.source), cell.source


def test_it_is_committed_as_refresh_leaves_it(path, notebook):
    assert dict(notebook.metadata) == METADATA
    assert path.read_text(encoding="utf-8") == nbformat.writes(refreshed(notebook)) + "\n"


def test_only_headlines_are_kept_and_every_headline_is(notebook):
    for cell in code(notebook):
        if KEEP in cell.metadata.get("tags", []):
            shown = (
                ast.parse(cell.source).body[-1].value.args
            )  # findings, one output each; of a list nobody knows how many
            of_a_list = any(isinstance(a, ast.Starred) for a in shown)
            assert len(cell.outputs) > 1 if of_a_list else len(cell.outputs) == len(shown), cell.source
            assert all(list(o.data) == ["text/plain"] for o in cell.outputs), cell.source
            assert all(o.data["text/plain"].strip() for o in cell.outputs)
        else:
            assert cell.outputs == [], cell.source


def test_it_names_no_folder_and_no_path(notebook):
    for cell in code(notebook):
        texts = [n.value for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Constant)]
        assert not [t for t in texts if isinstance(t, str) and ("/" in t or "\\" in t)], cell.source


def test_chinese_pages_have_the_same_sections():
    for path in NOTEBOOKS:
        keys = [c.metadata.salesnb.words for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]
        assert len(keys) == len(set(keys))
        for key in keys:
            assert prose(key, "zh") != prose(key, "en")
            assert re.search(r"[\u4e00-\u9fff]", prose(key, "zh"))
    assert words.LANGUAGES == ("en", "zh")
