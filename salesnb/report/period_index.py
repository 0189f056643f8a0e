"""The index of one period: verdict, failures, team by stage, leaderboard, the periods before."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from salesnb import words
from salesnb.report.company_verdict import verdict
from salesnb.report.figures import rank
from salesnb.report.files import start_name
from salesnb.report.index_failures import failed_of, failures
from salesnb.report.index_frame import Amounts, amounts, columns, index_name, languages, page_of, render, said
from salesnb.report.index_marks import bar, light_text, trend
from salesnb.report.run_record import NotebookRecord, RunRecord
from salesnb.report.standing import RollUp, Standing, roll_up, split
from salesnb.report.table_of_periods import period_rows
from salesnb.settings import UNRESTRICTED
from salesnb.show.numbers import figure, period_text
from salesnb.show.sentence import capitalised, members_text, team_text
from salesnb.show.text import plain, whole_clauses
from salesnb.stages import STAGES, in_order, stage_text

LOOK_BACK = 11
"""Periods before its own that an index lists; the trend is drawn from the last of them."""

_TREND = 6
_LEADERS = 10
_NAMED = 5
TEAMS_A_PAGE = 60
"""More teams go on further pages: one that a phone loads at once weighs 200 KB at most."""

_TOGETHER = ""
"""Stands for all teams together; no team is called so."""


@dataclass(frozen=True)
class Issue:
    """A period and all that its index is made from.

    ``teams`` are in order; ``earlier`` the periods of its kind before it, the newest last, with their teams; ``near``
    the name of the period before and of the one after, blank without one; ``files`` those in the period's folder.
    """

    record: RunRecord
    teams: Sequence[Standing]
    earlier: Sequence[tuple[RunRecord, Sequence[Standing]]] = ()
    near: tuple[str, str] = ("", "")
    files: Collection[str] = ()


def period_pages(issue: Issue, lang: str) -> Iterator[tuple[str, str]]:
    """Yield the file names and pages of a period's index in one language: the first has all that is not of a team."""
    every = languages(issue.record)
    teams = len(split(issue.teams)[0])
    for number in range(max(1, -(-teams // TEAMS_A_PAGE))):
        yield page_of(index_name(lang, every), number), period_index(issue, lang, number)


def period_index(issue: Issue, lang: str, number: int = 0) -> str:
    """Return one page of the index of a period in one language; the first is number 0."""
    record, every = issue.record, languages(issue.record)
    teams, whole = split(issue.teams)
    own_name = index_name(lang, every)
    anchors = {
        s.team: f"{page_of(own_name, i // TEAMS_A_PAGE) if i // TEAMS_A_PAGE != number else ''}#{s.anchor}"
        for i, s in enumerate(teams)
    }
    stages = in_order(n["stage"] for n in record["notebooks"])
    own = [s for s in stages if any(s in team.notebooks for team in teams)] or stages
    together = roll_up(teams)
    wording = amounts([*teams, whole, together], record["head"]["currency"], lang)
    grid = _Grid(issue, own, wording, lang)
    shown = teams[number * TEAMS_A_PAGE : (number + 1) * TEAMS_A_PAGE]
    rows, sums = [grid.team(s) for s in shown], grid.totals(whole, together)
    return render(
        "period.html.j2",
        lang,
        every,
        record["head"],
        record,
        heading=said("all_teams", lang),
        period=period_text(record["period"], lang),
        verdict=whole_clauses(verdict(issue.teams, lang)),
        up="../" + index_name(lang, every),
        near=_near(issue, lang),
        apart=[_apart(whole, s, lang) for s in stages if whole and s not in own and s in whole.notebooks],
        first=not number,
        pages=_pages(len(teams), number, own_name, lang),
        failures=failures(issue.teams, anchors, lang) if not number else [],
        failed_of=failed_of(record, lang),
        order=said("table.order", lang, unit=wording.unit) if wording.unit else said("table.order_plain", lang),
        figures=columns(lang),
        stages=[stage_text(stage, "name", lang) for stage in own],
        labels=[*(name for _, name in columns(lang)), *(stage_text(s, "name", lang) for s in own)],
        teams=rows,
        totals=sums,
        has_trend=any(row["trend"] for row in [*rows, *sums]),
        leaders=_leaders(teams if not number else [], whole, wording, record, lang) if not number else {"tables": []},
        periods=period_rows([*issue.earlier, (record, issue.teams)] if not number else [], lang, here=record["period"]),
        judged=[
            (stage_text(s, "name", lang), stage_text(s, "judged", lang))
            for s in stages
            if s in STAGES and STAGES[s].targets
        ],
        codes=_codes(issue.teams),
        outside=_outside(together, whole) is not None,
    )


def _pages(teams: int, number: int, name: str, lang: str) -> list[tuple[str, str]]:
    """Return text and link of each page of the teams, without a link that of this one; none where one page is all."""
    if teams <= TEAMS_A_PAGE:
        return []
    found = []
    for page, start in enumerate(range(0, teams, TEAMS_A_PAGE)):
        text = said("table.page", lang, first=start + 1, last=min(start + TEAMS_A_PAGE, teams))
        found.append((text, "" if page == number else page_of(name, page)))
    return found


class _Grid:
    """The rows of team by stage."""

    def __init__(self, issue: Issue, stages: Sequence[str], wording: Amounts, lang: str) -> None:
        self._issue, self._stages, self._wording, self._lang = issue, stages, wording, lang
        self._files = set(issue.files)
        run = [*issue.earlier, (issue.record, issue.teams)][-_TREND:]
        self._shares = [
            (record["period"], _shares(standings)) for record, standings in run if record["head"]["complete"]
        ]

    def team(self, standing: Standing) -> dict[str, Any]:
        """Return the row of a team."""
        kind = " ".join([standing.code, *(["bad"] if standing.failed else [])])
        return self._row(_name(standing, self._lang), standing, self._run(standing.team), kind) | {
            "anchor": standing.anchor,
            "href": self._start(standing),
            "stages": self._cells(standing),
            "first": self._first(standing),
        }

    def _first(self, standing: Standing) -> str:
        """Return the memo's first problem with its loss; blank where there is none."""
        first = standing.figures.get("first")
        if not first:
            return ""
        what = members_text({d: plain(m) for d, m in first["where"].items()}, self._lang)
        return f"{capitalised(what)} {figure(first['effect'], 'money', self._lang)}"

    def totals(self, whole: Standing | None, together: RollUp) -> list[dict[str, Any]]:
        """Return the rows that add up: the teams together, what lies outside of them, the whole company.

        Where the teams are all there is, the whole company's row stands for both.
        """
        count, rows = len(together.teams), []
        outside = _outside(together, whole)
        adds_up = whole is not None and outside is None and not together.left_out and count > 1
        if (count > 1 or together.left_out) and count and not adds_up:
            name = said("table.together" if count > 1 else "table.together_one", self._lang, count=count)
            note = said("semicolon", self._lang).join(_notes(together, self._lang))
            rows.append(self._row(name, together, self._run(_TOGETHER), "sum") | {"note": note})
        if outside is not None:
            rows.append(self._row(said("table.outside", self._lang), outside, [], "sum"))
        if whole is not None:
            name = _name(whole, self._lang)
            if adds_up:
                name = said("table.company_of", self._lang, company=name, count=count)
            cells = {"href": self._start(whole), "stages": self._cells(whole), "first": self._first(whole)}
            rows.append(self._row(name, whole, self._run(whole.team), "sum whole") | cells)
        return rows

    def _row(self, name: str, entry: Standing | RollUp, run: Sequence[tuple[str, float]], kind: str) -> dict[str, Any]:
        return {
            "name": name, "kind": kind, "anchor": "", "href": "", "stages": [], "note": "", "first": "",
            "figures": self._wording.row(entry), "trend": trend(run, self._lang),
        }  # fmt: skip

    def _run(self, team: str) -> list[tuple[str, float]]:
        """Return the attainment of a team, or of all together, in the finished periods up to this one."""
        known = ((period, shares.get(team)) for period, shares in self._shares)
        return [(period, share) for period, share in known if share is not None]

    def _start(self, standing: Standing) -> str:
        """Return the team's start page; without one, its last page that was made."""
        lang = self._lang
        start = f"{standing.folder}/{start_name(lang)}"
        if f"{self._issue.record['period']}/{start}" in self._files:
            return quote(start)
        made = [standing.notebooks[s] for s in self._stages if s in standing.notebooks]
        return next((href for n in reversed(made) if n["status"] == "ok" and (href := _href(n, lang))), "")

    def _cells(self, standing: Standing) -> list[tuple[str, str, str]]:
        """Return of each stage the code of its light, its word and the link to its page; blank where there is none."""
        cells = []
        for stage in self._stages:
            notebook = standing.notebooks.get(stage)
            if notebook is None:
                cells.append(("", "", ""))
            else:
                cells.append((*light_text(standing, stage, self._lang), _href(notebook, self._lang)))
        return cells


def _shares(standings: Sequence[Standing]) -> dict[str, float | None]:
    """Return the attainment by team in one period, and of all of them together."""
    own = {s.team: None if s.part else s.figures.get("attainment") for s in standings}
    return own | {_TOGETHER: roll_up(split(standings)[0]).attainment}


def _href(notebook: NotebookRecord, lang: str) -> str:
    pages = notebook["page"]
    return quote(pages.get(lang) or next(iter(pages.values()), ""))


def _name(standing: Standing, lang: str) -> str:
    return capitalised(team_text(standing.team, lang))


def _outside(together: RollUp, whole: Standing | None) -> RollUp | None:
    """Return what the whole company's own page has beyond the teams added up; None where nothing is left."""
    if whole is None or whole.gap is None or not together.teams:
        return None
    beyond = roll_up([whole]).beyond(together)
    return beyond if beyond.sales or beyond.target else None


def _notes(together: RollUp, lang: str) -> list[str]:
    """Say how many teams met their target, and which are left out of the sum and why."""
    complete = not together.teams or together.teams[0].complete
    key = "table.targets_met" if complete else "table.targets_met_so_far"
    notes = [said(key, lang, met=together.met, judged=len(together.teams))] if len(together.teams) > 1 else []
    out = [_left_out(s, lang) for s in together.left_out[:_NAMED]]
    if more := len(together.left_out) - len(out):
        out.append(said("table.left_out_many", lang, count=more))
    return [*notes, said("table.left_out", lang, teams=said("comma", lang).join(out))] if out else notes


def _left_out(standing: Standing, lang: str) -> str:
    name, sales = _name(standing, lang), standing.figures.get("sales")
    if sales is not None:
        written = figure(sales, "money", lang)
        key = "table.left_out_part" if standing.part else "table.left_out_no_target"
        return said(key, lang, team=name, sales=written)
    return said("table.left_out_failed" if standing.failed else "table.left_out_nothing", lang, team=name)


def _apart(whole: Standing, stage: str, lang: str) -> dict[str, str]:
    """Return the light of a stage that only the whole company has, for the line above the tables."""
    code, word = light_text(whole, stage, lang)
    rows = whole.figures.get("rows", {}) if stage in STAGES and STAGES[stage].whole_company_only else {}
    note = ""
    if rows:
        counts = {"read": figure(rows["read"], "count", lang), "aside": figure(rows["quarantined"], "count", lang)}
        note = said("intake_rows", lang, **counts)
    href = _href(whole.notebooks[stage], lang)
    return {"stage": stage_text(stage, "name", lang), "code": code, "word": word, "href": href, "note": note}


def _near(issue: Issue, lang: str) -> list[tuple[str, str]]:
    """Return links to the period before and after of the same kind, where they have an index."""
    name = index_name(lang, languages(issue.record))
    return [
        (said(word, lang, period=period_text(other, lang)), f"../{quote(other)}/{name}")
        for word, other in zip(("previous", "next"), issue.near, strict=True)
        if other
    ]


@dataclass(frozen=True)
class _Leader:
    """A line of the leaderboard: a team, or a rep with the team (blank where only the company was run)."""

    name: str
    team: str
    attainment: float
    gap: float
    target: float | None
    """How large the base of its rank is: 160 % of little is little."""


def _leaders(
    teams: Sequence[Standing], whole: Standing | None, wording: Amounts, record: RunRecord, lang: str
) -> dict[str, Any]:
    """Return the best teams and the best reps by attainment."""
    ranked = [
        _Leader(_name(s, lang), "", share, s.gap, s.figures.get("target"))
        for s in teams
        if (share := s.figures.get("attainment")) is not None and s.gap is not None and not s.part
    ]
    sources = teams or ([whole] if whole else [])
    reps = [(rank(rep), s.team, rep, s) for s in sources for rep in s.figures.get("reps", ())]
    best = sorted(ranked, key=_rank)[:_LEADERS]
    stars = [
        _Leader(
            plain(rep["rep"]),
            _name(s, lang) if s is not whole else "",
            rep["attainment"],
            rep["gap"],
            rep.get("target"),
        )
        for _, _, rep, s in sorted(reps, key=lambda found: found[:2])[:_LEADERS]
    ]
    tables = []
    if len(ranked) > 1:
        key = "leaders.teams_best" if len(ranked) > len(best) else "leaders.teams"
        title = said(key, lang, count=len(best), all=len(ranked))
        tables.append(_leader_table(title, said("table.team", lang), best, wording, lang))
    if stars:
        title = said("leaders.reps" if len(reps) > len(stars) else "leaders.reps_all", lang, count=len(stars))
        tables.append(_leader_table(title, said("leaders.rep", lang), stars, wording, lang))
    order = said("leaders.order" if record["head"]["complete"] else "leaders.order_open", lang)
    if record["parameters"].get("audience", UNRESTRICTED) != UNRESTRICTED:
        order = f"{order} · {words.text('audience', 'persons', lang)}"
    return {"order": order, "tables": tables}


def _rank(leader: _Leader) -> tuple[float, float, str]:
    return -leader.attainment, -leader.gap, leader.name


def _leader_table(title: str, head: str, leaders: Sequence[_Leader], wording: Amounts, lang: str) -> dict[str, Any]:
    most = max(leader.attainment for leader in leaders)
    rows = [
        (
            leader.name,
            leader.team,
            figure(leader.attainment, "rate", lang),
            bar(leader.attainment, most),
            wording.scale.write_apart(leader.target),
            wording.scale.write(leader.gap, signed=True),
        )
        for leader in leaders
    ]
    return {"title": title, "head": head, "rows": rows, "teams": any(leader.team for leader in leaders)}


def _codes(teams: Sequence[Standing]) -> list[str]:
    """Return the lights that stand on the page, in the order they are explained in."""
    found = {s.light(stage) for s in teams for stage in s.notebooks}
    return [
        code for code in ("met", "some", "missed", "open", "none", "part", "done", "failed", "waiting") if code in found
    ]
