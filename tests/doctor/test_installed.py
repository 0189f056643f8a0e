"""Python and packages against what the project states."""

from salesnb.doctor import Request
from salesnb.doctor.machine import look_at_packages, look_at_python
from tests.doctor.conftest import one


def project(tmp_path, monkeypatch, *lines):
    """Put another salesnb before the installed one, with these lines in its metadata."""
    folder = tmp_path / "salesnb-9.dist-info"
    folder.mkdir()
    text = "\n".join(("Metadata-Version: 2.4", "Name: salesnb", "Version: 9", *lines))
    (folder / "METADATA").write_text(text + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)


def test_this_environment_will_do():
    assert one(look_at_python(Request())).state == "ok"
    assert one(look_at_packages(Request())).state == "ok"


def test_a_python_that_is_too_old_fails(tmp_path, monkeypatch):
    project(tmp_path, monkeypatch, "Requires-Python: >=4.1")
    found = one(look_at_python(Request()))
    assert found.state == "fail"
    assert ">=4.1" in found.line()


def test_all_packages_that_lack_or_are_too_old_are_named_at_once(tmp_path, monkeypatch):
    needs = ("no-such-package-snb>=1", "numpy>=99", "pandas>=2", "other-one-snb; extra == 's3'")
    project(tmp_path, monkeypatch, *(f"Requires-Dist: {need}" for need in needs))
    found = one(look_at_packages(Request()))
    assert found.state == "fail"
    assert "no-such-package-snb>=1, numpy>=99 (" in found.line()
    assert "pandas" not in found.line()
    assert "other-one-snb" not in found.line()
    assert "other-one-snb" in one(look_at_packages(Request(out="s3://bucket/reports"))).line()
