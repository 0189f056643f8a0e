"""The command as a user meets it: exit codes, one line per problem, never a traceback."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from salesnb import cli, words

ORDERS = (
    "order_id,order_date,amount,customer,team\n1,2025-09-03,100,Alder,South\n"
    "2,2025-09-04,x,Birch,South\n1,2025-09-03,100,Alder,South\n"
)


@pytest.fixture
def call(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def invoke(*words):
        # Consoles are made at import; they must write to what the runner captures.
        monkeypatch.setattr(cli, "_out", cli.Console(soft_wrap=True, highlight=False))
        monkeypatch.setattr(cli, "_err", cli.Console(stderr=True, soft_wrap=True, highlight=False))
        return CliRunner().invoke(cli.app, [str(w) for w in words])

    return invoke


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    return folder


def told(result):
    assert "Traceback" not in result.output
    return [line for line in result.stderr.splitlines() if line.strip()]


def test_version(call):
    assert call("--version").stdout.strip() == "0.1.0"


def test_check_accounts_for_every_row_and_names_the_bad_ones(call, data, tmp_path):
    result = call("check", "--data", data)
    assert result.exit_code == 0
    assert "orders (orders.csv): 3 rows read = 2 accepted + 1 quarantined + 0 duplicates" in result.stdout
    assert "  1 in orders, amount: the amount cannot be read" in result.stdout
    assert "orders.csv row 3: “x”" in result.stdout
    listed = (tmp_path / "salesnb-quarantine.csv").read_text(encoding="utf-8-sig").splitlines()
    assert listed[1] == "orders,orders.csv,3,amount,x,amount_unreadable,the amount cannot be read"
    assert str(tmp_path / "salesnb-quarantine.csv") in result.stdout
    (data / "orders.csv").write_text(ORDERS.replace(",x,", ",5,"), encoding="utf-8")
    assert call("check", "--data", data).exit_code == 0
    assert not (tmp_path / "salesnb-quarantine.csv").exists()


def test_check_caps_the_list_and_gives_the_count(call, data):
    rows = "".join(f"{n},2025-09-03,{'x' if n % 3 == 0 else 1},Alder,South\n" for n in range(99))
    (data / "orders.csv").write_text("order_id,order_date,amount,customer,team\n" + rows, encoding="utf-8")
    shown = call("check", "--data", data).stdout
    assert shown.count(": “x”") == 3
    assert "and 30 more" in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--data", "nowhere"], "nowhere"), (["--data", "data", "--settings", "none.toml"], "none.toml does not exist")],
)
def test_bad_input_is_one_line_and_exit_code_2(call, data, options, said):
    result = call("check", *options)
    assert result.exit_code == 2
    assert len(told(result)) == 1
    assert said in told(result)[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--period", "soon"], "Period 'soon' is not known"),
        (["--period", "2025-09", "--team", "Sooth"], "Nearest: South"),
        (["--period", "2025-09", "--audience", "pubic"], "Nearest: public"),
        (["--period", "2025-09", "--stage", "diagnose"], "Nearest: diagnosis"),
        (["--period", "2025-09", "--lang", "fr"], "fr"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(call, data, options, said):
    result = call("run", "--data", data, *options)
    assert result.exit_code == 2
    lines = told(result)
    assert said in lines[-1]


def test_problems_are_told_in_the_language_of_option_or_settings(call, data):
    assert "期间" in told(call("run", "--data", data, "--period", "soon", "--lang", "zh"))[-1]
    (data / "salesnb.toml").write_text('[company]\nlanguage = "zh"\n', encoding="utf-8")
    assert "期间" in told(call("run", "--data", data, "--period", "soon"))[-1]
    (data / "salesnb.toml").write_text('[company]\nlanguage = "zh"\nname = 3\n', encoding="utf-8")
    assert "要求" in told(call("check", "--data", data))[-1]


def test_unknown_settings_are_named_with_the_nearest_known(call, data):
    (data / "salesnb.toml").write_text('[compny]\nname = "A"\n', encoding="utf-8")
    result = call("check", "--data", data)
    assert result.exit_code == 2
    assert "Nearest known key: company" in told(result)[0]


def test_sample_writes_into_a_new_folder_only(call, data, written):
    refused = call("sample", data)
    assert refused.exit_code == 2
    assert "is not empty" in told(refused)[0]
    assert (written("en") / "orders.csv").is_file()


def test_sample_is_written_in_either_language_and_no_other(call, written):
    assert "一家虚构的" in (written("zh") / "README.md").read_text(encoding="utf-8")
    for refused in (call("sample", "french", "--lang", "fr"), call("check", "--data", written("zh"), "--lang", "fr")):
        assert refused.exit_code == 2
        assert "'fr'" in told(refused)[-1]


def test_markup_in_names_is_printed_as_it_is(call, data):
    assert "[red]x" in told(call("run", "--data", data, "--period", "[red]x"))[-1]


def test_an_interrupt_while_everything_is_imported_leaves_no_traceback():
    interrupted = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'salesnb.cli':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "from salesnb.entry import main\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "sys.argv = ['salesnb', '--version']\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", interrupted], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_every_option_has_its_help():
    assert set(words.catalogue("cli")["help"]) >= {"run", "check", "sample", "period", "team"}
