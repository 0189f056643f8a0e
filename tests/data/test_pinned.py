"""A pinned process reads one state of the data, fast, and never a mixture."""

import contextlib
import dataclasses
import json
import os
import pickle
import subprocess
import sys

import pytest

from salesnb import data
from salesnb.data import load, open_store
from salesnb.data.store import folder as folders
from salesnb.data.store import opened, slicing, upkeep
from salesnb.data.taking import intake
from salesnb.errors import InputError, ScopeError

GOOD = "Order ID,Date,Amount,Team,Customer\n1,2025-08-29,10,South,Ada\n2,2025-09-30,20,North,Bo\n3,2025-09-30,5,,Bo\n"
PLAY = """[[play]]
id = "call"
problem = "fewer_orders"
action = { en = "Call them", zh = "打电话" }
resources = "none"
owner = "rep"
effort = "low"
recovers = [0.1, 0.3]
"""


@pytest.fixture
def given(folder):
    folder.write("orders.csv", GOOD)
    folder.write("targets.csv", "Period,Target,Team\n2025-09,1,South\n")
    return folder


@pytest.fixture
def pinned(given, monkeypatch):
    found = open_store(str(given))
    for name, value in found.pin().items():
        monkeypatch.setenv(name, value)
    return found


def frames(case):
    return {name: getattr(case, name) for name in ("orders", "targets", "playbook", "customers")}


def told(scope):
    return dataclasses.replace(scope, calendar=None), scope.previous, scope.last_year, scope.complete


def test_a_pinned_load_gives_what_an_unpinned_one_gives(given, monkeypatch):
    given.settings('[company]\nname = "K"\nlanguage = "zh"\n[sales]\nbasis = "signed"\nsmall_n = 3\n')
    given.write("playbook.toml", PLAY)
    plain = load(str(given), team="South", period="2025-09")
    for name, value in open_store(str(given)).pin().items():
        monkeypatch.setenv(name, value)
    case = load(str(given), team="South", period="2025-09")
    assert told(case.scope) == told(plain.scope)
    assert case.teams == plain.teams
    assert case.playbook.action.tolist() == plain.playbook.action.tolist()
    for name, frame in frames(plain).items():
        assert frame.equals(frames(case)[name]), name
        assert list(frame.dtypes) == list(frames(case)[name].dtypes), name


def test_a_pinned_load_does_not_look_at_the_files(given, pinned, monkeypatch):
    for module, name in ((upkeep, "bring_up_to_date"), (intake, "take"), (data.case, "source")):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("looked at the files"))
    for file in given.path.iterdir():
        file.unlink()
    assert load(str(given), team="South").orders.order_id.tolist() == ["1"]


def test_a_batch_sees_one_state_although_the_files_change(given, pinned):
    given.write("orders.csv", GOOD.replace(",10,", ",99,"))
    assert load(str(given), team="South").orders.amount.tolist() == [10]


def test_a_store_built_anew_refuses_the_pinned_ones_and_mixes_nothing(given, pinned, monkeypatch):
    case = load(str(given), team="South")
    given.write("orders.csv", GOOD.replace(",10,", ",99,"))
    pin = os.environ[opened.PINNED]
    monkeypatch.delenv(opened.PINNED)
    open_store(str(given))
    monkeypatch.setenv(opened.PINNED, pin)
    with pytest.raises(InputError, match="changed since") as error:
        load(str(given), team="South")
    assert "重新运行" in error.value.text("zh")
    with pytest.raises(InputError, match="changed since"):
        _ = case.intake


def test_a_changed_playbook_is_another_state(given, pinned, monkeypatch):
    given.write("playbook.toml", PLAY)
    pin = os.environ.pop(opened.PINNED)
    monkeypatch.setattr(upkeep, "_rebuild", lambda *_: pytest.fail("tables built again for a playbook"))
    assert open_store(str(given)).fingerprint == pinned.fingerprint
    monkeypatch.setenv(opened.PINNED, pin)
    with pytest.raises(InputError):
        load(str(given))


def test_a_pin_is_for_its_own_data_and_settings_only(given, pinned, tmp_path):
    assert load("sample", period="2025-09").scope.team == "all"
    (tmp_path / "rules.toml").write_text('[company]\ncurrency = "EUR"\n')
    assert load(str(given), settings=str(tmp_path / "rules.toml")).scope.settings.company.currency == "EUR"


def test_data_named_from_another_folder_are_the_same_data(given, pinned, monkeypatch):
    pin = json.loads(os.environ[opened.PINNED])
    monkeypatch.chdir(given.path.parent)
    for name in (given.path.name, f"./{given.path.name}/", str(given)):
        assert opened.current_pin(name, "").state == pin["state"]
    assert opened.current_pin("sample", "") is None


def test_reads_is_what_a_load_reads(given, monkeypatch):
    found, opened = open_store(str(given)), []
    real = slicing._open
    monkeypatch.setattr(slicing, "_open", lambda path: opened.append(path) or real(path))
    for team in ("South", "North", "all"):
        opened.clear()
        case = load(str(given), team=team)
        read = {p.relative_to(found.folder).as_posix() for p in opened}
        assert read == set(found.reads(team, accounting=False)) == set(case.partitions_read)
        assert set(found.reads(team, accounting=False)) < set(found.partitions)
    _ = case.intake.files
    assert set(case.partitions_read) == set(found.reads("all", accounting=True))
    assert found.reads("all", accounting=True, names=True, uncounted=True) == found.partitions
    opened.clear()
    case = load(str(given), audience="public")
    assert {p.relative_to(found.folder).as_posix() for p in opened} == set(case.partitions_read)
    assert set(case.partitions_read) == set(found.reads("all", names=True))


def test_a_team_s_reads_change_with_its_orders_only(given):
    before = open_store(str(given))
    given.write("orders.csv", GOOD.replace(",10,", ",99,"))
    after = open_store(str(given))
    assert after.reads("South") != before.reads("South")
    assert after.reads("North") == before.reads("North")
    assert after.digest() == before.digest()


def test_files_keep_their_names_when_a_team_comes_before_them(given):
    before = open_store(str(given)).reads("North")
    given.write("orders.csv", GOOD.replace("\n1,", "\n0,2025-08-29,1,First,Cy\n1,"))
    assert open_store(str(given)).reads("North") == before


@pytest.mark.parametrize("change", ["team", "day", "settings", "playbook", "table"])
def test_the_digest_changes_with_all_else_that_a_notebook_gets(given, change):
    before = open_store(str(given)).digest()
    if change == "team":
        given.write("orders.csv", GOOD + "4,2025-09-30,1,East,Bo\n")
    elif change == "day":
        given.write("orders.csv", GOOD + "4,2025-10-02,1,North,Bo\n")
    elif change == "settings":
        given.settings("[sales]\nsmall_n = 3\n")
    elif change == "playbook":
        given.write("playbook.toml", PLAY)
    else:
        given.write("products.csv", "Product,Product line\nP,Q\n")
    assert open_store(str(given)).digest() != before


def test_a_file_of_no_table_concerns_the_accounting_only(given):
    before = open_store(str(given))
    given.write("strange.csv", "a\n1\n")
    after = open_store(str(given))
    assert after.digest() == before.digest()
    assert after.reads("South") == before.reads("South")
    assert after.reads("all", accounting=True) != before.reads("all", accounting=True)
    assert after.intake.ignored == ("strange.csv",)


def test_the_scope_is_had_without_the_tables(given, monkeypatch):
    found = open_store(str(given))
    wanted = load(str(given), team="South", period="2025-09", lang="both").scope
    monkeypatch.setattr(slicing, "cut", lambda *_: pytest.fail("read the tables"))
    assert told(data.scope(found, "South", "2025-09", lang="both")) == told(wanted)
    with pytest.raises(ScopeError):
        data.scope(found, "Nowhere")


def test_a_case_can_be_pickled(given):
    case = pickle.loads(pickle.dumps(load(str(given), team="South")))
    assert case.intake.files.rows_read.tolist() == [3, 1]


def test_a_reader_waits_a_moment_before_it_says_so(tmp_path, capsys, monkeypatch):
    import threading

    held, waiting, folder = threading.Event(), threading.Event(), tmp_path / "kept"
    say = folders.say_waiting
    monkeypatch.setattr(folders, "say_waiting", lambda *told: (say(*told), waiting.set()))

    def hold(until_told):
        with folders.lock(folder, "en"):
            held.set()
            waiting.wait(60 if until_told else 0.2)

    for patience, said in ((30, False), (0.1, True)):
        monkeypatch.setattr(folders, "_PATIENCE", patience)
        held.clear()
        thread = threading.Thread(target=hold, args=(said,))
        thread.start()
        held.wait()
        with folders.lock(folder, "en", shared=True):
            pass
        thread.join()
        assert ("waiting" in capsys.readouterr().err) == said


def test_a_pinned_load_starts_no_threads(pinned, given):
    code = (
        "import os, sys; import pyarrow.parquet, pyarrow.compute; from salesnb.data import load\n"
        "count = lambda: len(os.listdir('/proc/self/task'))\n"
        "before = count(); load(sys.argv[1], team='South'); assert count() == before, (before, count())"
    )
    quiet = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    subprocess.run([sys.executable, "-c", code, str(given)], check=True, env={**os.environ, **quiet})


def test_a_store_without_a_manifest_is_said_plainly(tmp_path):
    with pytest.raises(InputError, match="changed since"):
        opened.opened(tmp_path)


@pytest.mark.parametrize("change", ["orders", "playbook"])
def test_a_state_in_use_stays_readable_when_the_files_change(given, monkeypatch, change):
    with contextlib.ExitStack() as keep:
        found = open_store(str(given), "", keep)
        intake_before = found.intake.files.copy()
        if change == "orders":
            given.write("orders.csv", GOOD.replace(",10,", ",99,"))
        else:
            given.write("playbook.toml", PLAY)
        newer = open_store(str(given))
        assert newer.state != found.state
        for name, value in found.pin().items():
            monkeypatch.setenv(name, value)
        case = load(str(given), team="South")
        assert case.orders.amount.tolist() == [10]
        assert ("call" in case.playbook["play"].tolist()) is False
        assert case.intake.files.equals(intake_before)
        assert data.scope(found, period="2025-09").period.name == "2025-09"
        monkeypatch.delenv(opened.PINNED)
        assert load(str(given), team="South").orders.amount.tolist() == [99 if change == "orders" else 10]
    given.write("orders.csv", GOOD.replace(",10,", ",11,"))
    open_store(str(given))  # what nobody uses any more goes with the next change
    left = [p.name for p in found.folder.parent.iterdir() if p.is_dir() or p.suffix == ".pin"]
    assert left == [found.folder.name]
