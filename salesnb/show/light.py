"""Lights: a colour, a word and a shape, so that each tells it alone."""

from salesnb import words
from salesnb.show.palette import AMBER, GREEN, INK, MUTED, RED

_SHAPES = {
    "square": '<rect x="1" y="1" width="10" height="10"/>',
    "triangle": '<path d="M6 1 11.5 11H.5z"/>',
    "circle": '<circle cx="6" cy="6" r="5"/>',
    "cross": '<path d="M2 2 10 10M10 2 2 10" fill="none" stroke="currentColor" stroke-width="2"/>',
    "dash": '<path d="M2 6H10" stroke="currentColor" stroke-width="2"/>',
}

_LIGHTS = {
    "green": ("green", "circle"),
    "met": ("green", "circle"),
    "amber": ("amber", "triangle"),
    "red": ("red", "square"),
    "missed": ("red", "square"),
    "failed": ("ink", "cross"),
}


_PAINTS = {"green": GREEN, "amber": AMBER, "red": RED, "ink": INK, "muted": MUTED}


def mark_of(code: str) -> tuple[str, str]:
    """Return the colour and the shape of a light, for a drawing that writes the word itself."""
    colour, shape = _LIGHTS.get(code, ("muted", "dash"))
    return _PAINTS[colour], _SHAPES[shape].replace("currentColor", _PAINTS[colour])


def light(code: str, word: str) -> str:
    """Return a light with the word beside its shape; an unknown code is a grey dash."""
    colour, shape = _LIGHTS.get(code, ("muted", "dash"))
    box = 'width="12" height="12" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true"'
    mark = f"<svg {box}>{_SHAPES[shape]}</svg>"
    return f'<span class="snb-light snb-{colour}">{mark}{word}</span>'


def rated(code: str, lang: str) -> str:
    """Return the light of a figure against its target: met, missed, green, amber or red."""
    known = code if words.has("show", f"light.{code}") else "none"
    return light(known, words.text("show", f"light.{known}", lang))
