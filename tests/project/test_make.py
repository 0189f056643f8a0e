"""``make test`` as it is written down."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MODULE = """\
import pathlib, time
import pytest

@pytest.fixture(scope="module")
def dear():
    with pathlib.Path("made").open("a") as file:
        file.write("{name}\\n")

@pytest.mark.parametrize("i", range(4))
def test_a_part(dear, i):
    time.sleep(0.1)
"""


def test_what_a_module_makes_once_is_made_once_though_two_processes_test(tmp_path):
    """Not so, the dearest fixtures are made twice, and nothing but the time tells."""
    (options,) = re.findall(r"-m pytest (.*-n 2.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[:1]
    for name in "abc":
        (tmp_path / f"test_{name}.py").write_text(MODULE.format(name=name), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", ".", *options.split()]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert sorted((tmp_path / "made").read_text().split()) == ["a", "b", "c"]
