"""Whatever deals, stages, notes and orders hold, the sections on them speak whole sentences and facts that agree."""

from datetime import date, timedelta

import numpy as np
import pytest

from salesnb.calendar import Calendar, Period
from salesnb.findings.diagnosis import competitors, funnel, lost_deals, stock
from salesnb.scope import Scope
from salesnb.show.outputs import evidence_output
from tests.frames import deals, frame, history, notes, orders, scope_of
from tests.reading import said

PERIODS = ("2025-09", "2025-Q3", "2025", "2025-W36", "2024-02")


def made_up(seed):
    """A company of its own: some columns empty, some dates absent, some stages entered twice or backwards."""
    draws = np.random.default_rng(seed)
    count, begin = int(draws.integers(0, 160)), date(2023, 6, 1)
    gone = set(draws.choice(["created_date", "close_date", "lost_reason", "competitor", "lead_source", "money"],
                            size=int(draws.integers(0, 3)), replace=False))  # fmt: skip
    rows, seen = [], []
    for i in range(count):
        first = begin + timedelta(days=int(draws.integers(0, 840)))
        end = first + timedelta(days=int(draws.integers(-3, 200)))
        status = str(draws.choice(["won", "lost", "open"])) if end < date(2025, 9, 30) else "open"
        row = {
            "opportunity_id": f"d{i}",
            "status": status,
            "rep": str(draws.choice(["Ma", "Li", "Wu"])),
            "created_date": str(first),
            "close_date": str(end) if status != "open" else None,
            "money": float(draws.choice([0.0, 120.5, 9e5])),
            "lost_reason": str(draws.choice(["价格", "x", "price"])),
            "competitor": draws.choice([None, "恒钛", "Norrvik"]),
            "lead_source": draws.choice([None, "web", "fair"]),
        }
        rows.append({**row, **{c: None for c in gone if draws.random() < 0.9}})
        for stage in draws.choice(["线索", "面谈", "Offer"], size=int(draws.integers(0, 4))):
            seen.append((f"d{i}", str(stage), str(first + timedelta(days=int(draws.integers(-5, 60))))))
    field = [(str(begin + timedelta(days=int(draws.integers(0, 840)))), str(draws.choice(["stock", "competitor"])),
              str(draws.choice(["KS-5 缺货", "Norrvik is cheaper", ""])), draws.choice([None, "Hua"]))
             for _ in range(int(draws.integers(0, 12)))]  # fmt: skip
    sold = [{"day": str(begin + timedelta(days=int(draws.integers(0, 840)))),
             "product": str(draws.choice(["KS-5 Flow meter", "KV-2"])), "customer": "Hua",
             "money": float(draws.normal(100, 80))} for _ in range(int(draws.integers(0, 40)))]  # fmt: skip
    return deals(*rows), history(*seen), notes(*field), orders(*sold)


def every(tables, scope):
    told, seen, field, sold = tables
    for by in ("stage", "cohort", "lead_source"):
        yield funnel(told, seen, scope=scope, by=by)
    yield lost_deals(told, scope=scope)
    for by in ("competitor", "month"):
        yield competitors(told, field, scope=scope, by=by)
    yield stock(field, sold, frame("products", {"product": "KV-2"}), scope=scope)


@pytest.mark.parametrize("seed", range(8))
def test_any_company_gets_whole_sentences(seed):
    tables, facts = made_up(seed), {}
    for period in PERIODS:
        scope = scope_of(period, begin=date(2023, 6, 1))
        facts.clear()
        for found in every(tables, scope):
            assert said(found)
            if period == PERIODS[seed % len(PERIODS)]:
                evidence_output(found)
            for fact in found.facts():
                key = fact["finding"], fact["metric"], fact["dims"]
                assert facts.setdefault(key, fact["value"]) == fact["value"], key
                assert (
                    fact["value"] is None
                    or fact["unit"] != "rate"
                    or 0 <= fact["value"] <= 1
                    or key[1] in {"mom", "yoy"}
                )


def test_fiscal_periods_of_any_kind():
    """Quarters of thirteen weeks in months of 4-4-5, and two weeks as a level of their own."""
    weeks, fiscal, day = (4, 4, 5) * 8, [], date(2023, 10, 2)
    for number, length in enumerate(weeks):
        end = day + timedelta(weeks=length) - timedelta(days=1)
        fiscal.append(
            Period(
                f"FY{24 + number // 12}-P{number % 12 + 1:02d}", "month", 2024 + number // 12, number % 12 + 1, day, end
            )
        )
        day = end + timedelta(days=1)
    fiscal.append(Period("sprint 9", "sprint", 2025, 9, date(2025, 9, 8), date(2025, 9, 21)))
    calendar = Calendar(fiscal)
    for name in ("FY25-P11", "sprint 9", "2025-W36"):
        scope = Scope("all", calendar.period(name), date(2025, 9, 30), date(2023, 10, 2), calendar=calendar)
        for found in every(made_up(3), scope):
            assert said(found)


def test_deals_without_a_first_contact_begin_with_their_first_stage():
    rows = [{"opportunity_id": f"d{i}", "status": "lost", "close_date": "2025-03-20"} for i in range(12)]
    seen = [(f"d{i}", "Lead", "2025-03-01") for i in range(12)] + [("d0", "Offer", "2025-03-09")]
    found = funnel(deals(*rows), history(*seen), scope=scope_of(), by="cohort")
    assert found.rows.set_index("cohort").loc["2025-03", "cohort_deals"] == 12
