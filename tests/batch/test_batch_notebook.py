"""One notebook in a real kernel: whole, failed, dead; what is kept and what is said."""

import time

import nbformat

from salesnb.batch.notebook import run_notebook

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebook(path, *cells):
    """Write a notebook: text that begins with # is a heading, any other is code."""
    made = nbformat.v4.new_notebook(metadata=KERNEL)
    for source in cells:
        kind = nbformat.v4.new_markdown_cell if source.startswith("#") else nbformat.v4.new_code_cell
        made.cells.append(kind(source))
        if source.startswith("team"):
            made.cells[-1].metadata["tags"] = ["parameters"]
    nbformat.write(made, path)
    return path


def outputs(executed):
    return [o for c in executed.notebook.cells for o in c.get("outputs", [])]


def test_parameters_reach_the_notebook_as_text(tmp_path):
    source = notebook(tmp_path / "a.ipynb", 'team: str = "South"', "print(repr(team))")
    executed = run_notebook(source, {"team": "007"})
    assert executed.reason == {}
    assert [o.text for o in outputs(executed)] == ["'007'\n"]


def test_a_failure_names_its_section_and_keeps_what_came_before(tmp_path):
    source = notebook(tmp_path / "a.ipynb", 'team: str = "South"', "print('before')", "## Why?\n\ntext", "1 / 0")
    executed = run_notebook(source, {"team": "East"})
    assert executed.reason["en"] == (
        "Stopped at “Why?” with ZeroDivisionError: division by zero. The notebook up to there is kept."
    )
    assert "Why?" in executed.reason["zh"]
    assert "before\n" in [o.get("text") for o in outputs(executed)]
    assert executed.code == "cell_failed"


def test_the_questions_that_were_not_reached_are_named_with_the_one_that_failed(tmp_path):
    cells = ("# Stage", 'team: str = "South"', "## First?", "1", "## Second?", "1 / 0", "## Third?", "2")
    executed = run_notebook(notebook(tmp_path / "a.ipynb", *cells), {"team": "East"})
    assert executed.missing["en"] == ["Second?", "Third?"]


def test_a_notebook_that_hangs_is_stopped_and_what_came_before_is_kept(tmp_path):
    cells = ("## First?", "print('before')", "## Second?", "import time\nwhile True: time.sleep(0.1)", "## Third?")
    begun = time.monotonic()
    executed = run_notebook(notebook(tmp_path / "a.ipynb", *cells), {}, limit=12)
    assert time.monotonic() - begun < 60
    assert executed.code == "time_limit"
    assert "0.2 minutes" in executed.reason["en"]
    assert "before\n" in [o.get("text") for o in outputs(executed)]
    assert executed.missing["zh"] == ["Second?", "Third?"]


def test_the_limit_is_that_of_the_notebook_not_of_each_cell(tmp_path):
    cells = ("import time; time.sleep(4)", "time.sleep(4)", "print('late')")
    executed = run_notebook(notebook(tmp_path / "a.ipynb", *cells), {}, limit=6)
    assert executed.code == "time_limit"
    assert "late\n" not in [o.get("text") for o in outputs(executed)]


def test_two_runs_give_the_same_bytes(tmp_path):
    cells = ('team: str = "South"', "## Why?", "print(team)")
    source = notebook(tmp_path / "a.ipynb", *cells)
    one, two = (nbformat.v4.writes(run_notebook(source, {"team": "East"}).notebook) for _ in range(2))
    assert one == two
    assert str(tmp_path) not in one


def test_the_section_is_named_in_the_language_of_the_reader(tmp_path):
    source = notebook(tmp_path / "a.ipynb", 'team: str = "South"', "## typed", "1 / 0")
    made = nbformat.read(source, as_version=4)
    made.cells[1].metadata["salesnb"] = {"words": "diagnosis.drivers"}
    nbformat.write(made, source)
    why = run_notebook(source, {}).reason
    from salesnb import words

    assert words.text("diagnosis", "drivers.question", "en") in why["en"]
    assert words.text("diagnosis", "drivers.question", "zh") in why["zh"]


def test_a_problem_of_the_kit_is_told_as_it_is_in_both_languages(tmp_path):
    cells = (
        "from salesnb.errors import ScopeError, problem",
        'raise ScopeError(problem("period_range", found="x..y"))',
    )
    executed = run_notebook(notebook(tmp_path / "a.ipynb", *cells), {})
    assert executed.reason["en"].startswith("Period range x..y cannot be used")
    assert executed.reason["zh"].startswith("期间区间 x..y 无法使用")
    assert not [o for o in outputs(executed) if "Traceback" in str(o)]


def test_a_dead_kernel_is_told_and_what_came_before_is_kept(tmp_path):
    source = notebook(tmp_path / "a.ipynb", "print('before')", "import os; os._exit(9)")
    executed = run_notebook(source, {})
    assert "kernel died" in executed.reason["en"]
    assert "before\n" in [o.get("text") for o in outputs(executed)]
    assert executed.code == "kernel_died"


def test_the_kernel_is_this_environment_s_own_whatever_lies_in_the_home(tmp_path):
    """A kernel of the same name in the user's home must not be started in place of ours."""
    import json
    import os
    import subprocess
    import sys

    foreign = tmp_path / "home" / ".local" / "share" / "jupyter" / "kernels" / "python3"
    foreign.mkdir(parents=True)
    spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "foreign", "language": "python"}
    (foreign / "kernel.json").write_text(json.dumps(spec))
    source = notebook(tmp_path / "a.ipynb", "import sys; print(sys.executable)")
    code = (
        "import sys; from pathlib import Path; from salesnb.batch.notebook import run_notebook\n"
        "made = run_notebook(Path(sys.argv[1]), {})\n"
        "print(made.reason or made.notebook.cells[-1].outputs[0].text)"
    )
    env = {**os.environ, "HOME": str(tmp_path / "home")}
    ran = subprocess.run(
        [sys.executable, "-c", code, source], env=env, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.strip() == sys.executable
