"""The forms beside text and HTML that an output carries: JupyterLab keeps them and hides them."""

from collections.abc import Mapping
from typing import Any

FACTS = "application/vnd.salesnb.facts+json"
"""The figures of the finding."""

PAGE = "application/vnd.salesnb.page+json"
"""What a page takes: its HTML by language, or where in that of the notebook it stands; its plain text; how it is set.

``kind`` is ``sentence``, ``evidence`` or ``masthead``; ``quiet`` says by language what stands there instead, empty
where it is shown. Of a sentence ``said`` has by language its text and those of its remarks, ``front`` whether it stands
on the first screen (as in `Finding`); of evidence ``front`` has by language what does, ``width`` how wide the rest
is set.
"""

ROWS = "application/vnd.salesnb.rows+json"
"""The finding's rows as plain values, for spreadsheets and checks."""

SCOPE = "application/vnd.salesnb.scope+json"
"""Team, period and as-of day of the notebook."""


def page_html(data: Mapping[str, Any], lang: str) -> str:
    """Return the HTML of an output for a page in a language, given all its forms."""
    shown = data.get("text/html", "")
    held = data[PAGE].get(lang, shown)
    return str(held if isinstance(held, str) else shown[slice(*held)])
