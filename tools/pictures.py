"""Make the pictures in ``docs/pictures``: memo, diagnosis and index of the sample company, as readers see them.

Run ``python -m tools.pictures``; ``--reports DIR`` takes pages that are there already, ``--out DIR`` puts the pictures
elsewhere. It needs Chromium, as the page tests do.
"""

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
PERIOD, TEAM = "2025-09", "South"
_SHADES, _LIGHTS, _VIVID = 160, 24, 60
"""Colours kept of a picture; how many vivid ones that are red, green or blue; how far the parts of these lie apart."""


@dataclass(frozen=True)
class Picture:
    """A page as one reader sees it: on a screen of that width, in light or dark, or the first sheet on paper."""

    name: str
    page: str
    width: int = 1280
    dark: bool = False
    sheet: bool = False
    longest: int = 2600

    @property
    def scale(self) -> int:
        """Dots per pixel: phones have finer screens."""
        return 2 if self.width < 600 else 1


PICTURES = (
    Picture("memo-en-desktop", f"{TEAM}/review.html"),
    Picture("memo-zh-desktop-dark", f"{TEAM}/review.zh.html", dark=True),
    Picture("memo-en-phone", f"{TEAM}/review.html", width=390, longest=1900),
    Picture("memo-zh-phone", f"{TEAM}/review.zh.html", width=390, longest=1900),
    Picture("memo-en-print", f"{TEAM}/review.html", sheet=True),
    Picture("memo-zh-print", f"{TEAM}/review.zh.html", sheet=True),
    Picture("diagnosis-en-desktop", f"{TEAM}/diagnosis.html"),
    Picture("diagnosis-zh-phone-dark", f"{TEAM}/diagnosis.zh.html", width=390, dark=True, longest=1900),
    Picture("index-en-desktop", "index.html"),
    Picture("index-zh-desktop-dark", "index.zh.html", dark=True),
    Picture("index-zh-phone", "index.zh.html", width=390, longest=1900),
)


def take(browser: Any, folder: Path, picture: Picture) -> bytes:
    """Return a picture of a page of a period's folder as PNG."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": 844},
        device_scale_factor=picture.scale,
        color_scheme="dark" if picture.dark else "light",
        offline=True,
    )
    page = context.new_page()
    page.goto((folder / picture.page).as_uri())
    if picture.sheet:
        taken = _first_sheet(page.pdf(prefer_css_page_size=True))
    else:
        high = min(page.evaluate("document.documentElement.scrollHeight"), picture.longest)
        clip = {"x": 0, "y": 0, "width": picture.width, "height": high}
        taken = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip)))
    context.close()
    return _small(taken)


def _first_sheet(pdf: bytes) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        drawn: Image.Image = document[0].render(scale=1.5).to_pil()
        return drawn


def _small(picture: Image.Image) -> bytes:
    """Return a picture as PNG with a palette, the same bytes for the same picture."""
    full = picture.convert("RGB")
    # Areas of one colour keep it exactly, pale ones too; the edges of letters take the nearest. Lights are small: vivid
    # colours have places of their own, or red would turn grey beside so many greys.
    common = [colour for colour, _ in Counter(full.getdata()).most_common()]
    vivid = [colour for colour in common if max(colour) - min(colour) > _VIVID]
    lights = [[c for c in vivid if c.index(max(c)) == part][:_LIGHTS] for part in range(3)]
    shades = list(dict.fromkeys([*chain(*lights), *common]))[:_SHADES]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in shades for part in colour])
    few = full.quantize(palette=palette, dither=Image.Dither.NONE)
    content = io.BytesIO()
    few.save(content, "PNG", optimize=True)
    return content.getvalue()


def run_sample(out: Path) -> Path:
    """Run the sample company's period, all teams, both languages; return the folder with its pages."""
    wish = ["--data", "sample", "--period", PERIOD, "--lang", "both", "--out", str(out)]
    subprocess.run([sys.executable, "-m", "salesnb.cli", "run", *wish], check=True, stdout=subprocess.DEVNULL)
    return out / PERIOD


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pictures, and print their sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=Path)
    parser.add_argument("--out", type=Path, default=FOLDER)
    asked = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.reports.resolve() / PERIOD if asked.reports else run_sample(Path(scratch))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            for picture in PICTURES:
                content = take(browser, folder, picture)
                (asked.out / f"{picture.name}.png").write_bytes(content)
                print(f"{picture.name}.png  {len(content) // 1000} KB")
            browser.close()


if __name__ == "__main__":
    main()
