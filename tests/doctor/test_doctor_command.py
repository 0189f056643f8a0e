"""The command as a user meets it: a line per check, no traceback, an exit code to build on."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from salesnb import cli
from salesnb.doctor import LOOKS, Request, examine, summary
from salesnb.doctor.check import ok
from salesnb.errors import InputError, problem
from tests.doctor.conftest import worded

SALESNB = [sys.executable, "-m", "salesnb.cli"]


def doctor(folder, *options, **environment):
    given = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONIOENCODING": "utf-8", **environment}
    ran = subprocess.run([*SALESNB, "doctor", *map(str, options)], cwd=folder, env=given, capture_output=True)
    assert b"Traceback" not in ran.stdout + ran.stderr
    return ran.returncode, ran.stdout.decode("utf-8").splitlines(), ran.stderr.decode("utf-8").splitlines()


def test_a_machine_that_is_ready(tmp_path):
    code, told, complaints = doctor(tmp_path, "--workers", 1)
    assert (code, complaints) == (0, [])
    assert {line.split()[0] for line in told[:-1]} <= {"ok", "warn"}
    assert len(told) > 14
    assert told[-1].startswith("Ready for a batch")
    assert [p.name for p in tmp_path.iterdir()] == ["cache"] or list(tmp_path.iterdir()) == []


def test_a_machine_that_is_not_in_chinese(tmp_path):
    (tmp_path / "file").write_text("")
    options = ("--out", "file/reports", "--data", "nowhere", "--workers", 10_000, "--pdf", "--lang", "zh")
    code, told, _ = doctor(tmp_path, *options, CHROMIUM="no-such-program")
    failed = [line for line in told if line.startswith("失败")]
    assert code == 1
    assert [line.split("：")[0].split()[1] for line in failed] == ["数据", "写入", "内存", "打开文件数", "浏览器"]
    assert told[-1].startswith("尚不能运行批次：5 项失败")


def test_what_a_terminal_cannot_print_is_said_in_english(monkeypatch):
    check = ok("terminal", "prints", encoding="?")
    for encoding, lang in (("utf-8", "zh"), ("gbk", "zh"), ("ascii", "en")):
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
        assert cli._printable(check.line, "zh") == check.line(lang)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert cli._printable(lambda _: "“South” 华东", "zh") == "?South? ??"


@pytest.mark.parametrize("options", [("--lang", "fr"), ("--workers", "-1"), ("--nonsense",)])
def test_unusable_options_are_neither(tmp_path, options):
    code, told, complaints = doctor(tmp_path, *options)
    assert (code, told) == (2, [])
    assert complaints


def test_a_check_that_breaks_down_fails_and_stops_no_other():
    def broken(_):
        yield ok("place", "works", place="a")
        raise ValueError("no\nsuch thing")

    def refused(_):
        raise InputError(problem("folder_missing", folder="a"), problem("folder_missing", folder="b"))

    looks = [("disk", broken), ("data", refused), ("python", dict(LOOKS)["python"])]
    found = [worded(c) for c in examine(Request(), looks)]
    assert [(c.name, c.state) for c in found] == [
        ("place", "ok"), ("disk", "fail"), ("data", "fail"), ("data", "fail"), ("python", "ok")
    ]  # fmt: skip
    assert "ValueError: no such thing" in found[1].line()


def test_every_check_breaks_down_in_words():
    def broken(_):
        raise RuntimeError

    found = [worded(c) for c in examine(Request(), [(name, broken) for name, _ in LOOKS])]
    assert {c.state for c in found} == {"fail"}
    assert len(found) == len(LOOKS)


def test_the_summary_counts():
    assert summary({"ok": 2, "warn": 1}, "en") == "Ready for a batch (2 ok, 1 to note)."
    assert "1 项失败" in summary({"fail": 1}, "zh")


def test_operations_explain_it():
    page = (Path(__file__).resolve().parents[2] / "docs" / "ops.md").read_text(encoding="utf-8")
    assert "## salesnb doctor" in page
