"""Change the input in a way whose effect on every fact is known, run all stages, and name what moved otherwise.

Run ``python -m tools.relations [--only WORD ...] [--data DIR --settings FILE] [--period P]``. Without ``--data`` on the
sample company. Exit code 1 where a relation does not hold. It takes some minutes; ``tests/journey/test_relations.py``
holds the same relations on a company small enough for seconds.
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from salesnb.schema import table
from tools.companies import Company, company_of, write, write_table
from tools.every_fact import Key, Told, every_fact
from tools.judging import (
    PROPOSED,
    Asked,
    compared,
    equal,
    not_of,
    same,
    shown,
    sold,
    sound,
    totals,
    totals_of_lines,
    without,
)


@dataclass(frozen=True)
class Relation:
    """A change of a company and what it may do to facts.

    ``change`` returns the changed company, None where the company has nothing to change; ``write`` writes it where
    plain files will not do; ``judge`` returns what moved otherwise. ``base`` makes the company that the changed one is
    compared with, where that is not the one as it is; ``after`` gives who is asked for when it is changed.
    """

    name: str
    change: Callable[[Company, Asked], Company | None]
    judge: Callable[[Told, Told, Company, Asked], list[str]]
    write: Callable[[Company, Path], None] | None = None
    base: Callable[[Company], Company] | None = None
    after: Callable[[Asked], Asked] | None = None


# -- changes


def _half_the_roster(company: Company, asked: Asked) -> Company | None:
    if "reps" not in company.tables:
        return None
    reps = company.tables["reps"]
    names = sorted(set(reps["rep"]))
    return company.with_tables(reps=reps[reps["rep"].isin(names[::2])])


def _team_of_one_rep_blank(company: Company, asked: Asked) -> Company | None:
    """Take one rep out of the roster, which alone says the team."""
    if "reps" not in company.tables or "rep" not in company.tables.get("orders", ()):
        return None
    reps = company.tables["reps"]
    names = sorted(set(reps["rep"]))
    return company.with_tables(reps=reps[reps["rep"] != names[0]])


_DAY = "a day of the period"


def _stranger(name: str, **cells: str) -> Callable[[Company, Asked], Company | None]:
    def change(company: Company, asked: Asked) -> Company | None:
        if name not in company.tables:
            return None
        rows = company.tables[name]
        given = {c: f"{asked.period}-10" if v == _DAY else v for c, v in cells.items()}
        own = dict.fromkeys(rows.columns, "") | {c: v for c, v in given.items() if c in rows.columns}
        return company.with_tables(**{name: pd.concat([rows, pd.DataFrame([own])], ignore_index=True)})

    return change


def _without_table(name: str) -> Callable[[Company, Asked], Company | None]:
    def change(company: Company, asked: Asked) -> Company | None:
        return company.with_tables(**{name: None}) if name in company.tables else None

    return change


def _half_blank(name: str, column: str) -> Callable[[Company, Asked], Company | None]:
    def change(company: Company, asked: Asked) -> Company | None:
        if column not in company.tables.get(name, ()):
            return None
        rows = company.tables[name].copy()
        rows.loc[rows.index % 2 == 0, column] = ""
        return company.with_tables(**{name: rows})

    return change


def _shuffled(company: Company, asked: Asked) -> Company | None:
    return Company({n: t.sample(frac=1, random_state=7) for n, t in company.tables.items()}, company.settings)


def _unchanged(company: Company, asked: Asked) -> Company | None:
    return company


def _renamed(company: Company, asked: Asked) -> Company | None:
    changed = {
        name: rows.assign(**{c: rows[c].where(rows[c] == "", "N " + rows[c]) for c in _PERSONS if c in rows.columns})
        for name, rows in company.tables.items()
    }
    return Company(changed, company.settings)


_PERSONS = ("rep", "manager")


def _money_times_ten(company: Company, asked: Asked) -> Company | None:
    changed = {}
    for name, rows in company.tables.items():
        money = [c.name for c in table(name).columns.values() if c.type == "money" and c.name in rows.columns]
        new = rows.assign(**{c: [_times_ten(v) for v in rows[c]] for c in money})
        if name == "targets":
            of_money = ~new.get("metric", pd.Series("sales", new.index)).isin(_NO_MONEY)
            new["amount"] = [_times_ten(v) if m else v for v, m in zip(new["amount"], of_money, strict=True)]
        changed[name] = new
    return Company(changed, company.settings)


_NO_MONEY = frozenset(
    name for name in ("new_customers", "collection_rate", "win_rate", "orders", "customers", "repurchase_rate")
)


def _times_ten(value: str) -> str:
    from decimal import Decimal

    return str(Decimal(value) * 10) if value else ""


def _money_judged(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """Money is ten times as large, all else and every light stays."""
    units = before.units
    found = compared(
        before,
        after,
        only=lambda k: k[0] != "intake",
        # A problem that is sized in money is worth 1 for each of its money, whatever the money is.
        times=lambda k: 10.0 if units.get(k) == "money" and (k[2], before.facts[k]) != ("worth", 1.0) else 1.0,
    )
    lights = [f"light of {k}: {before.lights[k]} -> {after.lights.get(k)}" for k in before.lights
              if after.lights.get(k) != before.lights[k]]  # fmt: skip
    return found + lights


def _far_dates(company: Company, asked: Asked) -> Company | None:
    """Add one row of 2052 and one of 1925 to what happened."""
    name = "orders" if "orders" in company.tables else "opportunities"
    rows = company.tables[name]
    column = "order_date" if name == "orders" else "close_date"
    ids = "order_id" if name == "orders" else "opportunity_id"
    first = rows[rows["status"] == "won"].iloc[0] if "status" in rows else rows.iloc[0]
    far = [first.to_dict() | {column: day, ids: f"FAR{i}"} for i, day in enumerate(("2052-03-04", "1925-03-04"))]
    far = [row | ({"created_date": ""} if "created_date" in row else {}) for row in far]
    return company.with_tables(**{name: pd.concat([rows, pd.DataFrame(far)], ignore_index=True)})


def _idle_rep(company: Company, asked: Asked) -> Company | None:
    if "reps" not in company.tables:
        return None
    reps = company.tables["reps"]
    own = dict.fromkeys(reps.columns, "") | {"rep": "Zz Idle", "team": reps["team"].iloc[0]}
    return company.with_tables(reps=pd.concat([reps, pd.DataFrame([own])], ignore_index=True))


def _targets_of_one_rep(company: Company, asked: Asked) -> Company | None:
    targets = company.tables.get("targets")
    if targets is None or "rep" not in targets:
        return None
    own = targets[(targets["rep"] != "") & (targets.get("metric", "sales") == "sales")]
    own = own[own["period"] == asked.period]
    if own.empty:
        return None
    return company.with_tables(targets=own[own["rep"] == own["rep"].iloc[0]])


def _covered(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """Attainment is that of the rep's own sales; ``covered`` says how small a share they are."""
    found = sound(after)
    key: Key = ("review", "verdict", "attainment", "")
    covered = after.facts.get(("review", "verdict", "covered", ""))
    sales, target = (after.facts.get(("review", "verdict", m, "")) for m in ("sales", "target"))
    if covered is None or not 0 <= covered < 1:
        found.append(f"covered is {covered}")
    elif sales and target and not same(after.facts[key], covered * sales / target):
        found.append(f"{shown(key)} is {after.facts[key]}, of what is covered it is {covered * sales / target}")
    if not same(before.facts.get(("review", "verdict", "sales", "")), sales):
        found.append("sales moved")
    return found


def _second_currency(company: Company, asked: Asked) -> Company | None:
    name = "orders" if "orders" in company.tables else "opportunities"
    rows = company.tables[name].assign(Currency=_currency(company))
    other = rows.iloc[: max(3, len(rows) // 50)].assign(Currency="JPY")
    ids = "order_id" if name == "orders" else "opportunity_id"
    other = other.assign(**{ids: [f"J{i}" for i in range(len(other))]})
    return company.with_tables(**{name: pd.concat([rows, other], ignore_index=True)})


def _currency(company: Company) -> str:
    return company.settings.split('currency = "')[1].split('"')[0]


def _all_won(company: Company, asked: Asked) -> Company | None:
    deals = company.tables.get("opportunities")
    if deals is None:
        return None
    return company.with_tables(opportunities=deals[deals["status"] != "lost"])


def _no_rate(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """Without any lost deal no win rate is known."""
    rates = [k for k, v in after.facts.items() if k[2] == "win_rate" and v is not None]
    rates += [k for k, v in after.facts.items() if "kpi=win_rate" in k[3] and k[2] == "actual" and v is not None]
    return sound(after) + [f"{shown(k)} is {after.facts[k]}" for k in sorted(rates)]


def _log_from_the_middle(company: Company, asked: Asked) -> Company | None:
    log = company.tables.get("activities")
    if log is None:
        return None
    days = sorted(d for d in log["activity_date"] if d.startswith(asked.period))
    return company.with_tables(activities=log[log["activity_date"] >= days[len(days) // 2]]) if days else None


def _by_day_stays(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """What is done a day is that of the watched days: about what it was, nowhere near the half."""
    key: Key = ("diagnosis", "process", "calls_per_day", "")
    old, new = before.facts.get(key), after.facts.get(key)
    wrong = old is not None and new is not None and not 0.75 * old <= new <= 1.33 * old
    return sound(after) + ([f"{shown(key)}: {old} -> {new}"] if wrong else [])


# -- ways of writing


def _in_two_files(company: Company, folder: Path, *, overlap: int = 0) -> None:
    write(company, folder)
    name = "orders" if "orders" in company.tables else "opportunities"
    rows = company.tables[name]
    (folder / f"{name}.csv").unlink()
    middle = len(rows) // 2
    write_table(name, rows.iloc[: middle + overlap], folder / f"{name}_1.csv")
    write_table(name, rows.iloc[middle:], folder / f"{name}_2.csv")


def _overlapping(company: Company, folder: Path) -> None:
    _in_two_files(company, folder, overlap=max(5, len(company.tables.get("orders", ())) // 4))


def _with_notes_sheet(company: Company, folder: Path) -> None:
    write(company, folder)
    name = "targets" if "targets" in company.tables else "customers" if "customers" in company.tables else "reps"
    if name not in company.tables:
        return
    (folder / f"{name}.csv").unlink()
    known = table(name).columns
    rows = company.tables[name].rename(columns={c: known[c].en[0] for c in company.tables[name].columns})
    with pd.ExcelWriter(folder / f"{name}.xlsx") as book:
        rows.to_excel(book, sheet_name="Data", index=False)
        pd.DataFrame({"Filled in by sales": ["to be updated on the 3rd"]}).to_excel(
            book, sheet_name="Notes", index=False
        )


def _in_another_notation(company: Company, folder: Path) -> None:
    changed = {}
    for name, rows in company.tables.items():
        money = [c.name for c in table(name).columns.values() if c.type == "money" and c.name in rows.columns]
        changed[name] = rows.assign(**{c: [_european(v) for v in rows[c]] for c in money})
    write(Company(changed, company.settings), folder)


def _european(value: str) -> str:
    if not value:
        return ""
    whole, _, part = f"{float(value):,.4f}".partition(".")
    return whole.replace(",", ".") + "," + part


# -- a year of 52 weeks earlier

_A_MONDAY = date(2010, 1, 4)


def _on_years_of_52_weeks(company: Company) -> Company:
    """Return the company on a calendar of 4, 4 and 5 weeks without holidays, where all years are alike."""
    if "calendar" in company.tables:
        return company
    rules = re.sub(r"^(holidays|workdays) = .*$", r"\1 = []", company.settings, flags=re.MULTILINE)
    spans = {"year": [52], "quarter": [13] * 4, "month": [4, 4, 5] * 4, "week": [1] * 52}
    rows = []
    for place, level, weeks in ((n, level, weeks) for n in range(20) for level, weeks in spans.items()):
        start = _A_MONDAY + timedelta(days=364 * place)
        for number, length in enumerate(weeks, 1):
            end = start + timedelta(days=7 * length - 1)
            rows.append([level, str(_A_MONDAY.year + place), str(number), start.isoformat(), end.isoformat()])
            start = end + timedelta(days=1)
    calendar = pd.DataFrame(rows, columns=["level", "year", "number", "start", "end"])
    return Company({**company.tables, "calendar": calendar}, rules)


def _a_year_earlier(company: Company, asked: Asked) -> Company | None:
    if "calendar" in company.tables:
        return None
    based, moved = _on_years_of_52_weeks(company), {}
    for name, rows in based.tables.items():
        kinds = {c.name: c.type for c in table(name).columns.values() if c.name in rows.columns}
        dated = {c: [_moved(v, -1) for v in rows[c]] for c, kind in kinds.items() if kind in _DATED}
        moved[name] = rows if name == "calendar" else rows.assign(**dated)
    return Company(moved, based.settings)


_DATED = ("date", "datetime", "period")


def _moved(text: str, years: int) -> str:
    """Move a day by years of 364 days, or the year of a period or both of a range; other texts stay."""
    if ".." in text:
        return "..".join(_moved(part, years) for part in text.split(".."))
    if day := re.fullmatch(r"(20\d\d-\d\d-\d\d)([ T].*)?", text):
        return (date.fromisoformat(day[1]) + timedelta(days=364 * years)).isoformat() + (day[2] or "")
    found = re.fullmatch(r"(20\d\d)(-\d\d|-Q\d|-W\d\d)?", text)
    return f"{int(found[1]) + years}{found[2] or ''}" if found else text


def _members_moved(dims: str, years: int) -> str:
    pairs = (pair.partition("=") for pair in dims.split("|")) if dims else ()
    return "|".join(f"{name}={_moved(value, years)}" for name, _, value in pairs)


_BY_CALENDAR_MONTHS = {
    "customer_months", "contacts_per_customer", "cycle", "win_by_day", "kpi=repurchase_rate", "repurchase_rate",
}  # fmt: skip
"""Figures and findings whose months are the calendar's, whatever periods the company has: 364 days are none of them."""


def _as_before(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    facts = {(s, f, m, _members_moved(d, 1)): v for (s, f, m, d), v in after.facts.items()}
    moved = replace(after, facts=facts)
    return compared(before, moved, only=lambda k: k[0] != "intake" and not {*k[1:]} & _BY_CALENDAR_MONTHS)


_WORK = ("process", "situations", "trend", "key_figures", "five_whys", "ruled_out", "slice_drivers", "problem_evidence")
_DEALS = ("deals", "funnel", "stalled", "deal_drivers", "proposals", "cycle", "win_by_day", "unknown", "competitors")

_MOVED_WITHOUT = {
    "activities": _WORK,
    "notes": ("stock", "competitors", *_WORK),
    "receipts": (*PROPOSED, "score", *_WORK),
    "stage_history": (*_DEALS, *_WORK),
    "snapshots": _DEALS,
    "whys": ("five_whys",),
    "actions": ("previous_actions", "register"),
    **dict.fromkeys(("spend", "needs", "market", "plans", "trainings", "okrs", "overrides", "controls", "issued"), ()),
}
"""Findings that may say something else, and not less, without a table."""

RELATIONS = (
    Relation("half the roster is gone", _half_the_roster, totals),
    Relation("one rep has no team", _team_of_one_rep_blank, totals),
    Relation(
        "a stranger's activity",
        _stranger("activities", activity_date=_DAY, rep="Zed Q", kind="call", count="1"),
        not_of(*_WORK, "candidates", "actions"),
    ),
    Relation(
        "a stranger's note", _stranger("notes", note_date=_DAY, rep="Zed Q", kind="need", text="more"), equal
    ),
    Relation(
        "a stranger's open deal",
        _stranger("opportunities", opportunity_id="ZQ1", created_date=_DAY, status="open", rep="Zed Q"),
        not_of(*_DEALS, *_WORK),
    ),
    *(Relation(f"no table {name}", _without_table(name), without(*moved)) for name, moved in _MOVED_WITHOUT.items()),
    Relation("no table products", _without_table("products"), totals_of_lines),
    Relation("no table customers", _without_table("customers"), totals),
    Relation("no table reps", _without_table("reps"), totals),
    *(Relation(f"half of {name}.{column} is blank", _half_blank(name, column), sold) for name, column in (
        ("orders", "customer"), ("orders", "rep"), ("orders", "product"), ("orders", "channel"), ("orders", "quantity"),
        ("activities", "customer"), ("receipts", "received_date"), ("opportunities", "lost_reason"),
        ("opportunities", "created_date"), ("customers", "customer_type"),
    )),
    Relation("rows in another order", _shuffled, equal),
    Relation("orders in two files", _unchanged, equal, _in_two_files),
    Relation("two files that overlap", _unchanged, equal, _overlapping),
    Relation("a sheet with notes", _unchanged, equal, _with_notes_sheet),
    Relation("amounts in another notation", _unchanged, equal, _in_another_notation),
    Relation("persons renamed", _renamed, lambda b, a, c, asked: equal(_renamed_facts(b), a, c, asked)),
    Relation("ten times the money", _money_times_ten, _money_judged),
    Relation("a row of 2052 and one of 1925", _far_dates, equal),
    Relation(
        "a year of 52 weeks earlier", _a_year_earlier, _as_before, base=_on_years_of_52_weeks,
        after=lambda asked: Asked(asked.team, _moved(asked.period, -1)),
    ),
    Relation("a rep without deals", _idle_rep, not_of(*_WORK, "cycle", "score")),
    Relation("targets of one rep only", _targets_of_one_rep, _covered),
    Relation("a second currency", _second_currency, equal),
    Relation("no lost deal", _all_won, _no_rate),
    Relation("a log from the middle of the period", _log_from_the_middle, _by_day_stays),
)  # fmt: skip


def _renamed_facts(told: Told) -> Told:
    """Return facts as they are when every person is called ``N`` and the name of before."""

    def renamed(dims: str) -> str:
        pairs = (pair.partition("=") for pair in dims.split("|")) if dims else ()
        return "|".join(f"{n}={'N ' + v if n in _PERSONS and v != '(none)' else v}" for n, _, v in pairs)

    return Told(
        {(s, f, m, renamed(d)): v for (s, f, m, d), v in told.facts.items()}, lights=told.lights, units=told.units
    )


# -- running


def judged(
    company: Company, asked: Asked, relations: Sequence[Relation] = RELATIONS
) -> Iterator[tuple[str, list[str]]]:
    """Yield of each relation that the company has something for what moved otherwise; nothing where it holds."""
    with tempfile.TemporaryDirectory(prefix="salesnb-relations-") as work:
        before = _told(company, asked, Path(work), write)
        yield "as it is", sound(before)
        for relation in relations:
            changed = relation.change(company, asked)
            if changed is None:
                continue
            try:
                base = _told(relation.base(company), asked, Path(work), write) if relation.base else before
                then = relation.after(asked) if relation.after else asked
                after = _told(changed, then, Path(work), relation.write or write)
                yield relation.name, relation.judge(base, after, company, asked)
            except Exception as fault:
                yield relation.name, [f"{type(fault).__name__}: {fault}"[:300]]


def _told(company: Company, asked: Asked, work: Path, written: Callable[[Company, Path], None]) -> Told:
    folder = work / "data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    written(company, folder)
    return every_fact(folder, asked.team, asked.period)


def main() -> None:
    """Run the relations and print what does not hold."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--data", default="data/sample")
    ask.add_argument("--settings", default="")
    ask.add_argument("--team", default="all")
    ask.add_argument("--period", default="2025-09")
    ask.add_argument("--only", nargs="*", default=[])
    given = ask.parse_args()
    chosen = tuple(r for r in RELATIONS if not given.only or any(word in r.name for word in given.only))
    company, count, wrong = company_of(Path(given.data), given.settings), 0, 0
    for name, moved in judged(company, Asked(given.team, given.period), chosen):
        count, wrong = count + 1, wrong + bool(moved)
        print(f"{'broken' if moved else 'holds '}  {name}" + (f": {len(moved)}" if moved else ""), flush=True)
        for line in moved[:12]:
            print("    " + line)
    print(f"{count - wrong} of {count} hold")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
