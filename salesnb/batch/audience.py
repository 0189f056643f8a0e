"""Reports for one audience only: none of another beside them, and no place of this machine told to outsiders."""

from collections.abc import Mapping
from typing import Any

from salesnb.data.case import SAMPLE
from salesnb.errors import ScopeError, problem
from salesnb.places import Place
from salesnb.report.run_record import Figures, read_run
from salesnb.settings import UNRESTRICTED

_PLACES = ("data", "settings")


def check_alone(place: Place, audience: str) -> None:
    """Raise ScopeError where reports for another audience lie in a place: their readers would see these, too."""
    for period in sorted(place.folders()):
        found = _audience_of(place, period)
        if found == audience:
            return  # this holds for each of its batches, so one period tells of all
        if found:
            near = f"{place.shown.rstrip('/').rpartition('/')[2] or 'reports'}-{audience}"
            raise ScopeError(problem("audience_mixed", out=place.shown, found=found, wanted=audience, near=near))


def figures_told(figures: Figures, audience: str) -> Figures:
    """Return a team's figures as an index may tell them: whom all teams read, names no reps but to leadership."""
    return figures if audience == UNRESTRICTED else {**figures, "reps": []}


def told(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters as outputs may tell them: without places, whose names may hold a customer's."""
    if parameters.get("audience", UNRESTRICTED) == UNRESTRICTED:
        return dict(parameters)
    return {k: "" if k in _PLACES and v != SAMPLE else v for k, v in parameters.items()}


def source_told(source: str, parameters: Mapping[str, str]) -> str:
    """Return the source of a cell that sets parameters, an assignment a line, without those that are not told."""
    kept = told(parameters)
    gone = tuple(f"{name} = " for name, value in parameters.items() if kept[name] != value)
    return "".join(line for line in source.splitlines(keepends=True) if not gone or not line.startswith(gone))


def _audience_of(place: Place, period: str) -> str:
    try:
        run: Any = read_run(place, period)
        return str(run["parameters"].get("audience", UNRESTRICTED))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return ""
