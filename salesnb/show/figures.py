"""A finding's chart as a figure of matplotlib's, drawn by seaborn in the kit's look, to change and to save."""

from collections.abc import Callable
from itertools import accumulate
from textwrap import wrap

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from salesnb import words
from salesnb.errors import ScopeError, problem
from salesnb.findings.finding import Chart, Finding, number_of, text_of
from salesnb.show.charts.marks import Mark, axis_title, chart_of, drawn, marks, style_of, tick, values_of
from salesnb.show.looks import look
from salesnb.show.numbers import figure, short_month
from salesnb.show.palette import ACCENT, BARS, INK, MUTED
from salesnb.show.sentence import column_name, member, sentence_text

_WIDE, _LEAST, _ROW = 8.0, 2.6, 0.34
_LETTERS = {"en": 88, "zh": 46}


def figure_of(finding: Finding, lang: str) -> Figure:
    """Return the finding's chart as a figure, its title the chart's.

    Raises ScopeError for a finding that has no chart of marks, such as a table, and for no language or several.
    """
    if lang not in words.LANGUAGES:
        raise ScopeError(problem("figure_lang", found=repr(lang)))
    chart = finding.chart
    if chart is None or chart.form not in _DRAWN or not drawn(finding):
        raise ScopeError(problem("no_figure", found=finding.id))
    with mpl.rc_context(look()):
        from matplotlib import pyplot as plt

        made, axes = plt.subplots(figsize=(_WIDE, _height(finding)), layout="constrained")
        _DRAWN[chart.form](axes, finding, lang)
        axes.set_title("\n".join(wrap(_title(finding, chart, lang), _LETTERS[lang])))
        made.draw_without_rendering()  # what is made while drawing has the kit's look too
        plt.close(made)  # shown where its cell ends, not twice
    return made


def _height(finding: Finding) -> float:
    many = chart_of(finding).form in {"bars", "bullet", "bridge", "list"}
    return max(_LEAST, 1.4 + _ROW * len(drawn(finding))) if many else 4.0


def _title(finding: Finding, chart: Chart, lang: str) -> str:
    return sentence_text(finding, chart.title or finding.headline, lang)


def _bars(axes: Axes, finding: Finding, lang: str) -> None:
    found = marks(finding, lang)
    _put_bars(axes, found, [m.value for m in found])
    targets = values_of(finding, "target", found)
    if any(t is not None for t in targets):
        axes.scatter(targets, range(len(found)), marker="|", s=260, linewidths=2, color=INK, zorder=3)  # type: ignore[arg-type]
    _value_axis(axes, finding, found, lang)


def _bridge(axes: Axes, finding: Finding, lang: str) -> None:
    found, total = marks(finding, lang), chart_of(finding).total
    parts = [0.0 if m.position == total else m.value or 0.0 for m in found]
    starts = [0.0 if m.position == total else s for m, s in zip(found, accumulate([0.0, *parts]), strict=False)]
    _put_bars(axes, found, [m.value for m in found], starts)
    axes.axvline(0, color=INK, linewidth=1)
    _value_axis(axes, finding, found, lang)


def _put_bars(axes: Axes, found: list[Mark], values: list[float | None], starts: list[float] | None = None) -> None:
    places = [str(i) for i in range(len(found))]
    colours = {p: m.colour for p, m in zip(places, found, strict=True)}
    numbers = [float("nan") if v is None else v for v in values]
    sns.barplot(x=numbers, y=places, hue=places, palette=colours, legend=False, width=0.6, saturation=1, ax=axes)
    for patch, start in zip(axes.patches, starts or [0.0] * len(found), strict=False):
        patch.set_x(patch.get_x() + start)  # type: ignore[attr-defined]
    axes.set_yticks(range(len(found)), [" · ".join(filter(None, (m.label, m.group))) for m in found])
    for y, (mark, value) in enumerate(zip(found, numbers, strict=True)):
        end = (starts[y] if starts else 0.0) + (0.0 if value != value else value)
        before = value < 0
        axes.annotate(
            mark.text, (end, y), xytext=(-4 if before else 4, 0), textcoords="offset points", va="center",
            ha="right" if before else "left", color=ACCENT if mark.accent else INK,
        )  # fmt: skip
    axes.relim()
    axes.margins(x=0.16)
    axes.autoscale_view()


def _value_axis(axes: Axes, finding: Finding, found: list[Mark], lang: str) -> None:
    column = chart_of(finding).columns["value"]
    unit = finding.unit(column, found[0].position)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, unit, lang)))
    axes.set(xlabel=axis_title(finding, column, lang), ylabel="")
    axes.grid(visible=False, axis="y")


_LINES = {"value": (ACCENT, "-"), "compare": (BARS, "-"), "expected": (BARS, "--"), "target": (INK, "--")}


def _line(axes: Axes, finding: Finding, lang: str) -> None:
    columns, places = chart_of(finding).columns, drawn(finding)
    months = [text_of(finding.rows[columns["x"]].iloc[p]) for p in places]
    for role, (colour, dash) in _LINES.items():
        if role not in columns:
            continue
        values = [number_of(finding.rows[columns[role]].iloc[p]) for p in places]
        sns.lineplot(
            x=range(len(places)), y=pd.Series(values, dtype="float64"), color=colour, linestyle=dash, ax=axes,
            errorbar=None, label=column_name(columns[role], lang),
        )  # fmt: skip
    unit = finding.unit(columns["value"], places[-1])
    step = max(1, len(months) // 12)
    shown = range((len(months) - 1) % step, len(months), step)
    axes.set_xticks(list(shown), [short_month(months[i], lang) for i in shown])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, unit, lang)))
    axes.set(xlabel="", ylabel=axis_title(finding, columns["value"], lang))
    axes.grid(visible=False, axis="x")


def _slope(axes: Axes, finding: Finding, lang: str) -> None:
    found, columns = marks(finding, lang), chart_of(finding).columns
    before = values_of(finding, "before", found)
    for mark, old in zip(found, before, strict=True):
        if old is None or mark.value is None:
            continue
        sns.lineplot(x=[0, 1], y=[old, mark.value], color=mark.colour, marker="o", errorbar=None, ax=axes)
        axes.annotate(f"{mark.label}  {mark.text}", (1, mark.value), xytext=(8, 0), textcoords="offset points",
                      va="center", color=ACCENT if mark.accent else INK)  # fmt: skip
    names = [words.text("show", f"at.{columns[role]}", lang) for role in ("before", "value")]
    unit = finding.unit(columns["value"], found[0].position)
    axes.set_xticks([0, 1], names)
    axes.set_xlim(-0.1, 1.5)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, unit, lang)))
    axes.set(xlabel="", ylabel=axis_title(finding, columns["value"], lang))


def _heat(axes: Axes, finding: Finding, lang: str) -> None:
    columns, places = chart_of(finding).columns, drawn(finding)
    downs, overs, values = (finding.rows[columns[role]].tolist() for role in ("row", "column", "value"))
    cells: dict[str, dict[str, float | None]] = {}
    rows: dict[str, None] = {}
    for p in places:
        over, down = text_of(overs[p]), text_of(downs[p])
        row, column = member(columns["row"], down, lang), member(columns["column"], over, lang)
        if down:
            rows[row] = None
        if over:
            cells.setdefault(column, {}).update({row: number_of(values[p])} if down else {})
    wide, unit = pd.DataFrame(cells, index=[*rows], dtype="float64"), finding.unit(columns["value"], places[0])
    sign = style_of(columns["value"])
    written = wide.map(lambda v: "" if pd.isna(v) else figure(v, unit, lang, sign))
    shades = sns.blend_palette([ACCENT, "#ffffff", BARS], as_cmap=True)
    sns.heatmap(wide, annot=written.to_numpy(), fmt="", center=0, cmap=shades, cbar=False, linewidths=2, ax=axes)
    axes.grid(visible=False)
    axes.set(xlabel="", ylabel="")
    axes.tick_params(colors=MUTED, length=0, labelrotation=0)


_DRAWN: dict[str, Callable[[Axes, Finding, str], None]] = {
    "bars": _bars, "bullet": _bars, "list": _bars, "bridge": _bridge, "line": _line, "slope": _slope, "heat": _heat,
    "panels": _bars,
}  # fmt: skip
