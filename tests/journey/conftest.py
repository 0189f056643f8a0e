"""Whole runs through the command, as ops start them; each is made once and looked at by many tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from salesnb.report.facts import read_facts

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("SALESNB_REALDATA") or ROOT.parent / "shared" / "realdata")


def salesnb(*words):
    """Run the command; return its exit code, after showing what it said where that is not 0."""
    command = [sys.executable, "-m", "salesnb.cli", *map(str, words)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if ran.returncode:
        print(ran.stdout[-3000:], ran.stderr[-3000:])
    return ran.returncode


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
