"""A real JupyterLab, and an analyst who works in it by menus, mouse and keyboard alone."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import nbformat

PATIENCE = 180
"""Seconds after which a slow machine is a broken one."""

_TOKEN = "half-hour"
_QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
_RAN = re.compile(r"\[\d+\]:")
_SETTLED = """before => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)
    const state = document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status
    return state === 'idle' && !prompts.includes('[*]:') && prompts.join() !== before
}"""
_PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent).join()"


@contextmanager
def serving(home: Path, notebooks: Path) -> Iterator[str]:
    """Serve notebooks on this machine alone, with nothing of the user's read or written; give the address."""
    runtime = home / "runtime"
    quiet = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text(json.dumps(_QUIET), encoding="utf-8")
    places = {
        "HOME": home, "IPYTHONDIR": home / "ipython", "XDG_CONFIG_HOME": home / "xdg", "XDG_DATA_HOME": home / "share",
        "JUPYTER_CONFIG_DIR": home / "config", "JUPYTER_DATA_DIR": home / "data", "JUPYTER_RUNTIME_DIR": runtime,
        "JUPYTERLAB_SETTINGS_DIR": home / "settings", "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }  # fmt: skip
    options = {
        "ServerApp.ip": "127.0.0.1", "ServerApp.port": "0", "ServerApp.allow_root": "True",
        "ServerApp.root_dir": notebooks, "IdentityProvider.token": _TOKEN, "LabApp.extension_manager": "readonly",
    }  # fmt: skip
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", *(f"--{k}={v}" for k, v in options.items())],
            env=os.environ | {k: str(v) for k, v in places.items()}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield _address(server, runtime / f"jpserver-{server.pid}.json", home / "log")
        finally:
            server.terminate()  # it ends its kernels
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


def _address(server: subprocess.Popen[bytes], told: Path, log: Path) -> str:
    until = monotonic() + PATIENCE
    while monotonic() < until and server.poll() is None:
        if told.is_file() and (text := told.read_text(encoding="utf-8")).endswith("}"):
            return str(json.loads(text)["url"])
        sleep(0.05)
    raise AssertionError(f"no JupyterLab:\n{log.read_text(encoding='utf-8')[-3000:]}")


def shortened(notebook: Path, sections: set[str], at: Path) -> None:
    """Write a notebook with its head and some of its sections, as words call them."""
    made = nbformat.read(notebook, 4)
    kept, cells = True, []
    for cell in made.cells:
        if cell.cell_type == "markdown":
            kept = cell.metadata["salesnb"]["words"] in sections
        if kept:
            cells.append(cell)
    made.cells = cells
    nbformat.write(made, at)


@dataclass
class Analyst:
    """Who sits before a JupyterLab page and sees what is on it."""

    page: Any

    def open(self, address: str) -> None:
        """Open the lab."""
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.goto(f"{address}lab?token={_TOKEN}")

    def duplicate(self, name: str) -> None:
        """Duplicate a notebook in the file browser and open the copy."""
        self._file(name).click(button="right")
        self._choose("Duplicate")
        self._file(name.replace(".", "-Copy1.")).dblclick()
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()

    def menu(self, name: str, entry: str) -> None:
        """Choose an entry of the menu bar."""
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self._choose(entry)

    def run_all(self) -> None:
        """Run all cells and wait for the last."""
        before = self.page.evaluate(_PROMPTS)
        self.menu("Run", "Run All Cells")
        self._settled(before)

    def run(self, cell: Any) -> None:
        """Run a cell, whose editor is left, and wait for it."""
        before = self.page.evaluate(_PROMPTS)
        self.select(cell)
        self.page.keyboard.press("Control+Enter")
        self._settled(before)

    def code(self, text: str) -> Any:
        """Return the code cell that has a text."""
        return self.page.locator(".jp-CodeCell").filter(has=self.page.locator(".jp-InputArea", has_text=text))

    def heading(self, text: str) -> Any:
        """Return the cell of a heading."""
        return self.page.locator(".jp-MarkdownCell").filter(has=self.page.get_by_role("heading", name=text))

    def select(self, cell: Any) -> None:
        """Select a cell, in command mode; a lab that still lays its cells out takes a click for another's."""
        until = monotonic() + PATIENCE
        while monotonic() < until:
            cell.locator(".jp-InputPrompt").first.click()
            if "jp-mod-active" in cell.get_attribute("class"):
                return
        raise AssertionError("a cell cannot be selected")

    def copy_section(self, heading: str, cells: int) -> None:
        """Copy a heading and the cells of its section, and paste them below."""
        self.select(self.heading(heading))
        for _ in range(cells):
            self.page.keyboard.press("Shift+ArrowDown")
        self.page.keyboard.press("c")
        self.page.keyboard.press("v")
        self.heading(heading).nth(1).wait_for()

    def write_over(self, cell: Any, text: str) -> None:
        """Write a cell anew."""
        self.select(cell)
        self._write(text)

    def write_below(self, cell: Any, text: str) -> None:
        """Add a cell beneath another."""
        self.select(cell)
        self.page.keyboard.press("b")
        self.page.locator(".jp-Cell.jp-mod-active .cm-content", has_text=re.compile("^$")).wait_for()
        self._write(text)

    def type_over(self, cell: Any, word: str, typed: str) -> None:
        """Put another word in the place of one, as fingers do."""
        self.select(cell)
        cell.locator(".cm-line span", has_text=word).dblclick()
        self.page.keyboard.type(typed)
        cell.locator(".cm-line span", has_text=f'"{typed}"').wait_for()

    def delete(self, cell: Any) -> None:
        """Delete a cell."""
        self.select(cell)
        left = self.page.locator(".jp-Cell").count() - 1
        self.page.keyboard.press("d")
        self.page.keyboard.press("d")
        self.page.wait_for_function("n => document.querySelectorAll('.jp-Cell').length === n", arg=left)

    def save_as(self, path: str) -> None:
        """Save the notebook under another name."""
        self.menu("File", "Save Notebook As…")
        self.page.locator(".jp-Dialog input").fill(path)
        self.page.locator(".jp-Dialog").get_by_role("button", name="Save", exact=True).click()
        self.page.locator(".lm-TabBar-tabLabel", has_text=Path(path).name).wait_for()

    def _write(self, text: str) -> None:
        """Write the active cell anew; prose is set at once."""
        active = self.page.locator(".jp-Cell.jp-mod-active")
        self.page.keyboard.press("Enter")
        active.locator(".cm-editor.cm-focused").wait_for()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Escape")
        if "jp-MarkdownCell" in active.get_attribute("class"):
            self.page.keyboard.press("Control+Enter")

    def _file(self, name: str) -> Any:
        return self.page.locator(".jp-DirListing-item").filter(has=self.page.get_by_text(name, exact=True))

    def _choose(self, entry: str) -> None:
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{re.escape(entry)}$")).click()

    def _settled(self, before: str) -> None:
        self.page.wait_for_function(_SETTLED, arg=before, timeout=PATIENCE * 1000)
