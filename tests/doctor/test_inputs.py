"""Settings, files and notebooks are read as a batch reads them; every problem is told with its text."""

import pytest

from salesnb.doctor import examine
from salesnb.doctor.inputs import look_at_data, look_at_notebooks
from tests.doctor.conftest import one, worded


def look(name, what, request):
    return [worded(c) for c in examine(request, [(name, what)])]


def test_accepted_rows_are_counted_per_table(request_for):
    settings, orders = look("data", look_at_data, request_for())
    assert (settings.name, settings.code) == ("settings", "defaults")
    assert (orders.state, orders.fields["table"], orders.fields["rows"]) == ("ok", "orders", "2")


def test_quarantined_rows_and_files_that_are_not_read_are_worth_a_warning(request_for, tmp_path):
    with (tmp_path / "data" / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("3,2025-09-05,ten,Cedar,South\n")
    (tmp_path / "data" / "shopping.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    _, orders, ignored = look("data", look_at_data, request_for())
    assert (orders.state, orders.fields["rows"], orders.fields["bad"]) == ("warn", "2", "1")
    assert ignored.state == "warn"
    assert "shopping.csv" in ignored.line()


def test_every_problem_of_the_settings_is_a_line(request_for, tmp_path):
    (tmp_path / "data" / "salesnb.toml").write_text('[compny]\nx = 1\n[sales]\nsmall_n = "x"\n', encoding="utf-8")
    found = look("data", look_at_data, request_for())
    assert {(c.name, c.state) for c in found} == {("settings", "fail")}
    assert len(found) == 2
    assert "compny" in found[0].line() + found[1].line()
    assert "small_n" in found[0].line() + found[1].line()


def test_data_that_are_not_there_fail(request_for):
    (found,) = look("data", look_at_data, request_for(data="nowhere"))
    assert (found.name, found.state) == ("data", "fail")
    assert "nowhere" in found.line("zh")


@pytest.mark.parametrize(("text", "state"), [("[sales]\nsmall_n = 5\n", "ok"), ("[sales]\nsmall = 5\n", "fail")])
def test_settings_alone_are_read_while_the_sample_stands_in_for_data(request_for, tmp_path, text, state):
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    first, *rest = look("data", look_at_data, request_for(data="", settings=str(file)))
    assert (first.name, first.state) == ("settings", state)
    assert [c.code for c in rest] == (["sample"] if state == "ok" else [])


def test_notebooks_are_found_or_missed(request_for, tmp_path):
    from tools.notebooks import FOLDER

    assert one(look("notebooks", look_at_notebooks, request_for(notebooks=FOLDER))).state == "ok"
    assert one(look("notebooks", look_at_notebooks, request_for(notebooks=tmp_path))).state == "fail"
