"""What a wheel holds: an installed kit runs without a clone."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree
from zipfile import ZipFile

from salesnb import cli

ROOT = Path(__file__).resolve().parents[2]


def test_a_wheel_carries_every_notebook_and_every_kind_of_file_beside_the_code(tmp_path):
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        (clone / name).write_bytes((ROOT / name).read_bytes())
    for name in ("salesnb", "notebooks"):
        copytree(ROOT / name, clone / name, ignore=lambda _, names: [n for n in names if n == "__pycache__"])
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--disable-pip-version-check",
         "--wheel-dir", str(tmp_path), "."], cwd=clone, check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    held = set(ZipFile(wheel).namelist())
    assert {f"salesnb/notebooks/{p.name}" for p in (ROOT / "notebooks").glob("*.ipynb")} <= held
    sources = [p for p in (ROOT / "salesnb").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert {p.relative_to(ROOT).as_posix() for p in sources} <= held


def test_notebooks_are_those_of_the_working_folder_then_of_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli._notebooks() == ROOT / "notebooks"
    (tmp_path / "notebooks").mkdir()  # somebody else's, without a notebook of ours
    assert cli._notebooks() == ROOT / "notebooks"
    (tmp_path / "notebooks" / "01_intake.ipynb").touch()
    assert cli._notebooks() == Path("notebooks")
    package = tmp_path / "site-packages" / "salesnb"
    (package / "notebooks").mkdir(parents=True)
    (package / "notebooks" / "01_intake.ipynb").touch()
    monkeypatch.setattr(cli, "__file__", str(package / "cli.py"))
    monkeypatch.chdir(package)
    assert cli._notebooks() == Path("notebooks")
    monkeypatch.chdir(tmp_path / "site-packages")
    assert cli._notebooks() == package / "notebooks"
