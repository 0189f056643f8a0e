"""Fonts, the terminal and the browser."""

import io
import sys

import pytest

from salesnb.doctor import Request
from salesnb.doctor.display import look_at_browser, look_at_font, look_at_terminal
from tests.doctor.conftest import one

PDF = Request(pdf=True)


@pytest.mark.parametrize(
    ("encoding", "state"), [("utf-8", "ok"), ("gbk", "ok"), ("ascii", "warn"), ("cp1252", "warn")]
)
def test_a_terminal_without_chinese_is_worth_a_warning(monkeypatch, encoding, state):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert one(look_at_terminal(Request())).state == state


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that makes a program of that name the only one on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)

    def make(name, script):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return make


def test_no_browser_is_looked_for_unless_pages_are_printed(program):
    assert list(look_at_browser(Request())) == []


def test_a_browser_has_to_say_its_version(program):
    assert one(look_at_browser(PDF)).code == "none"
    program("google-chrome", "echo broken >&2; exit 1")
    assert one(look_at_browser(PDF)).code == "silent"
    program("chromium", "echo Chromium 142.0.1")
    found = one(look_at_browser(PDF))
    assert found.state == "ok"
    assert "Chromium 142.0.1" in found.line()


def test_the_browser_named_in_the_environment_is_the_one(program, monkeypatch, tmp_path):
    program("chromium", "echo Chromium 142.0.1")
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    found = one(look_at_browser(PDF))
    assert (found.state, found.code) == ("fail", "named")


def test_a_machine_whose_fonts_know_no_chinese_is_worth_a_warning(monkeypatch):
    from matplotlib import font_manager

    latin = font_manager.findfont("DejaVu Sans")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [latin, __file__])
    found = one(look_at_font(Request()))
    assert (found.state, found.code) == ("warn", "none")
