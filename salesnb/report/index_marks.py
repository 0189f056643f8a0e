"""Small marks on indexes: the word of a light, a trend, a bar."""

from collections.abc import Sequence
from functools import cache

from salesnb import words
from salesnb.report.index_frame import said
from salesnb.report.standing import Standing
from salesnb.show.numbers import figure, period_text, short_month
from salesnb.show.text import escaped
from salesnb.stages import STAGES, stage_text

_WIDTH, _HEIGHT, _EDGE = 56.0, 20.0, 3.0


def light_text(standing: Standing, stage: str, lang: str) -> tuple[str, str]:
    """Return the code of a stage's light and its word, with how many targets are missed where there are several."""
    code, tally = standing.light(stage), standing.tally(stage)
    counts = (tally["judged"], tally["missed"]) if tally else (0, 0)
    return code, _word(stage, code, *counts, lang)


@cache
def _word(stage: str, code: str, judged: int, missed: int, lang: str) -> str:
    """Return the word of a light: the stage's own, one that counts, or that of all."""
    if stage in STAGES and words.has(stage, f"stage.light.{code}"):
        return stage_text(stage, f"light.{code}", lang)
    key = f"light.{code}_of" if judged > 1 and words.has("index", f"light.{code}_of") else f"light.{code}"
    return said(key, lang, judged=judged, missed=missed, met=judged - missed)


def trend(run: Sequence[tuple[str, float]], lang: str) -> str:
    """Return attainment period by period as a line beside the target, with its figures as text; blank for a single one.

    It is drawn on a scale of its own that holds the target.
    """
    if len(run) < 2:
        return ""
    shares = [share for _, share in run]
    low, high = min([*shares, 1.0]), max([*shares, 1.0])
    step = (_WIDTH - 2 * _EDGE) / (len(run) - 1)
    points = [(_EDGE + i * step, _height(share, low, high)) for i, share in enumerate(shares)]
    line = "M" + "L".join(f"{x:.4g} {y:.4g}" for x, y in points)
    goal, (x, y) = _height(1.0, low, high), points[-1]
    spoken = words.text("index", "comma", lang).join(
        f"{_short(name, lang)} {figure(share, 'rate', lang)}" for name, share in run
    )
    return (
        f'<svg class="trend" role="img" aria-label="{escaped(spoken)}" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
        f'<path class="z" d="M0 {goal:.4g}H{_WIDTH:g}"/><path d="{line}"/>'
        f'<circle cx="{x:.4g}" cy="{y:.4g}" r="2.5"/></svg>'
    )


def _height(share: float, low: float, high: float) -> float:
    """Return where a share lies, from the top; all in the middle where they are one."""
    if high == low:
        return _HEIGHT / 2
    return _EDGE + (high - share) / (high - low) * (_HEIGHT - 2 * _EDGE)


def _short(period: str, lang: str) -> str:
    short = short_month(period, lang)
    return period_text(period, lang) if short == period else short


def bar(share: float | None, most: float) -> str:
    """Return a bar of attainment beside a mark at the target; ``most`` is the longest of its table."""
    full = max(most, 1.0)
    if share is None:
        return ""
    width, goal = 100 * min(max(share, 0.0), full) / full, 100 / full
    return f'<span class="bar"><i style="width:{width:.3g}%"></i><b style="left:{goal:.3g}%"></b></span>'
