"""The letters of a printed page: the system's own fonts, with a Chinese one beside them where it has none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

from salesnb.errors import problem
from salesnb.formats.browser import BrowserError
from salesnb.show.letters import packaged_font, system_font

VARIABLE = "FONTCONFIG_FILE"
_SYSTEM = "/etc/fonts/fonts.conf"


def check_fonts() -> None:
    """Raise BrowserError where a Chinese page would be printed in boxes."""
    if packaged_font() is None and not system_font():
        raise BrowserError(problem("print_font"))


@contextmanager
def fonts_for_print() -> Iterator[Path | None]:
    """Give a fontconfig file with the system's fonts and the packaged one; None where no file is needed."""
    font = packaged_font()
    if font is None:
        yield None
        return
    system = os.environ.get(VARIABLE) or _SYSTEM
    with TemporaryDirectory(prefix="salesnb-fonts-") as folder:
        file = Path(folder) / "fonts.conf"
        file.write_text(_configuration(system, font.parent, Path(folder) / "cache"), encoding="utf-8")
        yield file


def _configuration(system: str, fonts: Path, cache: Path) -> str:
    """Return the system's configuration with one more folder; what is kept of that is kept apart."""
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">{escape(system)}</include><dir>{escape(str(fonts))}</dir>'
        f"<cachedir>{escape(str(cache))}</cachedir></fontconfig>"
    )
