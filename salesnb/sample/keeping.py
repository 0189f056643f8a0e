"""Tables that people of the company keep: spend, market, needs, actions, trainings, objectives, whys and the like."""

from datetime import date

import pandas as pd

from salesnb.sample import days
from salesnb.sample.company import active, place
from salesnb.sample.demand import Demand, level
from salesnb.sample.planted import CROSS_SELL
from salesnb.sample.words import book, person, say

MARKET_SHARE = {"south": 0.11, "north": 0.14, "northeast": 0.08, "east": 0.10, "southwest": 0.09, "northwest": 0.12,
                "central": 0.07}  # fmt: skip
SPEND = {"direct": (("travel", 260_000), ("fair", 120_000)), "online": (("ads", 60_000),),
         "distributor": (("rebate", 90_000),)}  # fmt: skip


def tables(seed: int, demand: Demand, lang: str) -> dict[str, pd.DataFrame]:
    """Return the small tables by name, as text."""
    return {
        "spend": _spend(seed, lang),
        "market": _market(demand, lang),
        "needs": _needs(lang),
        "actions": _actions(lang),
        "trainings": _trainings(seed, lang),
        "okrs": _okrs(lang),
        "whys": _whys(lang),
        "overrides": _overrides(lang),
        "issued": _issued(lang),
    }


def _spend(seed: int, lang: str) -> pd.DataFrame:
    draws = days.random(seed, "spend")
    rows = []
    for month in days.seen():
        for channel, kinds in SPEND.items():
            for kind, usual in kinds:
                extra = 60_000 if kind == "ads" and "2025-04" <= month <= "2025-06" else 0
                amount = round(usual * float(draws.lognormal(0, 0.12)) / 100) * 100 + extra
                texts = say("channels", channel, lang), say("spend_kinds", kind, lang)
                rows.append((f"{month}-28", *texts, f"{amount}.00"))
    return pd.DataFrame(rows, columns=["spend_date", "channel", "kind", "amount"])


def _market(demand: Demand, lang: str) -> pd.DataFrame:
    orders = demand.orders[~demand.orders["gone"]]
    lines = demand.lines.assign(amount=demand.lines["unit"] * demand.lines["quantity"])
    joined = lines.join(orders[["rep", "date", "month"]], on="order", how="inner")
    joined = joined[joined["month"].between("2023-07", "2024-12")]
    regions = [place(rep, day).region for rep, day in zip(joined["rep"], joined["date"], strict=True)]
    joined = joined.assign(region=regions, amount=joined["amount"] / 150)
    a_year = joined.groupby(["region", "line"], as_index=False)["amount"].sum().to_numpy()
    rows = []
    for year, growth in ((2023, 1.0), (2024, 1.05), (2025, 1.10)):
        for region, line, amount in a_year:
            size = round(amount * growth / MARKET_SHARE[region] / 100_000) * 100_000
            rows.append((str(year), say("regions", region, lang), say("lines", line, lang), f"{size}.00"))
    return pd.DataFrame(rows, columns=["period", "region", "product_line", "market_size"])


def _needs(lang: str) -> pd.DataFrame:
    rows = []
    for need in book("register")["needs"]:
        for answer in range(10):
            met = ("是" if lang == "zh" else "yes") if answer < need["met"] * 10 else ("否" if lang == "zh" else "no")
            rows.append((say("types", need["type"], lang), need["need"][lang], need["strategy"][lang], met))
    return pd.DataFrame(rows, columns=["customer_type", "need", "strategy", "met"])


def _actions(lang: str) -> pd.DataFrame:
    words = {"open": "进行中", "done": "已完成", "blocked": "受阻"}
    rows = []
    for action in book("register")["actions"]:
        rows.append({
            "action_id": action["id"], "team": say("teams", action["team"], lang), "period": action["period"],
            "problem": action["problem"][lang], "action": action["action"][lang],
            "owner": person(action["owner"], lang),
            "start_date": str(action["start"]), "due_date": str(action["due"]), "resources": action["resources"][lang],
            "expected_effect": f"{action['effect']}.00",
            "status": words[action["status"]] if lang == "zh" else action["status"],
            "progress": f"{action['progress']:.0%}",
        })  # fmt: skip
    return pd.DataFrame(rows)


def _trainings(seed: int, lang: str) -> pd.DataFrame:
    draws = days.random(seed, "trainings")
    rows = []
    for training in book("register")["trainings"]:
        group = CROSS_SELL if training["team"] == "cross-sell" else active(training["team"], training["date"])
        for rep in group:
            came = bool(draws.random() < 0.9) or training["team"] == "cross-sell"
            score = str(int(draws.integers(62, 99)))
            texts = ("是" if came else "否") if lang == "zh" else ("yes" if came else "no")
            rows.append(
                (str(training["date"]), training["topic"][lang], person(rep, lang), texts, score if came else "")
            )
    return pd.DataFrame(rows, columns=["training_date", "topic", "rep", "attended", "score"])


def _okrs(lang: str) -> pd.DataFrame:
    rows = [
        ("2025", say("teams", o["team"], lang), o["objective"][lang], o["key_result"][lang], o["metric"],
         str(o["baseline"]), str(o["target"]), person(o["owner"], lang), "2025-12-31")
        for o in book("register")["okrs"]
    ]  # fmt: skip
    columns = ["period", "team", "objective", "key_result", "metric", "baseline", "target", "owner", "deadline"]
    return pd.DataFrame(rows, columns=columns)


def _whys(lang: str) -> pd.DataFrame:
    rows = [
        (str(w["date"]), say("teams", w["team"], lang), w["problem"][lang], str(w["step"]), w["answer"][lang],
         person(w["author"], lang))
        for w in book("register")["whys"]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["answered_on", "team", "problem", "step", "answer", "author"])


def _overrides(lang: str) -> pd.DataFrame:
    texts = ({"en": "new depot opens", "zh": "新仓库启用"}, {"en": "two plants are rebuilt", "zh": "两座工厂改造"})
    teams = ("south", "west")
    rows = [
        ("2025-10", "team", say("teams", team, lang), weight, text[lang])
        for team, weight, text in zip(teams, ("1.05", "0.97"), texts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["period", "dimension", "member", "weight", "reason"])


def _issued(lang: str) -> pd.DataFrame:
    """Write down the team's targets as the pages of July and August gave them."""
    rows = []
    for month, day in (("2025-07", date(2025, 8, 4)), ("2025-08", date(2025, 9, 3))):
        for team, facts in book("company")["teams"].items():
            value = f"{level(team, month) * facts['stretch']:.0f}"
            rows.append((str(day), month, say("teams", team, lang), "verdict", "target", "", value))
    return pd.DataFrame(rows, columns=["issued_on", "period", "team", "finding", "metric", "dims", "value"])
