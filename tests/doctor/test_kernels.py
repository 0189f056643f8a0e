"""Kernels are really started: own ones answer, foreign ones are named and left alone, broken ones are told."""

import json
import sys

import pytest

from salesnb import warm
from salesnb.doctor import Request
from salesnb.doctor.kernels import look_at_stock_kernel, look_at_warm_kernel
from tests.doctor.conftest import one

ONLY_WARM = pytest.mark.skipif(not warm.supported(), reason="no warm kernels on this platform")


def kernelspec(folder, argv):
    """Write a kernel of the same name as ours."""
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True)
    spec = {"argv": argv, "display_name": "x", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec))
    return place


def test_the_kernel_of_this_python_answers_whatever_lies_in_the_home(tmp_path, monkeypatch):
    kernelspec(tmp_path / ".local" / "share" / "jupyter", ["/bin/false", "{connection_file}"])
    monkeypatch.setenv("HOME", str(tmp_path))
    found = one(look_at_stock_kernel(Request()))
    assert found.state == "ok"
    assert found.fields["folder"].startswith(sys.prefix)


@pytest.mark.parametrize("command", [["/bin/sh", "-c"], [sys.executable, "-c"]])
def test_a_foreign_kernel_that_is_found_first_fails_and_is_not_started(tmp_path, monkeypatch, command):
    started = tmp_path / "started"
    code = f"touch {started}" if command[0] == "/bin/sh" else f"open({str(started)!r}, 'w')"
    place = kernelspec(tmp_path, [*command, code])
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    found = one(look_at_stock_kernel(Request()))
    assert (found.state, found.code) == ("fail", "foreign")
    assert str(place) in found.line()
    assert not started.exists()


def test_a_kernel_that_cannot_start_fails_with_its_own_words(tmp_path, monkeypatch):
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit('no kernel today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = one(look_at_stock_kernel(Request()))
    assert (found.state, found.code) == ("fail", "silent")
    assert "no kernel today" in found.line() or "died" in found.line()


def test_a_kernel_that_never_answers_is_not_waited_for_without_end(tmp_path, monkeypatch):
    (tmp_path / "ipykernel_launcher.py").write_text("import time; time.sleep(60)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("salesnb.doctor.kernels._LIMIT", 6)
    found = one(look_at_stock_kernel(Request()))
    assert (found.state, found.code) == ("fail", "late")


@ONLY_WARM
def test_a_warm_kernel_is_forked_and_answers():
    found = one(look_at_warm_kernel(Request()))
    assert (found.state, found.code) == ("ok", "answers")


@ONLY_WARM
def test_a_server_that_cannot_fork_is_worth_a_warning(tmp_path, monkeypatch):
    """A thread in the server, as any site of an organisation might start one."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, threading, time\n"
        "if 'salesnb.warm.server' in sys.orig_argv:\n"
        "    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = one(look_at_warm_kernel(Request()))
    assert (found.state, found.code) == ("warn", "stock")


def test_a_platform_without_warm_kernels_is_worth_a_warning(monkeypatch):
    monkeypatch.setattr(warm, "supported", lambda: False)
    found = one(look_at_warm_kernel(Request()))
    assert (found.state, found.code) == ("warn", "unsupported")
