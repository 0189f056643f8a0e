"""Which row each number of a sentence should be of, worked out a second time from the rows alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from salesnb.views.slices import GAP_PARTS
from tests.title_rows import Rows, Rule


def _largest_part(rows: Rows, key: str) -> list[int]:
    """The part that made most of the change, in its direction."""
    (whole,) = _change(rows, key)
    return rows.extreme(range(whole), "effect", min if rows.rows[whole]["effect"] < 0 else max)


def _change(rows: Rows, key: str) -> list[int]:
    """The first row that is the sum of all before it and belongs to no part."""
    for i, row in enumerate(rows.rows):
        total = sum(r["effect"] for r in rows.rows[:i])
        if i and abs(total - row["effect"]) < 0.005 and not (row.get("part") or row.get("new_existing")):
            return [i]
    return []


def _halves(rows: Rows) -> list[int]:
    places = rows.where(lambda r: r["kpi"] in ("proposal_rate", "wins_per_proposal"))
    return sorted(places, key=lambda i: -abs(rows.rows[i]["effect"]))


def _proposals_most(rows: Rows, key: str) -> list[int]:
    told = re.match(r"(made|won)_(less|more)_", key)
    if told is None:
        return _largest_part(rows, key)
    most = _halves(rows)[0]
    assert (rows.rows[most]["kpi"] == "proposal_rate") == (told[1] == "made")
    assert (rows.rows[most]["effect"] < 0) == (told[2] == "less")
    assert (rows.rows[most]["after"] < rows.rows[most]["before"]) == (told[2] == "less")
    return [most]


def _fall(key: str) -> Callable[[dict[str, Any]], float]:
    base = "sales_last_year" if key.endswith("_last_year") else "sales_previous"
    return lambda row: float(row["sales"] - (row[base] or 0.0))


def _top(rows: Rows, key: str) -> list[int]:
    top = rows.extreme(rows.members(), "sales", max)
    if "_top_fell_" in key:
        assert set(top) & set(rows.extreme(rows.members(), _fall(key), min))
    return top


def _best(rows: Rows, key: str) -> list[int]:
    return rows.extreme(rows.members(), "attainment" if key == "all_behind" else "gap", max)


def _weakest(rows: Rows, key: str) -> list[int]:
    return rows.extreme(rows.where(lambda r: bool(r["kpi"]) and r["kpi_score"] is not None), "attainment", min)


def _score_members(best: Any) -> Rule:
    def rule(rows: Rows, key: str) -> list[int]:
        return rows.extreme(rows.where(lambda r: not r["kpi"] and bool(r["rep"])), "kpi_score_capped", best)

    return rule


def _last(rows: Rows, key: str) -> list[int]:
    return rows.extreme(range(len(rows.rows)), lambda r: None, max) or [
        max(
            rows.where(lambda r: bool(r[rows.chart["columns"]["x"]])),
            key=lambda i: rows.rows[i][rows.chart["columns"]["x"]],
        )
    ]


def _ranked(place: int) -> Rule:
    """The problem that costs most, second most, third most, of those that are told first."""

    def rule(rows: Rows, key: str) -> list[int]:
        losses = sorted({r["effect"] for r in rows.rows if r["effect"] is not None})
        top = [i for i, r in enumerate(rows.rows) if r.get("rank") != "further"]
        ordered = sorted(top, key=lambda i: rows.rows[i]["effect"])
        return rows.where(lambda r: r["effect"] == rows.rows[ordered[place]]["effect"]) if losses else []

    return rule


def _listed(place: int) -> Rule:
    """The same of a list in which parts of the gap follow the problems; of a list of these alone, among them."""

    def rule(rows: Rows, key: str) -> list[int]:
        told = [i for i, r in enumerate(rows.rows) if r["problem"] not in GAP_PARTS] or list(range(len(rows.rows)))
        ordered = sorted(told[:3], key=lambda i: rows.rows[i]["effect"])
        return [i for i in told[:3] if rows.rows[i]["effect"] == rows.rows[ordered[place]]["effect"]]

    return rule


def _lowest(column: str, of: Callable[[Rows], list[int]] = Rows.members) -> Rule:
    return lambda rows, key: rows.extreme(of(rows), column, min)


def _highest(column: str, of: Callable[[Rows], list[int]] = Rows.members) -> Rule:
    return lambda rows, key: rows.extreme(of(rows), column, max)


def _whole(rows: Rows, key: str) -> list[int]:
    return rows.blank()


def _count(rows: Rows, key: str) -> list[int]:
    """The field notes' largest group: of open ones where any is open."""
    return rows.extreme(rows.members(), "rows_open" if key == "open" else "rows", max)


def _ahead(rows: Rows, key: str) -> list[int]:
    """Who is ahead in money, most first: of the target, or of last year."""
    lead = [r["gap"] if key.startswith("ahead") else r["sales"] / (1 + r["yoy"]) * r["yoy"] for r in rows.rows]
    return sorted(_all(rows), key=lambda i: -lead[i])


def _tracked(rows: Rows, key: str) -> list[int]:
    return rows.extreme(rows.members(), "sales" if key == "no_target" else "gap", max)


def _cycle(best: Any) -> Rule:
    """The member with the longest or shortest cycle, of the dimension that the sentence speaks of."""

    def rule(rows: Rows, key: str) -> list[int]:
        dimension = key.removeprefix("spread_")
        return rows.extreme(rows.where(lambda r: r[dimension] not in ("", "(none)")), "cycle", best)

    return rule


def _winning(part: float) -> Rule:
    """The first day by which a part is won of what is won at the end."""
    return lambda rows, key: rows.where(lambda r: r["won_by"] >= part * rows.rows[-1]["won_by"])[:1]


def _holder(rows: Rows, key: str) -> list[int]:
    """Who holds most of the dead deals, or of the slow ones, single deals left out."""
    column = "zombie_value" if key.startswith("zombies") else "slow_value"
    return rows.extreme(rows.where(lambda r: r["rep"] and not r["opportunity_id"]), column, max)


def _all(rows: Rows) -> list[int]:
    return list(range(len(rows.rows)))


def _ends(rows: Rows, key: str) -> list[int]:
    """The last row of each problem's run; the headline speaks of the first problem's."""
    last = {row["chain"]: i for i, row in enumerate(rows.rows)}
    return [last["1"]] if key.startswith("shown") else list(last.values())


def _first_chain(rows: Rows) -> list[int]:
    """The steps of the first problem that rest on figures, but for who served a customer."""
    return rows.where(
        lambda r: r["chain"] == "1" and r["evidence"] in ("measured", "associated") and r["why"] != "served_by"
    )


def _steps(rows: Rows) -> list[int]:
    return rows.where(lambda r: r["stage"] not in ("", "(won)") and not r.get("lead_source"))


def _apart(now: float, cases: float, before: float, cases_before: float) -> float:
    """How many standard errors two rates are apart, their pooled rate being the truth."""
    pooled = (now * cases + before * cases_before) / (cases + cases_before)
    error = (pooled * (1 - pooled) * (1 / cases + 1 / cases_before)) ** 0.5
    return (now - before) / error if error else 0.0


def _step_apart(row: dict[str, Any]) -> float | None:
    """How far a step fell, deals that are still there left out: they may go on yet."""
    told = [row[c] for c in ("passed_deals", "conversion_before", "reached_before")]
    if None in told:
        return None
    now, before = row["reached_deals"] - row["waiting_deals"], told[2] - row["waiting_before"]
    return _apart(told[0] / now, now, told[1] * told[2] / before, before) if now and before else None


def _reason_apart(row: dict[str, Any]) -> float | None:
    told = [row[c] for c in ("loss_share", "lost_deals_all", "loss_share_before", "lost_deals_before")]
    return None if None in told else _apart(*told)


def _worst_step(rows: Rows, key: str) -> list[int]:
    """The step that fell most surely, or the one that fewest went on from."""
    if key == "fell":
        return rows.extreme(_steps(rows), _step_apart, min)
    return rows.extreme(_steps(rows), "conversion", min)


def _lately(rows: Rows, key: str) -> list[int]:
    """The latest months that can be judged, counted together where there are several; few have no rate to show."""
    runs = rows.where(lambda r: ".." in r["cohort"])
    if runs:
        return sorted(runs, key=lambda i: rows.rows[i]["cohort"], reverse=True)[:1]
    return rows.where(lambda r: not r["note"])[-1:]


def _year_before(rows: Rows, key: str) -> list[int]:
    (now,) = _lately(rows, key)
    begin = rows.rows[now]["cohort"].split("..")[0]
    earlier = rows.where(lambda r: not r["note"] and r["cohort"].split("..")[-1] < begin)
    runs = [i for i in earlier if ".." in rows.rows[i]["cohort"]]
    return runs[-1:] or earlier[-1:]


def _source(best: Any) -> Rule:
    def rule(rows: Rows, key: str) -> list[int]:
        sources = rows.where(lambda r: bool(r["lead_source"]) and not r["stage"])
        if key == "source_pair":
            return _of_pair(rows, sources, "close_rate", "cohort_deals", best)
        return rows.extreme(sources, "close_rate", best)

    return rule


def _of_pair(rows: Rows, places: list[int], rate: str, cases: str, best: Any) -> list[int]:
    """The lower or higher of the two rates that lie furthest apart in standard errors."""
    known = [i for i in places if rows.rows[i][rate] is not None]
    pairs = [(i, j) for i in known for j in known if i < j]

    def far(pair: tuple[int, int]) -> float:
        one, other = (rows.rows[i] for i in pair)
        return abs(_apart(one[rate], one[cases], other[rate], other[cases]))

    return [best(max(pairs, key=far), key=lambda i: rows.rows[i][rate])] if pairs else []


def _deals(best: Any) -> Rule:
    return lambda rows, key: _of_pair(rows, rows.members(), "win_rate", "closed_deals", best)


def _reason(rows: Rows, key: str) -> list[int]:
    """The reason that rose most surely, or the one most deals were lost for."""
    known = rows.where(lambda r: r["lost_reason"] not in ("", "(none)") and not r["rep"])
    if key.startswith("risen"):
        return rows.extreme(known, _reason_apart, max)
    return rows.extreme(known, "lost_deals", max)


def _against(who: str) -> Rule:
    return lambda rows, key: rows.where(lambda r: r["competitor"] == who)


def _rivals(rows: Rows) -> list[int]:
    return rows.where(lambda r: bool(r["competitor"]) and not r["competitor"].startswith("("))


def _month_of(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7])


def _missing_most(rows: Rows, key: str) -> list[int]:
    known = rows.where(lambda r: bool(r["product"]) and not r["product"].startswith("("))
    if key == "past":
        return sorted(known, key=lambda i: rows.rows[i]["last_date"])[-1:]
    lately = rows.rows[0]["period"].split("..")[1]
    months = int(lately[:4]) * 12 + int(lately[5:7]) - 2
    recent = [i for i in known if _month_of(rows.rows[i]["last_date"]) >= months]
    # Of a year all of it is meant, of anything shorter its last three months.
    return rows.extreme(recent, "stock_notes", max) + rows.extreme(known, "stock_notes", max)


_SLICE = ("team", "rep", "product_line", "region", "channel", "customer_type", "new_existing", "customer")


def _compared(rows: Rows, key: str) -> list[int]:
    """The rows of the comparison that a sentence speaks of."""
    against = next(a for a in ("target", "last_year", "previous") if f"_{a}" in key)
    return rows.where(lambda r: r["against"] == against)


def _bridge_whole(rows: Rows, key: str) -> list[int]:
    """The row that is the sum of the others and belongs to no part and no slice."""
    places = _compared(rows, key)
    (whole,) = [i for i in places if not rows.rows[i]["part"] and not any(rows.rows[i][d] for d in _SLICE)]
    parts = sum(rows.rows[i]["effect"] for i in places if i != whole)
    assert abs(parts - rows.rows[whole]["effect"]) < 0.005
    return [whole]


def _standing_out(place: int) -> Rule:
    """Slices that pull where the whole went, the largest first; where none does, the largest of the others."""

    def rule(rows: Rows, key: str) -> list[int]:
        (whole,) = _bridge_whole(rows, key)
        down = rows.rows[whole]["effect"] < 0
        slices = [i for i in _compared(rows, key) if any(rows.rows[i][d] for d in _SLICE)]
        with_it = [i for i in slices if (rows.rows[i]["effect"] < 0) == down]
        assert bool(with_it) != key.startswith("other")
        ordered = sorted(with_it or slices, key=lambda i: -abs(rows.rows[i]["effect"]))
        return ordered[place : place + 1]

    return rule


def _slice_whole(rows: Rows, key: str) -> list[int]:
    """The change of the slice told first: that of the tree drawn, or of its sales where its deals are told."""
    return rows.where(lambda r: not r["kpi"])[:1]


def _deals_whole(rows: Rows, key: str) -> list[int]:
    return rows.where(lambda r: r["kpi"] == "won_value")[:1]


def _slice_driver(place: int) -> Rule:
    """The drivers of the first slice's tree that fell most."""

    def rule(rows: Rows, key: str) -> list[int]:
        (end,) = _deals_whole(rows, key) if key.startswith("deals_") else _slice_whole(rows, key)
        ends = [-1, *rows.where(lambda r: r["kpi"] in ("", "won_value"))]
        start = max(e for e in ends if e < end) + 1
        ordered = sorted(range(start, end), key=lambda i: rows.rows[i]["effect"])
        return ordered[place : place + 1]

    return rule


def _strayed(rows: Rows, key: str) -> list[int]:
    """The rate's slice that cost most, or where none did the one that gained most."""
    known = rows.where(lambda r: r["effect"] is not None)
    if "fell" in key:
        return rows.extreme(known, "effect", min)
    assert all(rows.rows[i]["effect"] > 0 for i in known)
    return rows.extreme(known, "effect", max)


def _by_chart(best: Any) -> Rule:
    """The members with the highest or lowest of what the chart draws."""
    return lambda rows, key: rows.extreme(rows.members(), rows.chart["columns"]["value"], best)


RULES: dict[str, Rule] = {
    "*.total": _whole,
    "*.largest": _by_chart(max),
    "*.smallest": _by_chart(min),
    "diagnosis.localisation.whole": _bridge_whole,
    "diagnosis.localisation.rest": lambda rows, key: rows.where(
        lambda r: r["part"] == "rest" and f"_{r['against']}" in key
    ),
    "diagnosis.localisation.first": _standing_out(0),
    "diagnosis.localisation.second": _standing_out(1),
    "diagnosis.slice_drivers.slice": _slice_whole,
    "diagnosis.slice_drivers.deals": _deals_whole,
    "diagnosis.slice_drivers.first": _slice_driver(0),
    "diagnosis.slice_drivers.second": _slice_driver(1),
    "diagnosis.ratio_slices.first": _strayed,
    "intake.quarantine.most": _highest("rows"),
    "intake.remarks.first": lambda rows, key: rows.members()[:1],
    "intake.names.most": _highest("rows"),
    "intake.unknown.most": _highest("rows"),
    "intake.notes.most": _count,
    "intake.accounting.first": lambda rows, key: rows.where(lambda r: r["file"] and r["rows_unexplained"] != 0)[:1],
    "intake.statuses.strange": lambda rows, key: rows.where(lambda r: bool(r["spelling"]) and not r["status"])[:1],
    "targets.levels.worst": _lowest("gap"),
    "targets.levels.best": _best,
    "targets.levels.one": _lowest("gap"),
    "targets.levels.top": _highest("sales"),
    "targets.score.total": lambda rows, key: rows.blank(),
    "targets.score.weakest": _weakest,
    "targets.score.lowest": _score_members(min),
    "targets.score.highest": _score_members(max),
    "diagnosis.trend.now": _last,
    "diagnosis.attainment.worst": _lowest("gap"),
    "diagnosis.attainment.cause": lambda rows, key: rows.where(lambda r: bool(r.get("problem"))),
    "diagnosis.attainment.top": _top,
    "diagnosis.attainment.fell": lambda rows, key: rows.extreme(rows.members(), _fall(key), min),
    "diagnosis.attainment.only": lambda rows, key: rows.members() if len(rows.members()) == 1 else [],
    "diagnosis.drivers.change": _change,
    "diagnosis.drivers.most": _largest_part,
    "diagnosis.price_volume_mix.change": _change,
    "diagnosis.price_volume_mix.most": _largest_part,
    "diagnosis.deal_drivers.change": _change,
    "diagnosis.deal_drivers.most": _largest_part,
    "diagnosis.proposals.change": _change,
    "diagnosis.proposals.most": _proposals_most,
    "diagnosis.proposals.other": lambda rows, key: _halves(rows)[1:],
    "diagnosis.deals.top": _highest("won_value"),
    # A rate of too few deals is not among the plain rows, and is ranked by no sentence.
    "diagnosis.deals.worst": _deals(min),
    "diagnosis.deals.best": _deals(max),
    "diagnosis.cycle.slow": _cycle(max),
    "diagnosis.cycle.fast": _cycle(min),
    "diagnosis.win_by_day.early": _winning(0.5),
    "diagnosis.win_by_day.last": _winning(0.99),
    "diagnosis.stalled.top": _holder,
    "diagnosis.problems.first": _ranked(0),
    "diagnosis.problems.next": lambda rows, key: rows.extreme(
        rows.where(lambda r: r["rank"] == "further"), "effect", min
    ),
    "diagnosis.gap_parts.first": _ranked(0),
    "diagnosis.process.low": _lowest("calls_per_day"),
    "diagnosis.collection.most": lambda rows, key: rows.extreme(
        rows.where(lambda r: bool(r.get("rep") or r.get("team")) and not r["customer"] and not r["ageing"]),
        "overdue",
        max,
    ),
    "diagnosis.funnel.total": lambda rows, key: rows.where(lambda r: not r["stage"] and not r.get("lead_source")),
    "diagnosis.funnel.first": lambda rows, key: _steps(rows)[:1],
    "diagnosis.funnel.last": lambda rows, key: _steps(rows)[-1:],
    "diagnosis.funnel.worst": lambda rows, key: (_source(min) if key.startswith("source") else _worst_step)(rows, key),
    "diagnosis.funnel.best": _source(max),
    "diagnosis.funnel.now": _lately,
    "diagnosis.funnel.before": _year_before,
    "diagnosis.lost_deals.total": lambda rows, key: [0],
    "diagnosis.lost_deals.named": _reason,
    "diagnosis.lost_deals.equal": _reason,
    "diagnosis.competitors.any": _against("(any)"),
    "diagnosis.competitors.none": _against("(none)"),
    "diagnosis.competitors.worst": lambda rows, key: rows.extreme(_rivals(rows), "win_rate", min),
    "diagnosis.competitors.top": lambda rows, key: rows.extreme(_rivals(rows), "lost_deals", max),
    "diagnosis.competitors.with": lambda rows, key: rows.where(lambda r: r["event"] == "reported"),
    "diagnosis.competitors.without": lambda rows, key: rows.where(lambda r: r["event"] == "not_reported"),
    "diagnosis.stock.top": _missing_most,
    "diagnosis.stock.others": lambda rows, key: rows.where(lambda r: r["product"] == "(others)"),
    "diagnosis.stock.total": lambda rows, key: rows.where(lambda r: not r["product"]),
    "diagnosis.problem_evidence.now": lambda rows, key: _ends(rows, key),
    "diagnosis.five_whys.first": lambda rows, key: _first_chain(rows)[:1],
    "diagnosis.five_whys.step": lambda rows, key: [],  # a step is no title
    "diagnosis.five_whys.last": lambda rows, key: _first_chain(rows)[-1:],
    "diagnosis.ruled_out.first": lambda rows, key: rows.extreme(
        rows.where(lambda r: r["reason"] != "gone") or _all(rows), "effect", min
    ),
    "strategy.candidates.first": _lowest("effect", _all),
    "strategy.register.first": lambda rows, key: rows.extreme(rows.members(), "parts_missing", max),
    "review.problems_list.first": _listed(0),
    "review.problems_list.second": _listed(1),
    "review.problems_list.third": _listed(2),
    "review.problems_list.next": lambda rows, key: rows.extreme(
        [i for i in rows.where(lambda r: r["problem"] not in GAP_PARTS) if i >= 3], "effect", min
    ),
    "review.problems_list.part": lambda rows, key: rows.where(lambda r: r["problem"] in GAP_PARTS)[:1],
    "review.verdict.worst": lambda rows, key: rows.extreme(
        rows.where(lambda r: (r["problem"] == "lower_collection") == key.endswith("+cash")), "effect", min
    ),
    "review.tracking.worst": _lowest("gap"),
    "review.tracking.best": _tracked,
    "review.kpis.sales": lambda rows, key: rows.where(lambda r: r["kpi"] == "sales" and not r["month"]),
    "review.highlights.first": lambda rows, key: _ahead(rows, key)[:1],
    "review.highlights.second": lambda rows, key: _ahead(rows, key)[1:2],
    "review.main_customers.first": _highest("sales", _all),
    "review.changes.first": lambda rows, key: rows.where(lambda r: r["kpi"] == "sales") or [0],
}
