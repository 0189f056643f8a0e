"""Fonts, the terminal and the browser."""

import io
import sys

import pytest

from salesnb.doctor import Request, display
from salesnb.doctor.display import look_at_browser, look_at_font, look_at_terminal
from tests import chromium
from tests.doctor.conftest import one

PDF = Request(pdf=True)


@pytest.mark.parametrize(("encoding", "state"), [("utf-8", "ok"), ("gbk", "ok"), ("ascii", "warn"), ("cp1252", "warn")])
def test_a_terminal_without_chinese_is_worth_a_warning(monkeypatch, encoding, state):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert one(look_at_terminal(Request())).state == state


def test_no_browser_is_looked_for_unless_pages_are_printed():
    assert list(look_at_browser(Request())) == []


def test_a_machine_without_a_browser_is_told_to_install_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    found = one(look_at_browser(PDF))
    assert found.state == "fail"
    assert "apt-get install chromium" in found.line()


def test_the_browser_named_in_the_environment_is_the_one(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    found = one(look_at_browser(PDF))
    assert found.state == "fail"
    assert str(tmp_path / "none") in found.line()


def test_a_browser_has_to_print_not_only_to_be_there(monkeypatch, tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho broken >&2; exit 7\n")
    program.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(program))
    found = one(look_at_browser(PDF))
    assert found.state == "fail"
    assert "7 broken" in found.line()


@pytest.mark.skipif(not chromium.CHROMIUM, reason="no Chromium found")
def test_a_browser_that_prints_is_named_with_its_version():
    found = one(look_at_browser(PDF))
    assert (found.state, found.code) == ("ok", "prints")
    assert "Chrom" in found.line()


@pytest.fixture
def latin_only(monkeypatch):
    """A machine whose fonts know no Chinese."""
    from matplotlib import font_manager

    latin = font_manager.findfont("DejaVu Sans")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [latin, __file__])


def test_a_machine_whose_fonts_know_no_chinese_is_worth_a_warning(latin_only):
    found = one(look_at_font(Request()))
    assert (found.state, found.code) == ("warn", "none")


def test_pages_can_be_printed_with_the_font_of_the_package(latin_only, monkeypatch):
    found = one(look_at_font(PDF))
    assert (found.state, found.code) == ("ok", "packaged")
    monkeypatch.setattr(display, "packaged_font", lambda: None)
    found = one(look_at_font(PDF))
    assert (found.state, found.code) == ("fail", "boxes")
