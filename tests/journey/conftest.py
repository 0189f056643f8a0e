"""Whole runs of what ops type; each is made once and looked at by many tests."""

import os
from contextlib import chdir
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salesnb import cli
from salesnb.report.facts import read_facts

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("SALESNB_REALDATA") or ROOT.parent / "shared" / "realdata")


@pytest.fixture(scope="session")
def salesnb(quick_batches):
    """Return a function that runs the command in this process and returns its exit code.

    It shows what was said where that is not 0. The run of the sample is made by a process of its own, as are many of
    `tests.batch`.
    """

    def run(*words):
        with quick_batches(), chdir(ROOT):
            result = CliRunner().invoke(cli.app, [str(word) for word in words])
        if result.exit_code:
            print(result.output[-3000:], result.exception)
        return result.exit_code

    return run


def facts(folder, team="all"):
    """Return {(metric, dims): fact} of one finding's facts.parquet, by finding."""
    found = {}
    for fact in read_facts(folder / team / "facts.parquet"):
        found.setdefault((fact["stage"], fact["finding"]), {})[fact["metric"], fact["dims"]] = fact
    return found


@pytest.fixture(scope="session")
def real():
    """Return the folder of the real data sets."""
    if not REAL.is_dir():
        pytest.skip(f"no real data at {REAL}; SALESNB_REALDATA names another folder")
    return REAL


@pytest.fixture(scope="session")
def sample(sample_reports):
    """Return the period's folder of the run of the sample: two teams and the company, both languages."""
    return sample_reports / "2025-09"
