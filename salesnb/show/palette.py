"""The colours of marks and text: their values on paper, and the names under which a page may change them."""

INK = "#1b1d20"
MUTED = "#5a6068"
ACCENT = "#1d5a96"
BARS = "#868d95"
GRID = "#dcdfe3"
PAPER = "#ffffff"
RED = "#b3261e"
AMBER = "#8f5b00"
GREEN = "#1d7544"

NAMES = {
    INK: "ink", MUTED: "muted", ACCENT: "accent", BARS: "bars", GRID: "grid", PAPER: "paper",
    RED: "red", AMBER: "amber", GREEN: "green",
}  # fmt: skip
"""A drawing is written with ``var(--ink, #1b1d20)``: right by itself, and dark where the page is dark."""


def named(colour: str) -> str:
    """Return a colour as a drawing writes it: by its name where it has one."""
    return f"var(--{NAMES[colour]},{colour})" if colour in NAMES else colour
