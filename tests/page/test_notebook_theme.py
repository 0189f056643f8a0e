"""Outputs in a notebook, without the page's template: in both themes of JupyterLab they can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesnb.show.outputs import evidence_output, sentence_output
from tests import show_frames
from tests.chromium import in_chromium, running

pytestmark = in_chromium

THEMES = {"true": "#ffffff", "false": "#111111"}
"""What JupyterLab says of its theme, and the paper it lays beneath outputs."""

_CONTRAST = """
() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  const against = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p)
    return (x + 0.05) / (y + 0.05) }
  const clear = c => c === 'rgba(0, 0, 0, 0)' || c === 'transparent'
  const paper = e => { while (e && clear(getComputedStyle(e).backgroundColor)) e = e.parentElement
    return getComputedStyle(e || document.body).backgroundColor }
  const found = []
  for (const e of document.querySelectorAll('.snb *')) {
    const style = getComputedStyle(e)
    if (e.closest('svg')) {
      if (e.tagName === 'text') found.push(['text', against(style.fill, paper(e)), 4.5, e.textContent])
    } else if ([...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) {
      found.push([e.className, against(style.color, paper(e)), 4.5, e.textContent])
    }
  }
  return found
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running() as started:
        yield started


@pytest.mark.parametrize("light", THEMES)
def test_every_word_of_an_output_can_be_read_in_both_themes(
    browser: Any, light: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_frames.install(monkeypatch)
    case = show_frames.notebook().cells[3].outputs[0].data["text/html"]
    made = show_frames.every().values()
    shown = "".join(b["text/html"] for f in made for b in (sentence_output(f), evidence_output(f)))
    theme = f"body {{ background: {THEMES[light]}; --jp-layout-color0: {THEMES[light]} }}"
    page = f'<meta charset="utf-8"><style>{theme}</style><body data-jp-theme-light="{light}">{case}{shown}'
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1000, "height": 800})
    tab.goto((tmp_path / "page.html").as_uri())
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    words = tab.evaluate(_CONTRAST)
    tab.close()
    assert len(words) > 200
    assert [w for w in words if w[1] < w[2]] == []
