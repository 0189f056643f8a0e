"""The browser that prints: found, started, ended, and gone whatever happens."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from salesnb import words
from salesnb.formats import browser as module
from salesnb.formats.browser import BrowserError, browsing, find_browser
from tests import chromium

REAL = pytest.mark.skipif(not chromium.CHROMIUM, reason="no Chromium found")
HANGS = "<script>while (true) {}</script><style>@page { size: A4 }</style><p>x</p>"


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that makes a program; nothing else is on the path, and no other browser is to be found."""
    monkeypatch.setenv("PATH", f"{tmp_path}/path")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.delenv("CHROMIUM", raising=False)

    def make(path, script="exit 0"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    return make


def code(error):
    """Return which problem was raised, having worded it in both languages."""
    (found,) = error.value.problems
    assert all(found.text(lang) for lang in words.LANGUAGES)
    return found.code


def test_the_browser_is_that_of_the_variable_then_of_the_path_then_playwright_s(program, monkeypatch):
    with pytest.raises(BrowserError) as none:
        find_browser()
    assert code(none) == "browser_none"
    program("playwright/chromium-1100/chrome-linux/readme", "")
    old = program("playwright/chromium-1100/chrome-linux/chrome")
    assert find_browser() == old
    new = program("playwright/chromium-1200/chrome-linux64/chrome")
    assert find_browser() == new
    on_path = program("path/google-chrome")
    assert find_browser() == on_path
    named = program("elsewhere/mine")
    monkeypatch.setenv("CHROMIUM", str(named))
    assert find_browser() == named
    monkeypatch.setenv("CHROMIUM", "no-such-program")
    with pytest.raises(BrowserError) as wrong:
        find_browser()
    assert code(wrong) == "browser_named"


def test_a_browser_that_does_not_start_is_told_with_its_last_words(program, tmp_path, monkeypatch):
    monkeypatch.setenv(
        "CHROMIUM", str(program("path/chromium", "echo first >&2; echo cannot open display >&2; exit 7"))
    )
    with pytest.raises(BrowserError, match="7 cannot open display"), browsing():
        pass


def test_one_that_does_not_answer_is_ended_in_time_with_all_it_has_started(program, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}/path:/bin:/usr/bin")
    pids = tmp_path / "pids"
    monkeypatch.setenv("CHROMIUM", str(program("path/chromium", f"sleep 600 & echo $$ $! >> {pids}; wait")))
    monkeypatch.setattr(module, "SECONDS", 1.0)
    with pytest.raises(BrowserError) as late, browsing():
        pass
    assert code(late) == "browser_late"
    assert ends(lambda: not [pid for pid in pids.read_text().split() if alive(int(pid))])


def test_where_the_system_gives_no_sandbox_it_is_started_without(program, tmp_path, monkeypatch):
    """As on many machines for users other than root: the first start fails."""
    seen = tmp_path / "seen"
    monkeypatch.setenv("CHROMIUM", str(program("path/chromium", f'echo "$@" >> {seen}; exit 1')))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BrowserError), browsing():
        pass
    first, second = seen.read_text().splitlines()
    assert "--no-sandbox" not in first
    assert "--no-sandbox" in second


def ends(done):
    """Tell whether something comes about within a while."""
    until = time.monotonic() + 20
    while not done() and time.monotonic() < until:
        time.sleep(0.05)
    return done()


def alive(pid):
    """Tell whether a process is there and not a dead one that nobody has asked for."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def of_profile(folder):
    """Return the processes that work on profiles in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if str(folder) in (entry / "cmdline").read_bytes().decode(errors="replace"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.fixture
def place(monkeypatch):
    """Return a temporary folder of the test's own, which has a short path as they have."""
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(folder)


@REAL
def test_a_page_is_printed_without_script_or_network_and_nothing_is_left(place):
    with browsing() as running:
        content = running.pdf(HANGS, 60)
        assert of_profile(place)
    assert content.startswith(b"%PDF")
    assert of_profile(place) == []
    assert list(place.iterdir()) == []


@REAL
def test_a_temporary_folder_with_a_long_path_does_as_well(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with browsing() as running:
        assert running.pdf("<p>x</p>", 60).startswith(b"%PDF")


@REAL
def test_a_browser_outlives_nobody(place):
    """Whoever drives it may be killed at once; it sees its pipe end."""
    program = (
        "import sys, time\nfrom salesnb.formats.browser import browsing\n"
        "with browsing() as b:\n    print('up', flush=True)\n    time.sleep(600)\n"
    )
    environment = {**os.environ, "TMPDIR": str(place)}
    driver = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    assert driver.stdout.readline() == "up\n"
    assert of_profile(place)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert ends(lambda: of_profile(place) == [])


@REAL
def test_a_page_that_takes_too_long_is_told_and_the_next_is_printed(monkeypatch):
    from salesnb.formats import pdf

    with pdf.printing() as press:
        monkeypatch.setattr(pdf, "SECONDS", 0.0)
        with pytest.raises(BrowserError) as late:
            press.pdf("<p>x</p>")
        assert code(late) == "browser_late"
        monkeypatch.setattr(pdf, "SECONDS", 60.0)
        assert press.pdf("<p>x</p>").startswith(b"%PDF")
