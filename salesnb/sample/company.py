"""Who sells, what is sold, and to whom: roster, products, customers and their owners over time."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import numpy as np

from salesnb.sample import days
from salesnb.sample.words import book

LOST_ACCOUNT = 7
"""Number of the South's largest account, which stops buying."""
DISTRIBUTOR_SHARE = {"east": 0.0, "key": 0.0}
DISTRIBUTORS = {"east": 12}
"""Per team, how many of its first customers are distributors for certain, who call off every few days."""
CALL_OFF = (85_000.0, 13.0, 18.0)
"""What a distributor calls off in CNY, and the least and the most days between two call-offs."""
OFTEN = (10_500.0, 3.0, 4.0)
"""The same where it calls off every few days."""
SIZES = {"top": (105_000.0, 0.35), "mid": (42_000.0, 0.45), "small": (15_000.0, 0.55)}
CYCLES = {"top": (14.0, 27.0), "mid": (30.0, 60.0), "small": (45.0, 120.0)}
RESTLESS = {"east": 2.2}
"""Teams whose customers leave that many times as often."""
CHURN = {"top": 0.02, "mid": 0.15, "small": 0.28}
DISCOUNT = {"top": 0.15, "mid": 0.08, "small": 0.03}
LOYAL = 350.0
"""Customers who buy for more CNY a day than this do not leave by themselves."""
BRISK = {"south": 1.6, "east": 1.9}
"""Teams whose customers buy that many times as often, and so much less each time."""
TENDERS = {"west": ("Ma Xiaolong", 8)}
"""Per team the rep who serves its contractors, and how many there are: they put all they buy out to tender."""
STARTERS = {"south": 28}
"""Per team: all but one in so many new customers begin with a set of pumps, or of valves."""
OTHER_SETS = 7
"""One in so many of these begins with valves."""


@dataclass(frozen=True)
class Stint:
    """One rep in one team and region, from a day to a day, both included; None is open."""

    rep: str
    team: str
    region: str
    start: date | None
    end: date | None

    def holds(self, day: date) -> bool:
        """Tell whether the rep was there on a day."""
        return (self.start or date.min) <= day <= (self.end or date.max)


@cache
def stints() -> tuple[Stint, ...]:
    """All stints of the roster, in its order."""
    made = []
    for rep, entry in book("roster")["reps"].items():
        for team, region, start, end in entry["stints"]:
            made.append(Stint(rep, team, region, _day(start), _day(end)))
    return tuple(made)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def active(team: str, day: date) -> list[str]:
    """Reps of a team on a day, in the roster's order."""
    return [s.rep for s in stints() if s.team == team and s.holds(day)]


def place(rep: str, day: date) -> Stint:
    """Return where a rep was on a day; KeyError when nowhere."""
    for stint in stints():
        if stint.rep == rep and stint.holds(day):
            return stint
    raise KeyError(f"{rep} on {day}")


@dataclass
class Customer:
    """A customer with its habits. ``arrival`` and ``leaves`` are in days of business, see `days.weights`."""

    number: int
    team: str
    type: str
    channel: str
    industry: str
    en: str
    zh: str
    size: float
    cycle: float
    discount: float
    mix: np.ndarray
    arrival: float | None
    leaves: float
    tags: list[str] = field(default_factory=list)
    owners: list[tuple[date, str]] = field(default_factory=list)
    """Since when which rep looks after it."""
    habit: str = ""
    """``contract``: calls off even amounts at even intervals; ``tender``: so does, deal by deal; ``starter``: begins
    with a set of pumps; blank: buys as it likes."""

    def name(self, lang: str) -> str:
        """Name as the files write it: in English files one in six stands under its Chinese name."""
        return self.zh if lang == "zh" or self.number % 6 == 5 else self.en

    def owner(self, day: date) -> str:
        """Rep who looks after the customer on a day."""
        return [rep for since, rep in self.owners if since <= day][-1]


def customers(seed: int) -> list[Customer]:
    """Draw all customers: those there at the start, then the arrivals, team by team."""
    made: list[Customer] = []
    spellings = _spellings(seed)
    for team, facts in book("company")["teams"].items():
        there = [None] * int(facts["initial"])
        for turn, arrival in enumerate([*there, *_arrivals(seed, team, facts["arrivals"])]):
            habit = _habit(team, turn, turn - len(there))
            made.append(_settled(_customer(seed, len(made), team, arrival, spellings), habit, seed))
    _assign(seed, made)
    return made


def _arrivals(seed: int, team: str, a_month: float) -> list[float | None]:
    draws = days.random(seed, "arrivals", team)
    even = 100 if team in STARTERS else 9
    gaps = draws.gamma(even, 1 / even, 1000) * 30.4 / a_month
    at = np.cumsum(gaps)
    return [float(t) for t in at if t < len(days.days())]


def _spellings(seed: int) -> dict[str, list[tuple[str, str]]]:
    parts = book("company")["names"]
    draws = days.random(seed, "names")
    lists = {}
    for industry, trades in parts["trades"].items():
        every = [(p, w, t) for p in parts["places"] for w in parts["words"] for t in trades]
        order = draws.permutation(len(every))
        lists[industry] = [_spell(every[i], parts["forms"]) for i in order]
    return lists


def _spell(parts: tuple[list[str], ...], form: dict[str, str]) -> tuple[str, str]:
    place, word, trade = parts
    return f"{place[0]} {word[0]} {trade[0]} {form['en']}", f"{place[1]}{word[1]}{trade[1]}{form['zh']}"


def _customer(
    seed: int, number: int, team: str, arrival: float | None, spellings: dict[str, list[tuple[str, str]]]
) -> Customer:
    draws = days.random(seed, "customer", number)
    kind, channel = _kind(draws, team, arrival)
    median, spread = SIZES[kind]
    size = median * float(draws.lognormal(0, spread))
    cycle = float(draws.uniform(*CYCLES[kind]))
    industry = str(draws.choice(list(book("company")["industries"])))
    en, zh = spellings[industry].pop()
    mix = draws.dirichlet(np.array(book("company")["teams"][team]["mix"]) * 4)
    leaves = (arrival or 0.0) + float(draws.exponential(365 / CHURN[kind])) / RESTLESS.get(team, 1.0)
    tags = [str(t) for t in draws.choice(list(book("company")["tags"]), int(draws.integers(0, 3)), replace=False)]
    return Customer(
        number, team, kind, channel, industry, en, zh, size, cycle,
        DISCOUNT[kind] + float(draws.uniform(-0.03, 0.03)), mix, arrival, leaves, sorted(tags),
    )  # fmt: skip


def _habit(team: str, turn: int, arrived: int) -> str:
    """Return how the customer of a turn buys; ``arrived`` counts those who came later, negative for the others."""
    if turn < TENDERS.get(team, ("", 0))[1]:
        return "tender"
    if turn < DISTRIBUTORS.get(team, 0):
        return "contract"
    return "starter" if arrived >= 0 and team in STARTERS and (arrived + 1) % STARTERS[team] else ""


def _settled(made: Customer, habit: str, seed: int) -> Customer:
    """Return a customer with what its habit makes of it."""
    draws = days.random(seed, "habit", made.number)
    if habit == "tender":
        made.type, made.channel, made.habit = "mid", "direct", habit
        made.size, made.cycle, made.leaves = 25_000 * float(draws.lognormal(0, 0.1)), 11.5, 1e9
    elif habit == "starter":
        other = made.number % OTHER_SETS == 0
        made.type, made.channel, made.habit = "mid" if draws.random() < 0.6 else "small", "direct", habit
        made.size, made.cycle = 6_000 * float(draws.lognormal(0, 0.4)), float(draws.uniform(120.0, 240.0))
        made.mix = np.array([0.80, 0.08, 0.06, 0.06] if other else [0.08, 0.80, 0.06, 0.06])
        made.leaves = (made.arrival or 0.0) + float(draws.exponential(150))
    elif made.number == LOST_ACCOUNT:
        made.type, made.channel, made.habit = "top", "direct", "contract"
        made.size, made.cycle, made.leaves = 28_000.0, 2.4, 1e9
    elif made.channel == "distributor" or habit == "contract":
        size, fastest, slowest = OFTEN if habit else CALL_OFF
        made.type, made.channel, made.habit, made.leaves = "mid", "distributor", "contract", 1e9
        made.size, made.cycle = size * float(draws.lognormal(0, 0.2)), float(draws.uniform(fastest, slowest))
    elif made.size / made.cycle > LOYAL:
        made.leaves = 1e9
    if not made.habit and made.team in BRISK and made.type != "top":
        made.size, made.cycle = made.size / BRISK[made.team], made.cycle / BRISK[made.team]
    if made.team in STARTERS and habit != "starter" and made.arrival is not None:
        made.mix = np.array([0.44, 0.06, 0.34, 0.16])
    return made


def _kind(draws: np.random.Generator, team: str, arrival: float | None) -> tuple[str, str]:
    if team == "key":
        return "top", "direct"
    kind = str(draws.choice(["top", "mid", "small"], p=[0.08, 0.40, 0.52] if arrival is None else [0.03, 0.57, 0.40]))
    u = float(draws.random())
    if kind == "mid" and arrival is None and u < DISTRIBUTOR_SHARE.get(team, 0.10) / 0.40:
        return kind, "distributor"
    share = {"small": 0.5, "mid": 0.0 if team == "south" else 0.1}.get(kind, 0.0)
    return kind, "online" if u > 1 - share else "direct"


def _assign(seed: int, made: list[Customer]) -> None:
    """Give the largest customers first, each to the rep with the least to do; later hand over as reps come and go."""
    load: dict[str, float] = {}
    for customer in sorted(made, key=lambda c: (c.arrival is not None, -c.size / c.cycle)):
        draws = days.random(seed, "owner", customer.number)
        since = days.FIRST if customer.arrival is None else date_of(customer.arrival, customer.channel == "online")
        reps = _free(customer.team, since)
        if customer.arrival is None:
            owner = min(reps, key=lambda r: load.get(r, 0.0) / _weight(seed, r))
            load[owner] = load.get(owner, 0.0) + customer.size / customer.cycle
        else:
            owner = _pick(seed, draws, reps, "")
        if customer.habit == "tender":
            owner = TENDERS[customer.team][0]
        customer.owners.append((days.FIRST, owner))
        _hand_over(seed, draws, customer, since)


def _free(team: str, day: date) -> list[str]:
    """Reps of a team on a day who serve any customer, not contractors alone."""
    return [rep for rep in active(team, day) if rep != TENDERS.get(team, ("", 0))[0]]


def _hand_over(seed: int, draws: np.random.Generator, customer: Customer, since: date) -> None:
    changes = _changes(customer.team)
    for (change, joins), (following, _) in zip(changes, (*changes[1:], (days.HORIZON, "")), strict=True):
        if change <= since:
            continue
        there = _free(customer.team, change)
        if customer.habit == "tender":
            continue
        if customer.owners[-1][1] not in there:
            customer.owners.append((change, _pick(seed, draws, there, joins)))
        elif joins and draws.random() < 0.6 / len(there) and customer.habit not in ("contract", "tender"):
            wait = int(draws.integers(0, min(120, (following - change).days)))
            customer.owners.append((change + timedelta(days=wait), joins))


@cache
def skill(seed: int, rep: str) -> float:
    """Return how good a rep is, 1 on average: it shows in the win rate and in the accounts a rep is trusted with."""
    return float(np.exp(days.random(seed, "skill", rep).normal(0, 0.16)))


def _weight(seed: int, rep: str) -> float:
    return float(book("roster")["reps"][rep].get("weight", 1.0)) * skill(seed, rep)


def _pick(seed: int, draws: np.random.Generator, reps: list[str], joins: str) -> str:
    weight = np.array([_weight(seed, r) * (3.0 if r == joins else 1.0) for r in reps])
    return str(draws.choice(reps, p=weight / weight.sum()))


@cache
def _changes(team: str) -> tuple[tuple[date, str], ...]:
    """Days on which a team changed, with the rep who joined on that day, if any."""
    joined = {s.start: s.rep for s in stints() if s.team == team and s.start and s.start > days.FIRST}
    left = {s.end + timedelta(days=1) for s in stints() if s.team == team and s.end and s.end > days.FIRST}
    return tuple((day, joined.get(day, "")) for day in sorted(left | set(joined)))


@cache
def _business(online: bool) -> np.ndarray:
    return np.cumsum(days.weights(online))


def date_of(business: float, online: bool) -> date:
    """Return the day on which that many days of business have passed."""
    at = int(np.searchsorted(_business(online), business))
    return days.days()[min(at, len(days.days()) - 1)]
