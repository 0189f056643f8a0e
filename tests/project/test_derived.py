"""What is made from something else is up to date, and every truth stands once."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from salesnb import settings
from salesnb.cli import app
from salesnb.schema import tables
from tools import settings_page
from tools.dictionary import PAGE, dictionary
from tools.environment import environment

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
RUN_LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
STATED = [Requirement(r) for r in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]


def test_environment_yml_is_that_of_the_lock():
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment(LOCK)


def test_the_data_dictionary_is_that_of_the_schema():
    assert PAGE.read_text(encoding="utf-8") == dictionary()


def test_the_settings_page_is_that_of_the_settings():
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.settings_page()


def test_every_setting_says_what_it_means():
    for name in ("Company", "Sales", "CalendarRules", "Kpi", "Lights", "Execution", "Quality", "Strategy",
                 "Lookup", "Wide", "Source", "Settings"):  # fmt: skip
        for field, info in getattr(settings, name).model_fields.items():
            assert info.description, (name, field)


def test_the_data_dictionary_has_every_column_with_its_headers():
    page = dictionary()
    for table in tables().values():
        section = page.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        for column in table.columns.values():
            assert f"| `{column.name}` |" in section
            assert all(header in section for header in (*column.en, *column.zh))


def pins(lock):
    for line in lock.splitlines():
        pin = Requirement(line)
        (exact,) = pin.specifier
        assert exact.operator == "==", line
        yield canonicalize_name(pin.name), Version(exact.version)


@pytest.mark.parametrize(
    ("lock", "needs"), [(LOCK, STATED), (RUN_LOCK, STATED[: len(PROJECT["dependencies"])])], ids=["all", "run"]
)
def test_a_lock_pins_all_that_is_needed_and_names_no_index(lock, needs):
    assert not re.search(r"^-|://|@ ", lock, re.MULTILINE)
    locked = dict(pins(lock))
    for need in needs:
        assert locked[canonicalize_name(need.name)] in need.specifier


def test_what_running_needs_is_pinned_alike_for_developers_and_has_nothing_of_theirs():
    run, every = dict(pins(RUN_LOCK)), dict(pins(LOCK))
    assert run.items() <= every.items()
    assert not {"jupyterlab", "pytest", "mypy", "playwright"} & run.keys()


def foreign_imports(nodes):
    """Return the names of the packages, not of the standard library, that these nodes import."""
    names = {
        name.split(".")[0]
        for node in nodes
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import)
            else [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level
            else []
        )
    }  # fmt: skip
    return {n for n in names - {"salesnb", "__future__"} if n not in sys.stdlib_module_names}


def test_what_the_package_imports_is_stated_and_extras_only_where_they_are_used():
    stated = {canonicalize_name(r.name) for r in STATED[: len(PROJECT["dependencies"])]}
    # Parts of what is stated, never installed without it.
    stated |= {"ipython", "jupyter-client", "markupsafe", "packaging", "traitlets", "pydantic-core"}
    extras = PROJECT["optional-dependencies"]
    optional = {canonicalize_name(Requirement(r).name) for name in extras if name != "dev" for r in extras[name]}
    provided = packages_distributions()
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in (ROOT / "salesnb").rglob("*.py")]
    at_once = foreign_imports(node for tree in trees for node in tree.body)
    anywhere = foreign_imports(node for tree in trees for node in ast.walk(tree))

    def unstated(names, known):
        return {n for n in names if not {canonicalize_name(d) for d in provided.get(n, [])} & known}

    assert unstated(at_once, stated) == set()
    assert unstated(anywhere, stated | optional) == set()


def commands(page):
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    return re.findall(r"^ *(?:\.venv/bin/)?(make|salesnb) (\w+)((?: .*)?)$", blocks, re.MULTILINE)


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))],
                         ids=lambda p: p.name)  # fmt: skip
def test_documents_name_commands_options_and_files_that_exist(page):
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = typer.main.get_command(app).commands
    for tool, name, rest in commands(text):
        if tool == "make":
            assert name in targets
        else:
            options = {o for p in known[name].params for o in p.opts}
            assert set(re.findall(r"--[a-z-]+", rest)) <= options
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).exists(), link


def test_every_option_of_run_is_explained_to_those_who_run_it():
    page = (ROOT / "docs" / "ops.md").read_text(encoding="utf-8")
    options = {o for p in typer.main.get_command(app).commands["run"].params for o in p.opts}
    assert {o for o in options if f"`{o}" not in page} == set()


def test_the_readme_s_test_command_is_what_continuous_integration_runs():
    assert "```sh\nmake test\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("\nmake test")
