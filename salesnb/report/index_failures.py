"""What could not be made and why, for the head of an index; what many teams have in common is said once."""

from collections.abc import Mapping, Sequence
from typing import Any

from salesnb.report.index_frame import said
from salesnb.report.run_record import NotebookRecord, RunRecord
from salesnb.report.standing import Standing
from salesnb.show.sentence import capitalised, team_text
from salesnb.show.text import plain
from salesnb.stages import stage_text

_NAMED = 8
"""Teams of one failure that are named at once; the others are folded."""

_FOLDED = 200
"""So many are folded at most; how many more there are is said."""

_KINDS = 20
"""Kinds of failures that are told; many more would be the whole page."""


def failures(teams: Sequence[Standing], anchors: Mapping[str, str], lang: str) -> list[dict[str, Any]]:
    """Return the failed pages by stage and reason, each with its teams, then once all those that wait.

    ``anchors`` gives where the row of each team is.
    """

    def link(standing: Standing) -> tuple[str, str]:
        return capitalised(team_text(standing.team, lang)), anchors.get(standing.team, "#teams-title")

    alike: dict[tuple[str, str, tuple[str, ...]], list[Standing]] = {}
    for standing in teams:
        for stage, notebook in standing.notebooks.items():
            if notebook["status"] == "failed":
                questions = tuple(plain(q) for q in notebook["missing"].get(lang, ()))
                alike.setdefault((stage, _reason(notebook, lang), questions), []).append(standing)
    found = [
        {
            "code": "failed", "word": said("light.failed", lang), "place": stage_text(stage, "name", lang),
            "teams": [link(s) for s in places[:_NAMED]], "more": [link(s) for s in places[_NAMED : _NAMED + _FOLDED]],
            "count": len(places) - _NAMED, "reason": reason, "missing": questions,
        }
        for (stage, reason, questions), places in list(alike.items())[:_KINDS]
    ]  # fmt: skip
    if untold := list(alike.values())[_KINDS:]:
        found.append(_untold(sum(map(len, untold)), lang))
    waiting = sum(n["status"] == "not run" for s in teams for n in s.notebooks.values())
    return [*found, *([_waiting(waiting, lang)] if waiting else [])]


def failed_of(record: RunRecord, lang: str) -> str:
    """Say how many of a period's pages failed, and how many wait."""
    states = [n["status"] for n in record["notebooks"]]
    failed, waiting = states.count("failed"), states.count("not run")
    key = "waiting_of" if not failed else "failed_and_waiting" if waiting else "failed_of"
    return said(f"failures.{key}", lang, failed=failed, waiting=waiting, all=len(states))


def _reason(notebook: NotebookRecord, lang: str) -> str:
    return plain(notebook["reason"].get(lang) or said("failures.reason_none", lang))


def _untold(count: int, lang: str) -> dict[str, Any]:
    """Say how many further pages failed, each kind for a reason of its own."""
    return {
        "code": "failed", "word": said("light.failed", lang), "place": said("failures.untold", lang, count=count),
        "teams": [], "more": [], "count": 0, "reason": said("failures.untold_about", lang), "missing": (),
    }  # fmt: skip


def _waiting(count: int, lang: str) -> dict[str, Any]:
    """Say once how many notebooks have not had their turn, however many they are."""
    return {
        "code": "waiting", "word": said("light.waiting", lang), "place": said("failures.waiting", lang, count=count),
        "teams": [], "more": [], "count": 0, "reason": said("failures.waiting_about", lang), "missing": (),
    }  # fmt: skip
