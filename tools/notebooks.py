"""Rewrite what notebooks derive from elsewhere: prose from the catalogues, headline sentences from a run.

Run ``python -m tools.notebooks [NOTEBOOK ...]``; without names, all notebooks. Everything else a run leaves behind
(counts, rich outputs, times, random ids) is removed, so that a notebook changes in git only when it says something
else.
"""

import sys
from collections import Counter
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from salesnb import words

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
KEEP = "keep_output"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def prose(key: str, lang: str = "en") -> str:
    """Return the text of a markdown cell whose ``words`` are ``stage.word``: a title with intro, or a question."""
    catalogue, _, word = key.partition(".")
    head, mark, body = ("title", "#", "intro") if word == "stage" else ("question", "##", "prose")
    return f"{mark} {words.text(catalogue, f'{word}.{head}', lang)}\n\n{words.text(catalogue, f'{word}.{body}', lang)}"


def refreshed(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with its prose written anew and its outputs and marks reduced to what is kept."""
    made = nbformat.from_dict({**notebook, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})
    seen: Counter[str] = Counter()
    part = "title"
    for place, cell in enumerate(made.cells):
        key = cell.metadata.get("salesnb", {}).get("words", "")
        if cell.cell_type == "markdown" and key:
            cell.source = prose(key)
            part = key.rpartition(".")[2]
        part = "parameters" if "parameters" in cell.metadata.get("tags", []) else part
        seen[part] += 1
        cell.id = part.replace("_", "-") if seen[part] == 1 else f"{part.replace('_', '-')}-{seen[part]}"
        _strip(cell)
        if cell.get("outputs"):
            # A cell with outputs needs a count to be checked; this is the one that a run in order gives.
            cell.execution_count = sum(c.cell_type == "code" for c in made.cells[: place + 1])
    return made


def _strip(cell: NotebookNode) -> None:
    kept = {k: v for k, v in cell.metadata.items() if k in {"tags", "salesnb"}}
    cell.metadata = nbformat.from_dict(kept)
    if cell.cell_type != "code":
        return
    cell.execution_count = None
    outputs = cell.outputs if KEEP in kept.get("tags", []) else []
    cell.outputs = [
        nbformat.v4.new_output("display_data", data={"text/plain": output.data["text/plain"]})
        for output in outputs
        if "text/plain" in output.get("data", {})
    ]


def refresh(path: Path) -> bool:
    """Rewrite and execute one notebook in place; return whether it changed."""
    before = path.read_text(encoding="utf-8")
    notebook = refreshed(nbformat.reads(before, as_version=4))
    resources = {"metadata": {"path": str(ROOT)}}
    NotebookClient(notebook, kernel_name="python3", timeout=600, resources=resources).execute()
    after = nbformat.writes(refreshed(notebook)) + "\n"
    path.write_text(after, encoding="utf-8")
    return before != after


def main(names: list[str]) -> None:
    """Refresh the notebooks named, or all."""
    paths = [Path(name) for name in names] or sorted(FOLDER.glob("*.ipynb"))
    for path in paths:
        print(f"{path.name}: {'rewritten' if refresh(path) else 'unchanged'}")


if __name__ == "__main__":
    main(sys.argv[1:])
