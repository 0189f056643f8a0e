"""The playbook: which actions answer which problem. A plain TOML file that the team owns."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from salesnb import words
from salesnb.errors import InputError, Problem, nearest, problem
from salesnb.settings import Settings

FILE_NAME = "playbook.toml"

GAP_PART = "gap_part"
"""Stands for every part of a gap that is no problem told beyond chance, whatever the gap is held against."""

PROBLEMS = (
    "fewer_customers", "fewer_orders", "smaller_orders", "lower_prices", "fewer_new_customers", "fewer_deals",
    "lower_win_rate", "lower_deal_value", "lower_collection", "customer_stopped", "unexplained",
    GAP_PART,
)  # fmt: skip
"""Codes of the problems that an action can answer."""

OWNERS = ("rep", "manager", "team_lead", "head_of_sales")
EFFORTS = ("low", "medium", "high")
WHERE = ("team", "rep", "product_line", "region", "channel", "customer_type", "new_existing", "customer")
NEEDS = ("lapsed",)
OPTIONAL = ("where", "asks_why", "needs")
KEYS = ("id", "problem", "action", "resources", "owner", "effort", "recovers")
COLUMNS = (
    "play", "problem", "action", "resources", "owner", "effort", "recovers_low", "recovers_high", "where", "asks_why",
    "needs",
)  # fmt: skip


def load(folder: Path | None, settings: Settings) -> pd.DataFrame:
    """Return the team's playbook, or the default one where it has none.

    A team's own that says nothing of parts of a gap has the default entries for these.

    Parameters
    ----------
    folder
        The data folder; a ``playbook.toml`` in it is taken. ``settings.strategy.playbook`` names another file,
        relative to the folder.

    Returns
    -------
    DataFrame
        One row per action: ``play`` (its id), ``problem``, ``action``, ``resources`` (texts, in both languages where
        given), ``owner`` (role), ``effort``, ``recovers_low``, ``recovers_high`` (shares of the loss), ``where`` (a
        dimension that the problem's slice must name, or blank), ``asks_why`` (whether it is there to learn the reason,
        which nobody needs to who has been told it), ``needs`` (what there must be for it, or blank).

    Raises
    ------
    InputError
        With everything that is wrong with the file, entry by entry; or a named file that is not there.
    """
    named = settings.strategy.playbook
    path = (folder or Path()) / (named or FILE_NAME)
    if path.is_file():
        own = parse(_read(path), path.name)
        return own if (own["problem"] == GAP_PART).any() else pd.concat([own, _for_parts()], ignore_index=True)
    if named:
        raise InputError(problem("playbook_missing", file=path))
    return default()


def default() -> pd.DataFrame:
    """Return the playbook that comes with the kit."""
    source = resources.files(__package__).joinpath(FILE_NAME).read_text(encoding="utf-8")
    return parse(tomllib.loads(source), FILE_NAME)


def _for_parts() -> pd.DataFrame:
    plays = default()
    return plays[plays["problem"] == GAP_PART]


def parse(raw: Mapping[str, Any], file: str) -> pd.DataFrame:
    """Return a playbook's rows from its parsed file; raise InputError like `load`."""
    plays = raw.get("play")
    if not isinstance(plays, list) or not all(isinstance(p, Mapping) for p in plays) or set(raw) != {"play"}:
        raise InputError(problem("playbook_form", file=file))
    found = [p for number, play in enumerate(plays, 1) for p in _problems(play, number, file)]
    ids = [play.get("id") for play in plays]
    found += [problem("playbook_twice", file=file, id=i) for i in dict.fromkeys(ids) if i and ids.count(i) > 1]
    if found:
        raise InputError(*found)
    return from_rows([_row(play) for play in plays])


def from_rows(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return a playbook from the cells of its rows."""
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise InputError(problem("settings_not_toml", file=path.name, reason=fault)) from None


def _problems(play: Mapping[str, Any], number: int, file: str) -> Iterator[Problem]:
    where = str(play.get("id") or number)
    for key in KEYS:
        if not play.get(key):
            yield problem("playbook_part", file=file, play=where, part=key)
    for key in sorted(set(play) - {*KEYS, *OPTIONAL}):
        yield problem("playbook_key", file=file, play=where, part=key, near=nearest(key, (*KEYS, *OPTIONAL)))
    choices = {"problem": PROBLEMS, "owner": OWNERS, "effort": EFFORTS, "where": WHERE, "needs": NEEDS}
    for key, known in choices.items():
        if play.get(key) and play[key] not in known:
            found = repr(play[key])
            yield problem("playbook_choice", file=file, play=where, part=key, found=found, known=", ".join(known))
    for key in ("action", "resources"):
        if play.get(key) and not _is_text(play[key]):
            yield problem("playbook_text", file=file, play=where, part=key)
    if not isinstance(play.get("asks_why", False), bool):
        yield problem("playbook_choice", file=file, play=where, part="asks_why", found=repr(play["asks_why"]),
                      known="true, false")  # fmt: skip
    if play.get("recovers") and not _is_range(play["recovers"]):
        yield problem("playbook_range", file=file, play=where, found=repr(play["recovers"]))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, Mapping)
        and set(value) == set(words.LANGUAGES)
        and all(isinstance(v, str) for v in value.values())
    )


def _is_range(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value)
    return numbers and 0 <= value[0] <= value[1] <= 1


def _row(play: Mapping[str, Any]) -> tuple[Any, ...]:
    low, high = (float(v) for v in play["recovers"])
    plain = (play["id"], play["problem"], _text(play["action"]), _text(play["resources"]), play["owner"])
    return (*plain, play["effort"], low, high, play.get("where", ""), play.get("asks_why", False),
            play.get("needs", ""))  # fmt: skip


def _text(value: str | Mapping[str, str]) -> str:
    return value if isinstance(value, str) else words.both(value["en"], value["zh"])
