"""The answer key: what was planted, when, how large, and what dirt lies in which file. Tests read it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from salesnb.sample import days, money
from salesnb.sample.company import active
from salesnb.sample.demand import Demand, level
from salesnb.sample.dirt import QUARANTINED, Soiled
from salesnb.sample.planted import ALL, EFFECTS, PROBLEMS, STRATEGIES, Effect, sales
from salesnb.sample.tables import Clean
from salesnb.sample.words import book, person, say

SECTIONS = {"team": "teams", "region": "regions", "channel": "channels", "product_line": "lines",
            "customer_type": "types"}  # fmt: skip
BAD = (*QUARANTINED, "number_unreadable")


def answer_key() -> dict[str, Any]:
    """Return the answer key of the committed sample company."""
    inside = Path(__file__).parents[2] / "data" / "sample" / "answer_key.json"
    if not inside.is_file():
        raise FileNotFoundError("data/sample/answer_key.json: write the sample company first")
    return dict(json.loads(inside.read_text(encoding="utf-8")))


def answers(seed: int, clean: Clean, soiled: Soiled, files: Mapping[str, str], lang: str) -> dict[str, Any]:
    """Return the answer key of a written company as plain values; money in CNY."""
    demand = clean.demand
    return {
        "seed": seed,
        "first_day": str(days.FIRST),
        "last_day": str(days.LAST),
        "teams": [say("teams", team, lang) for team in book("company")["teams"]],
        "problems": [_effect(seed, demand, effect, lang) for effect in PROBLEMS],
        "strategies": _strategies(seed, demand, lang),
        "quiet": _quiet(lang),
        "no_problem": _quiet(lang, problems_only=True),
        "sales": _totals(clean, lang),
        "dirt": {name: _dirt(name, soiled, files[name]) for name in files},
    }


def _effect(seed: int, demand: Demand, effect: Effect, lang: str) -> dict[str, Any]:
    until = min(effect.until, f"{days.LAST:%Y-%m}")
    made = {
        "id": effect.id,
        "team": say("teams", effect.team, lang),
        "dims": _dims(demand, effect, lang),
        "since": effect.since,
        "until": until,
        "driver": effect.driver,
        "size": effect.size,
    }
    if effect.driver == "collection":
        return made | {"late_by_month": _late(seed, demand, effect)}
    losses = lost(demand, effect)
    share = {m: round(v / _target(effect.team, m), 4) for m, v in losses.items() if effect.team}
    return made | {"lost_by_month": losses, "share_of_target": share, **_in_slice(demand, effect)}


def _dims(demand: Demand, effect: Effect, lang: str) -> dict[str, str]:
    made = {"team": say("teams", effect.team, lang)} if effect.team else {}
    for name, value in effect.dims:
        if name == "customer":
            made[name] = demand.customers[int(value)].name(lang)
        elif name == "rep":
            made[name] = "|".join(person(rep, lang) for rep in value.split("|"))
        else:
            made[name] = say(SECTIONS[name], value, lang) if name in SECTIONS else value
    return made


def _target(team: str, month: str) -> float:
    return level(team, month) * float(book("company")["teams"][team]["stretch"])


def lost(demand: Demand, effect: Effect) -> dict[str, float]:
    """Return the CNY an effect took by month: the world without it minus the world as it is. Gains are negative."""
    without = money.counted(sales(demand, ALL - {effect.id})).groupby("month")["amount"].sum()
    actual = money.counted(sales(demand, ALL)).groupby("month")["amount"].sum()
    difference = without.subtract(actual, fill_value=0)
    return {str(m): float(v) / 100 for m, v in difference.items() if v}


def _in_slice(demand: Demand, effect: Effect) -> dict[str, Any]:
    """For new customers: what their first month alone would have brought, and how many did not come."""
    if effect.driver != "new_customers":
        return {}
    before = money.counted(sales(demand, ALL - {effect.id}))
    gone = before[~before["order"].isin(set(sales(demand, ALL)["order"]))]
    begin = before[before["first"]].groupby("customer")["month"].first()
    first = gone[gone["customer"].map(begin) == gone["month"]]
    return {
        "lost_in_first_month": {m: float(v) / 100 for m, v in first.groupby("month")["amount"].sum().items()},
        "customers_not_won": {m: int(v) for m, v in first.groupby("month")["customer"].nunique().items()},
        "customers_without_effect": _new_pumps(before),
        "customers_with_effect": _new_pumps(money.counted(sales(demand, ALL))),
    }


def _new_pumps(lines: pd.DataFrame) -> dict[str, int]:
    new = lines[lines["first"] & (lines["team"] == "south") & (lines["line"] == "pumps")]
    counts = new.groupby("month")["customer"].nunique()
    return {str(m): int(counts.get(m, 0)) for m in days.seen()[-6:]}


def _late(seed: int, demand: Demand, effect: Effect) -> dict[str, float]:
    actual = money.collected_in_time(money.receipts(seed, demand))
    without = money.collected_in_time(money.receipts(seed, demand, ALL - {effect.id}))
    difference = (without - actual).loc[effect.team]
    return {str(m): float(v) / 100 for m, v in difference.items() if v and m <= f"{days.LAST:%Y-%m}"}


def _strategies(seed: int, demand: Demand, lang: str) -> list[dict[str, Any]]:
    """Every action of the register: which treated group, and what it truly brought a month (0: nothing)."""
    made = []
    for action in book("register")["actions"]:
        row: dict[str, Any] = {"action_id": action["id"], "team": say("teams", action["team"], lang)}
        since = f"{action['start']:%Y-%m}"
        if action["strategy"]:
            effect = EFFECTS[action["strategy"]]
            row |= _effect(seed, demand, effect, lang) | {"team": row["team"], "worked": True}
            for name in ("lost_by_month", "late_by_month"):
                if name in row:
                    row["gained_by_month"] = {m: -v for m, v in row.pop(name).items()}
            row.pop("share_of_target", None)
        else:
            row |= {"since": since, "worked": False, "gained_by_month": {}}
        row["treated_reps"] = _treated(action, lang)
        row["too_early"] = since >= "2025-08"
        made.append(row)
    return made


def _treated(action: Mapping[str, Any], lang: str) -> list[str]:
    effect = EFFECTS.get(action["strategy"])
    if effect and effect.dims and effect.dims[0][0] == "rep":
        return [person(rep, lang) for rep in effect.dims[0][1].split("|")]
    return [person(rep, lang) for rep in active(action["team"], action["start"])]


def _quiet(lang: str, problems_only: bool = False) -> dict[str, list[str]]:
    """Months in which nothing was planted on a team: neither problem nor working strategy."""
    made = {}
    for team in book("company")["teams"]:
        effects = [e for e in PROBLEMS + (() if problems_only else STRATEGIES) if _touches(e, team)]
        months = [m for m in days.seen() if not any(e.since <= m <= e.until for e in effects)]
        made[say("teams", team, lang)] = months
    every = [m for m in days.seen() if all(m in months for months in made.values())]
    return {**made, "all": every}


def _touches(effect: Effect, team: str) -> bool:
    return effect.team in ("", team)


def _totals(clean: Clean, lang: str) -> dict[str, dict[str, float]]:
    counted = clean.lines[~clean.lines["cancelled"]].groupby(["team", "month"])["amount"].sum()
    return {
        say("teams", team, lang): {m: float(v) / 100 for m, v in counted[team].items()}
        for team in book("company")["teams"]
    }


def _dirt(name: str, soiled: Soiled, file: str) -> dict[str, Any]:
    kinds = soiled.counts.get(name, {})
    bad = sum(kinds.get(kind, 0) for kind in BAD)
    read, twice = len(soiled.tables[name]), kinds.get("exact_duplicate", 0)
    return {
        "file": file,
        "rows_read": read,
        "rows_accepted": read - bad - twice,
        "rows_quarantined": bad,
        "rows_duplicate": twice,
        "kinds": dict(sorted(kinds.items())),
    }
