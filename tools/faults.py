"""Put deliberate faults into a copy of the package, one at a time, and see whether the tests notice.

Run ``python -m tools.faults [WORD ...]``; words choose faults by their names. Exit code 1 where a fault stays unseen.
It takes some minutes and is not part of ``make test``.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_RESUME = "tests/batch/test_faults.py::test_what_an_output_depends_on_makes_it_run_again_and_nothing_else_does"
_KILLED = "tests/batch/test_faults.py::test_a_killed_worker_costs_the_notebook_in_hand_one_try"
_COPIED = ("salesnb", "tests", "tools", "notebooks", "data", "examples", "conftest.py", "pyproject.toml")


@dataclass(frozen=True)
class Fault:
    """One line of ``file`` made wrong, and the tests that must notice."""

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


FAULTS = (
    Fault(
        "the gap has the wrong sign", "metrics/against.py",
        'return figures["actual"] - figures["target"]', 'return figures["target"] - figures["actual"]',
        ("tests/metrics", "tests/diagnosis/test_attainment.py"),
    ),
    Fault(
        "a quarantined row is dropped from the list", "data/taking/quarantine.py",
        "rows = sorted([*ragged, *faulty], key=lambda row: row[0])",
        "rows = sorted([*ragged, *faulty], key=lambda row: row[0])[1:]",
        ("tests/data/test_accounting.py", "tests/data/test_bad_input.py"),
    ),
    Fault(
        "duplicates are counted as accepted", "data/taking/quarantine.py",
        "return self.read - self.quarantined - self.duplicates - self.skipped",
        "return self.read - self.quarantined - self.skipped",
        ("tests/data/test_accounting.py", "tests/project/test_cli.py"),
    ),
    Fault(
        "a window loses its last day", "metrics/grouped.py",
        "np.datetime64(window.end + timedelta(days=1))", "np.datetime64(window.end)",
        ("tests/metrics", "tests/diagnosis/test_attainment.py", "tests/diagnosis/test_drivers.py"),
    ),
    Fault(
        "money is a hundred times too large", "metrics/sales.py",
        'return rows.money("amount")', 'return rows.money("amount") * 100',
        ("tests/metrics", "tests/diagnosis/test_attainment.py"),
    ),
    Fault(
        "last year is the year before last", "calendar.py",
        "if p.year == period.year - 1", "if p.year == period.year - 2",
        ("tests/ground",),
    ),
    Fault(
        "year over year compares with two years ago", "calendar.py",
        "return _MAKE[period.level](period.year - 1, period.number)",
        "return _MAKE[period.level](period.year - 2, period.number)",
        ("tests/ground", "tests/metrics"),
    ),
    Fault(
        "a mapped value is lost", "data/taking/mapping.py",
        "wanted.get(word, word)", "word",
        ("tests/data/test_mapping.py",),
    ),
    Fault(
        "a sentence takes its number from the wrong row", "show/sentence.py",
        "return _value(finding, column, position, style, lang)",
        "return _value(finding, column, 0, style, lang)",
        ("tests/show", "tests/diagnosis", "tests/review"),
    ),
    Fault(
        "facts lose a dimension", "findings/finding.py",
        "for v in finding.rows[d].tolist()] for d in finding.dimensions}",
        "for v in finding.rows[d].tolist()] for d in finding.dimensions[1:]}",
        ("tests/report", "tests/show", "tests/diagnosis"),
    ),
    Fault(
        "a Chinese figure is ten times the English one", "show/numbers.py",
        '(Decimal(10) ** 4, "万")', '(Decimal(10) ** 3, "万")',
        ("tests/show",),
    ),
    Fault(
        "a failed notebook's facts are kept", "batch/job.py",
        'for stage, found in sorted(record["stages"].items()) if found["status"] == "ok"]',
        'for stage, found in sorted(record["stages"].items())]',
        ("tests/batch/test_batch_run.py",),
    ),
    Fault(
        "a key forgets the data", "batch/content.py",
        "self._notebooks[stage], reads, team, period", "self._notebooks[stage], team, period",
        (_RESUME,),
    ),
    Fault(
        "a page that is gone is not missed", "batch/records.py",
        "and files_of(stage, found) <= files", "",
        (_RESUME,),
    ),
    Fault(
        "what a killed worker had in hand is left out", "batch/assignment.py",
        "deaths < ATTEMPTS", "deaths < 0",
        (_KILLED,),
    ),
    Fault(
        "a message is longer than its limit", "formats/message.py",
        "<= limit", "<= limit + 40",
        ("tests/formats/test_message.py::test_a_message_fits_its_limit_and_tells_what_it_leaves_out",),
    ),
    Fault(
        "a calendar entry lasts no day", "formats/calendar_entries.py",
        "dtend=entry.due + timedelta(days=1)", "dtend=entry.due",
        ("tests/formats/test_calendar_entries.py::test_an_entry_is_what_the_standard_says",),
    ),
    Fault(
        "a name of the data is taken for a mail's markup", "formats/email.py",
        'font-weight:400">{escaped(text)}', 'font-weight:400">{text}',
        ("tests/formats/test_email.py",),
    ),
    Fault(
        "who leads a part of a team is given all of it", "formats/bundle.py",
        "set(members) <= led | alone", "True",
        ("tests/formats/test_bundle.py::test_who_leads_what",),
    ),
    Fault(
        "a link leads out of a manager's folder", "formats/bundle.py",
        "if target in known else link[1]", "if target in known else link[0]",
        ("tests/formats/test_bundle.py::test_links_out_of_the_folder_are_text",),
    ),
    Fault(
        "a case that ends on a day is not at risk on it", "methods/survival.py",
        'over = np.searchsorted(np.sort(times), steps, side="left")',
        'over = np.searchsorted(np.sort(times), steps, side="right") - 1',
        ("tests/methods/test_survival.py",),
    ),
    Fault(
        "lost deals count as deals that may still be won", "findings/diagnosis/win_by_day.py",
        "incidence(d.days, d.outcome, WON, d.entry)", "incidence(d.days, d.outcome * (d.outcome == WON), WON, d.entry)",
        ("tests/diagnosis/test_win_by_day.py",),
    ),
    Fault(
        "deals begun before the data count as open deals seen from the start", "views/pipeline.py",
        "np.where(begun < first, late, ALWAYS)", "np.full(len(begun), ALWAYS)",
        ("tests/diagnosis/test_cycle.py",),
    ),
    Fault(
        "open deals are left out of the cycle", "findings/diagnosis/cycle.py",
        "kaplan_meier(now.days, now.closed, now.entry)",
        "kaplan_meier(now.days[now.closed], now.closed[now.closed], now.entry[now.closed])",
        ("tests/diagnosis/test_cycle.py",),
    ),
    Fault(
        "an answer is put under another account's problem", "causes/answers.py",
        "(named and not agreed)", "False",
        ("tests/diagnosis/test_answers.py",),
    ),
    Fault(
        "what people said counts as measured", "findings/diagnosis/five_whys.py",
        '"why": _signed("answer", a), "evidence": HYPOTHESIS', '"why": _signed("answer", a), "evidence": MEASURED',
        ("tests/diagnosis/test_five_whys.py",),
    ),
    Fault(
        "the months judged with the period count as usual", "views/past.py",
        '"month": (12, 3)', '"month": (12, 0)',
        ("tests/diagnosis/test_five_whys.py",),
    ),
    Fault(
        "a shortfall is explained by too little", "findings/diagnosis/ruled_out.py",
        "HALF = 0.5", "HALF = 0.05",
        ("tests/diagnosis/test_ruled_out.py",),
    ),
    Fault(
        "who logs nothing is counted as having done nothing", "views/workload.py",
        "counts[~some] = np.nan", "counts[~some] = 0.0",
        ("tests/diagnosis/test_situations.py",),
    ),
    Fault(
        "who joined in mid-period is measured by the whole of it", "views/workload.py",
        "days = there.get(member, whole)", "days = [window] if member in there else whole",
        ("tests/diagnosis/test_process.py",),
    ),
    Fault(
        "what came in later counts as come in", "metrics/collection.py",
        "paid = np.isnat(paid_on) | (paid_on <= on_day)", "paid = np.isnat(paid_on) | ~np.isnat(paid_on)",
        ("tests/diagnosis/test_collection.py",),
    ),
    Fault(
        "a decline is judged by the month before", "views/seasoned.py",
        "quarters = [i - _QUARTER for i in range(len(run))]", "quarters = [i - 1 for i in range(len(run))]",
        ("tests/diagnosis/test_situations.py",),
    ),
    Fault(
        "holidays make a decline", "views/seasoned.py",
        "return ratio(sums, np.array(past.lengths))", "return ratio(sums, np.ones(len(past.lengths)))",
        ("tests/diagnosis/test_situations.py",),
    ),
    Fault(
        "the season of a key figure is the month before", "findings/diagnosis/key_figures.py",
        "found = [base_of(scope.at(p)) for p in run]", "found = [base_of(scope.at(p).before()) for p in run]",
        ("tests/diagnosis/test_key_figures.py",),
    ),
    Fault(
        "open deals of the day hold what closed later", "views/pipeline.py",
        "over = there & ended & (closed <= today)", "over = there & ended",
        ("tests/diagnosis/test_cycle.py", "tests/diagnosis/test_stalled.py"),
    ),
    Fault(
        "stages stand in the opposite order", "views/stages.py",
        "key=lambda i: (-wins[i], late[i], i)", "key=lambda i: (wins[i], late[i], i)",
        ("tests/diagnosis/test_funnel.py",),
    ),
    Fault(
        "a won deal has not passed its last stage", "views/stages.py",
        "np.where(won & (reached >= 0), known.shape[1], reached)",
        "np.where(won & (reached < 0), known.shape[1], reached)",
        ("tests/diagnosis/test_funnel.py",),
    ),
    Fault(
        "months too young to judge get a rate", "findings/diagnosis/funnel.py",
        'return "" if run[-1] in ripe else "not_ripe"', 'return ""',
        ("tests/diagnosis/test_funnel.py", "tests/diagnosis/test_golden.py"),
    ),
    Fault(
        "lost deals without an amount are worth nothing", "findings/diagnosis/lost_deals.py",
        'rows["lost_value"].where(rows["priced_deals"] > 0)', 'rows["lost_value"]',
        ("tests/diagnosis/test_lost_deals.py",),
    ),
    Fault(
        "chance singles out reasons and competitors", "methods/rates.py",
        "if pair is None or not chance < rare:", "if pair is None:",
        ("tests/methods/test_rates.py", "tests/diagnosis/test_lost_deals.py"),
    ),
    Fault(
        "a loss of a slice reads as a gain", "methods/at_once/scan.py",
        "drifted, actual - drifted, surprise",
        "drifted, drifted - actual, surprise",
        ("tests/methods/test_scan.py",),
    ),
    Fault(
        "the market's move is held against a slice", "methods/at_once/scan.py",
        "drifted = expected * drift",
        "drifted = expected",
        ("tests/methods/test_scan.py",),
    ),
    Fault(
        "what moved all else is not asked of a slice", "causes/explained.py",
        "sorted((expected, expected * drift))",
        "sorted((expected, expected))",
        ("tests/diagnosis/test_localisation.py",),
    ),
    Fault(
        "a leaf counts in every slice that covers it", "methods/at_once/scan.py",
        "own = owner == number",
        "own = found[place].covers",
        ("tests/methods/test_scan.py",),
    ),
    Fault(
        "leaves of a slice named stay for the next", "causes/explained.py",
        "left &= ~fit",
        "left &= left",
        ("tests/diagnosis/test_localisation.py",),
    ),
    Fault(
        "what was found stays in the table", "methods/over_time/fallen_slices.py",
        "left[i] = left[i].without(best.members)",
        'left[i] = left[i].without({"who": ""})',
        ("tests/methods/test_fallen_slices.py",),
    ),
    Fault(
        "how many slices were looked at does not count", "methods/over_time/fallen_slices.py",
        "j.chance * times * 2 * np.array(looked)[depth[j.rows].astype(int)]",
        "j.chance * 1.0",
        ("tests/methods/test_fallen_slices.py",),
    ),
    Fault(
        "of one period too the number of slices does not count", "methods/at_once/peeling.py",
        "exp(min(tails + unlikely + log(DOUBT), 0.0))",
        "exp(min(tails, 0.0))",
        ("tests/methods/test_scan.py",),
    ),
    Fault(
        "a slice is named though its past strays as far", "causes/explained.py",
        "        if chance >= LIMIT:",
        "        if chance > 1.0:",
        ("tests/diagnosis/test_localisation.py",),
    ),
    Fault(
        "what comes with every season is a surprise", "methods/over_time/straying.py",
        ">= SAME_SEASON * spread",
        ">= -99.0 * spread",
        ("tests/methods/test_straying.py",),
    ),
    Fault(
        "the chance to win is one minus Kaplan-Meier", "methods/survival.py",
        "share = np.cumsum(before * table.ended / table.at_risk)",
        "share = 1.0 - np.cumprod(1.0 - table.ended / table.at_risk)",
        ("tests/methods/test_survival.py", "tests/diagnosis/test_win_by_day.py",),
    ),
    Fault(
        "an interval of a share not ended is too narrow", "methods/survival.py",
        "ndtri(0.5 + confidence / 2)",
        "ndtri(confidence)",
        ("tests/methods/test_survival.py",),
    ),
    Fault(
        "an interval of a rate is too narrow", "methods/rates.py",
        "ndtri((1 + level) / 2)",
        "ndtri(level)",
        ("tests/methods/test_rates.py",),
    ),
    Fault(
        "several looks cost nothing", "methods/rates.py",
        "float(values[place]) * (len(order) - rank)",
        "float(values[place])",
        ("tests/methods/test_rates.py",),
    ),
    Fault(
        "deals still in a stage count as gone on", "views/stages.py",
        "kaplan_meier(stay, left[here])",
        "kaplan_meier(stay, np.ones(len(stay)))",
        ("tests/diagnosis/test_funnel.py",),
    ),
    Fault(
        "what people reported counts as measured", "causes/why_steps.py",
        '"reported", evidence=HYPOTHESIS',
        '"reported", evidence=MEASURED',
        ("tests/diagnosis/test_five_whys.py",),
    ),
    Fault(
        "a driver that goes along is said to be measured", "findings/diagnosis/problems.py",
        '"measured" if found.slice.signal in MEASURED else "associated"',
        '"measured"',
        ("tests/diagnosis/test_problems.py",),
    ),
    Fault(
        "a bridge loses what rounding leaves", "methods/attribution.py",
        "for n in range(abs(left)):",
        "for n in range(0):",
        ("tests/methods/test_attribution.py",),
    ),
    Fault(
        "a bridge loses what may not be shown", "findings/diagnosis/localisation.py",
        "(units[rest] + missing) / SCALE",
        "units[rest] / SCALE",
        ("tests/diagnosis/test_localisation.py",),
    ),
    Fault(
        "price and volume are swapped", "findings/diagnosis/price_volume_mix.py",
        'PARTS = ("volume", "mix", "price",',
        'PARTS = ("price", "mix", "volume",',
        ("tests/diagnosis/test_price_volume_mix.py",),
    ),
    Fault(
        "mix is counted at today's prices", "methods/attribution.py",
        "(q1 - usual) * (p0 - average)",
        "(q1 - usual) * (p1 - average)",
        ("tests/methods/test_attribution.py",),
    ),
    Fault(
        "a healthy deal is a zombie", "findings/diagnosis/stalled.py",
        "zombie=age > limits.longest",
        "zombie=age > limits.slow",
        ("tests/diagnosis/test_stalled.py",),
    ),
    Fault(
        "a deal as old as the oldest that closed is a zombie", "findings/diagnosis/stalled.py",
        "zombie=age > limits.longest",
        "zombie=age >= limits.longest",
        ("tests/diagnosis/test_stalled.py",),
    ),
    Fault(
        "last year is the period before", "causes/baselines.py",
        "LAST_YEAR, scope.last_year",
        "LAST_YEAR, scope.previous",
        ("tests/diagnosis/test_lines.py",),
    ),
    Fault(
        "days still to come are held against slices", "causes/baselines.py",
        'leaves["expected"] *= progress',
        'leaves["expected"] *= 1.0',
        ("tests/diagnosis/test_localisation.py",),
    ),
    Fault(
        "a target is spread over leaves evenly", "causes/baselines.py",
        "share = np.divide(usual, together[at]",
        "share = np.divide(usual * 0 + together[at] / np.bincount(at)[at], together[at]",
        ("tests/diagnosis/test_localisation.py",),
    ),
    Fault(
        "the rush at a quarter's end is a surprise", "views/past.py",
        "place_of(w) if months else 0",
        "0",
        ("tests/diagnosis/test_localisation.py", "tests/diagnosis/test_lines.py",),
    ),
    Fault(
        "who is new in a quarter is new in a month of it only", "views/customers.py",
        "np.where(place < 0, month, starts[place])", "month",
        ("tests/diagnosis/test_new_customers.py", "tests/diagnosis/test_lines.py"),
    ),
    Fault(
        "a rep without sales in a week has left", "views/workload.py",
        "period.start <= scope.period.end and period.end >= scope.period.start",
        "period == scope.period",
        ("tests/diagnosis/test_lines.py",),
    ),
    Fault(
        "days still to come are a shortfall", "causes/shortfalls.py",
        "(h.target * progress, h.actual) for m",
        "(h.target, h.actual) for m",
        ("tests/diagnosis/test_shortfalls.py",),
    ),
    Fault(
        "the season of a part of a period is that of a whole one", "scope.py",
        "return self.calendar.cut(period.window, self.calendar.working_days(self.window))",
        "return period.window",
        ("tests/diagnosis/test_shortfalls.py",),
    ),
    Fault(
        "growth that turned is measured from no growth", "methods/over_time/decline.py",
        "max(usual, 0.0), chance)",
        "0.0, chance)",
        ("tests/methods/test_decline.py",),
    ),
    Fault(
        "the step down itself widens what is normal", "methods/over_time/decline.py",
        "np.delete(steps, len(known) - length - 1)",
        "np.delete(steps, 0)",
        ("tests/methods/test_decline.py",),
    ),
    Fault(
        "a part of a month must fall no further than a whole one", "methods/over_time/decline.py",
        "1 / min(share, 1.0) + 1 / len(rates)",
        "1.0 + 1 / len(rates)",
        ("tests/methods/test_decline.py",),
    ),
    Fault(
        "a large order stands out as on a normal curve", "methods/over_time/variation.py",
        "return min(skew, (actual - expected) / deviation)",
        "return (actual - expected) / deviation",
        ("tests/methods/test_variation.py",),
    ),
    Fault(
        "a problem's share of the gap may be more than the gap", "findings/diagnosis/problems.py",
        "gap <= found.size.effect < 0",
        "found.size.effect < 0",
        ("tests/diagnosis/test_problems.py",),
    ),
    Fault(
        "a loss is told by the larger of its two measures", "causes/sizing.py",
        "max(sizes, key=lambda size: size.effect)",
        "min(sizes, key=lambda size: size.effect)",
        ("tests/diagnosis/test_sizing.py", "tests/diagnosis/test_problems.py",),
    ),
    Fault(
        "the months judged teach the usual price", "causes/signals.py",
        "until = len(past.windows) - max(past.spans)",
        "until = len(past.windows)",
        ("tests/diagnosis/test_sizing.py", "tests/diagnosis/test_prices.py", "tests/diagnosis/test_problems.py",),
    ),
    Fault(
        "a market that fell explains nothing", "findings/diagnosis/ruled_out.py",
        "base * (shortfall.rest / shortfall.rest_base - 1)",
        "0.0",
        ("tests/diagnosis/test_ruled_out.py",),
    ),
    Fault(
        "deals of a month that is over are all old enough", "views/cohorts.py",
        "m.end + timedelta(days=days) <= scope.as_of",
        "m.end <= scope.as_of",
        ("tests/diagnosis/test_funnel.py",),
    ),
    Fault(
        "a level value won is told as a rise", "findings/diagnosis/_deal_tree.py",
        'if not rows["effect"].iloc[-1]:',
        "if not effects.any():",
        ("tests/diagnosis/test_drivers.py",),
    ),
    Fault(
        "a last year of which the data hold a part is compared", "views/past.py",
        "if before and window and scope.holds(window)",
        "if before and window",
        ("tests/diagnosis/test_past.py",),
    ),
    Fault(
        "orders of two lines are counted by halves where they are shown", "causes/sizing.py",
        "    if column is None or column not in cells:",
        "    if True:",
        ("tests/diagnosis/test_sizing.py",),
    ),
    Fault(
        "what another problem took is counted twice", "causes/sizing.py",
        "others = [one for one in every if one is not found]",
        "others: list[Slice] = []",
        ("tests/diagnosis/test_sizing.py",),
    ),
    Fault(
        "a problem is shown beside an expectation of its own", "findings/diagnosis/problem_evidence.py",
        "last = np.arange(len(rows)) == len(rows) - 1",
        "last = np.zeros(len(rows), dtype=bool)",
        ("tests/diagnosis/test_sizing.py", "tests/diagnosis/test_problem_evidence.py",),
    ),
    Fault(
        "the first why shows another expectation than the problem", "causes/why_steps.py",
        "SYMPTOMS[size.kpi], size.kpi, size.expected, size.actual,",
        "SYMPTOMS[size.kpi], size.kpi, round(size.expected), size.actual,",
        ("tests/diagnosis/test_sizing.py",),
    ),
    Fault(
        "a customer of a quarter stands for three quarters of days", "causes/signals.py",
        'np.array(lengths, dtype="float64")[each]',
        'np.array(lengths, dtype="float64").sum()',
        ("tests/diagnosis/test_signals.py",),
    ),
    Fault(
        "a quarter's money is in time by each month's end", "causes/signals.py",
        "return max(window.end, min(period.end, scope.as_of))",
        "return window.end",
        ("tests/diagnosis/test_signals.py",),
    ),
    Fault(
        "a price nobody believes is believed", "views/prices.py",
        "BELIEVABLE = 5.0",
        "BELIEVABLE = 1e9",
        ("tests/diagnosis/test_prices.py",),
    ),
)  # fmt: skip


def main(words: list[str]) -> int:
    """Try the faults whose names hold any of the words, or all; return the exit code."""
    chosen = [f for f in FAULTS if not words or any(word in f.name for word in words)]
    with tempfile.TemporaryDirectory(prefix="salesnb-faults-") as folder:
        copy = _copied(Path(folder))
        healthy = _passes(copy, tuple(dict.fromkeys(t for f in chosen for t in f.tests)))
        if not healthy:
            print("The tests fail without any fault; mend that first.")
            return 1
        unseen = [fault.name for fault in chosen if not _noticed(fault, copy)]
    print(f"{len(chosen) - len(unseen)} of {len(chosen)} faults were noticed.")
    return 1 if unseen else 0


def _copied(folder: Path) -> Path:
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, folder / name)
    return folder


def _noticed(fault: Fault, copy: Path) -> bool:
    path = copy / "salesnb" / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.right) < 1:
        print(f"{fault.name}: the line to be made wrong is no longer in {fault.file}")
        return False
    path.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
    noticed = not _passes(copy, fault.tests)
    path.write_text(text, encoding="utf-8")
    print(f"{fault.name}: {'noticed' if noticed else 'NOT NOTICED'}", flush=True)
    return noticed


def _passes(copy: Path, tests: tuple[str, ...]) -> bool:
    # Started in the copy, python finds the copy's package before the installed one.
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    if ran.returncode not in {0, 1}:
        raise SystemExit(f"pytest could not run in the copy:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return ran.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
