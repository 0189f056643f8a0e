"""Folder names: safe, unique, stable, and plain names untouched."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb.folders import folder_names


@pytest.mark.parametrize("name", ["South", "East China", "华东 一部", "R-D_2.0", "Süd"])
def test_a_plain_name_stays(name):
    assert folder_names([name]) == {name: name}


DANGEROUS = ["A/B", "../../x", "..", ".", "", " ", "CON", "con.txt", "a\\b", "x:y", "a\nb", "%2e", "南" * 99]


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_dangerous_name_gets_a_safe_folder(name, tmp_path):
    folder = folder_names([name])[name]
    made = tmp_path / folder
    made.mkdir()
    assert made.resolve().parent == tmp_path.resolve()
    assert folder != name
    assert len(folder.encode()) <= 110


def test_names_that_differ_in_case_only_get_folders_that_differ_in_more():
    folders = folder_names(["East", "EAST", "West"])
    assert len({f.casefold() for f in folders.values()}) == 3
    assert folders["West"] == "West"


def test_a_reserved_name_is_left_to_its_owner():
    folders = folder_names(["All", "index.html"], reserved=["all", "index.html"])
    assert folders["All"].casefold() != "all"
    assert folders["index.html"] != "index.html"


@given(st.lists(st.text(max_size=30), max_size=12))
def test_any_names_get_unique_folders_of_one_step(names):
    folders = folder_names(names, reserved=["all"])
    assert set(folders) == set(names)
    kept = [f.casefold() for f in folders.values()]
    assert len(set(kept)) == len(kept)
    assert "all" not in kept
    for folder in folders.values():
        assert os.sep not in folder
        assert folder not in {"", ".", ".."}
        assert not folder.startswith(" ")
