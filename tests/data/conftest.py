from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Keep every test's stores apart, and away from the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class Folder:
    """A data folder under construction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        file = self.path / name
        file.write_bytes(text.encode(encoding))
        return file

    def settings(self, text: str) -> None:
        self.write("salesnb.toml", text)

    def __str__(self) -> str:
        return str(self.path)


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "given")
