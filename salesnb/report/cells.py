"""Cells and outputs of a page, made without nbformat's validation of each, which would take most of a page's time."""

from collections.abc import Iterator, Sequence
from typing import Any

from nbformat import NotebookNode


def carried(notebook: NotebookNode, form: str) -> Iterator[Any]:
    """Yield what the outputs of a notebook carry in one of the forms of `salesnb.show.mime`, in their order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if (found := output.get("data", {}).get(form)) is not None:
                yield found


def markdown_cell(source: str) -> NotebookNode:
    """Return a cell of text."""
    return NotebookNode(cell_type="markdown", id="text", metadata=NotebookNode(), source=source)


def html_cell(html: str) -> NotebookNode:
    """Return a cell of HTML that is put on the page as it is."""
    metadata = NotebookNode(raw_mimetype="text/html")
    return NotebookNode(cell_type="raw", id="html", metadata=metadata, source=html)


def output_cell(outputs: Sequence[NotebookNode]) -> NotebookNode:
    """Return a cell that shows outputs and nothing else."""
    return NotebookNode(
        cell_type="code", id="shown", metadata=NotebookNode(), source="", execution_count=None, outputs=list(outputs)
    )


def html_output(html: str) -> NotebookNode:
    """Return an output of HTML."""
    data = NotebookNode({"text/html": html})
    return NotebookNode(output_type="display_data", metadata=NotebookNode(), data=data)


def notebook_of(cells: Sequence[NotebookNode]) -> NotebookNode:
    """Return a notebook of cells."""
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=NotebookNode(), cells=list(cells))
