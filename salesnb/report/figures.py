"""What an index needs of a team's facts: its totals, the targets judged on each page, its best reps."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from salesnb.report.facts import Fact
from salesnb.report.run_record import Figures, First, Rep, Tally
from salesnb.scope import WHOLE_COMPANY
from salesnb.stages import MEMO, STAGES

TOTALS = ("sales", "target", "gap", "attainment")
ENOUGH = 0.5
"""Share of sales that targets must cover to be judged, where no page says it."""

BEST_REPS = 10
"""Of each team: the best ten of a company are among them."""

_JUDGED = [(stage.name, target.finding) for stage in reversed(STAGES.values()) for target in stage.targets]
"""Findings that lights are judged by, the memo's first: they have the figures of the whole team, and of its reps."""

_Values = Mapping[str, float | None]
_Places = Mapping[tuple[str, str], Mapping[str, _Values]]
"""Figures by stage and finding, then by dimensions: value by metric."""


def figures_of(facts: Sequence[Fact], period: str, enough: float = ENOUGH) -> Figures:
    """Return a team's figures from the facts of its pages; ``enough`` is what targets must cover to be judged."""
    places: dict[tuple[str, str], dict[str, dict[str, float | None]]] = {}
    team = ""
    for fact in facts:
        if fact["period"] == period:
            team = fact["team"]
            own = places.setdefault((fact["stage"], fact["finding"]), {}).setdefault(fact["dims"], {})
            own[fact["metric"]] = fact["value"]
    found: Figures = {"tallies": _tallies(places, team, enough), "reps": _reps(places, enough)}
    if rows := _rows(places):
        found["rows"] = rows
    if (MEMO, "stands_on") in places:
        found["uncounted"] = True
    if first := _first(places.get((MEMO, "problems_list"), {})):
        found["first"] = first
    whole = _totals(places)
    found["sales"], found["target"] = whole.get("sales"), whole.get("target")
    found["gap"], found["attainment"] = whole.get("gap"), whole.get("attainment")
    if whole.get("covered") is not None:
        found["covered"], found["part"] = whole["covered"], _too_little(whole, enough)
    return found


def _first(found: Mapping[str, _Values]) -> First | None:
    """Return the problem that stands first in a memo's list."""
    listed = [(dims, v["effect"], v["priority"]) for dims, v in found.items() if v.keys() >= {"effect", "priority"}]
    placed = [(place, dims, effect) for dims, effect, place in listed if effect is not None and place is not None]
    if not placed:
        return None
    _, dims, effect = min(placed)
    pairs = (pair.partition("=") for pair in dims.split("|"))
    return First(where={name: unquote(member) for name, _, member in pairs if name}, effect=effect)


def _totals(places: _Places) -> _Values:
    """Return sales, target, gap and attainment of the whole team, from the first page that gives most of them."""
    wholes = [places.get(place, {}).get("", {}) for place in _JUDGED]
    candidates = [values for values in wholes if "sales" in values]
    return max(candidates, key=lambda f: sum(f.get(name) is not None for name in TOTALS), default={})


def _tallies(places: _Places, team: str, enough: float) -> dict[str, Tally]:
    """Count the targets of each stage and those missed; a stage whose page gives none is left out."""
    tallies: dict[str, Tally] = {}
    for stage in STAGES.values():
        for target, by in ((t, by) for t in stage.targets for by in t.by):
            if by == "team" and team != WHOLE_COMPANY:
                continue
            found = places.get((stage.name, target.finding), {})
            if values := [v for _, v in _by(found, by, target.metric, enough)]:
                missed = sum(not target.met(v) for v in values)
                tallies[stage.name] = {"judged": len(values), "missed": missed}
                break
    return tallies


def _reps(places: _Places, enough: float) -> list[Rep]:
    """Return the reps with the highest attainment, those without a target left out."""
    for place in _JUDGED:
        found = places.get(place, {})
        gaps, targets = (dict(_by(found, "rep", metric)) for metric in ("gap", "target"))
        shares = [(rep, share) for rep, share in _by(found, "rep", "attainment", enough) if rep in gaps]
        if shares:
            reps = [Rep(rep=rep, attainment=share, gap=gaps[rep], target=targets.get(rep)) for rep, share in shares]
            return sorted(reps, key=rank)[:BEST_REPS]
    return []


def rank(rep: Rep) -> tuple[float, float, str]:
    """Return what reps are ordered by: attainment, then gap, both from the highest down, then name."""
    return -rep["attainment"], -rep["gap"], rep["rep"]


def _rows(places: _Places) -> dict[str, float]:
    for found in places.values():
        read, aside = (found.get("", {}).get(metric) for metric in ("rows_read", "rows_quarantined"))
        if read is not None and aside is not None:
            return {"read": read, "quarantined": aside}
    return {}


def _too_little(values: _Values, enough: float) -> bool:
    covered = values.get("covered")
    return covered is not None and covered < enough


def _by(found: Mapping[str, _Values], dimension: str, metric: str, enough: float = 0.0) -> Iterator[tuple[str, float]]:
    """Yield each member of a dimension with its figure, where there is one; blank: the whole.

    Members of whose sales targets cover less than ``enough`` are left out.
    """
    for dims, values in found.items():
        name, _, member = dims.partition("=")
        value = values.get(metric)
        if name == dimension and "|" not in dims and value is not None and not _too_little(values, enough):
            yield unquote(member), value
