"""Put deliberate faults into a copy of the package, one at a time, and see whether the tests notice.

Run ``python -m tools.faults [WORD ...]``; words choose faults by their names. Exit code 1 where a fault stays unseen.
It takes some minutes and is not part of ``make test``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_RESUME = (
    "tests/batch/test_faults.py::test_what_an_output_depends_on_makes_it_run_again_and_nothing_else_does"
)
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
        "a quarantined row is dropped from the list", "data/quarantine.py",
        "return sorted(rows, key=lambda r: r[2])", "return sorted(rows, key=lambda r: r[2])[1:]",
        ("tests/data/test_accounting.py", "tests/data/test_bad_input.py"),
    ),
    Fault(
        "duplicates are counted as accepted", "data/quarantine.py",
        "accepted = self.read - self.quarantined - self.duplicates", "accepted = self.read - self.quarantined",
        ("tests/data/test_accounting.py", "tests/project/test_cli.py"),
    ),
    Fault(
        "a window loses its last day", "metrics/grouped.py",
        "np.datetime64(window.end + timedelta(days=1))", "np.datetime64(window.end)",
        ("tests/metrics", "tests/diagnosis/test_attainment.py", "tests/diagnosis/test_drivers.py"),
    ),
    Fault(
        "money is a hundred times too large", "metrics/sales.py",
        'return rows.sum("amount") / SCALE', 'return rows.sum("amount") / (SCALE / 100)',
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
        "a mapped value is lost", "data/mapping.py",
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
        "what a killed worker had in hand is left out", "batch/attempts.py",
        "deaths < ATTEMPTS", "deaths < 0",
        (_KILLED,),
    ),
    Fault(
        "a message is longer than its limit", "formats/message.py",
        "<= limit", "<= limit + 40",
        ("tests/formats/test_message.py::test_a_message_fits_its_limit_and_tells_what_it_leaves_out",),
    ),
    Fault(
        "a calendar entry's line is too long", "formats/calendar_entries.py",
        "_OCTETS = 75", "_OCTETS = 76",
        ("tests/formats/test_calendar_entries.py::test_names_stay_text",),
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
        "deals begun before the data count as open deals seen from the start", "findings/pipeline.py",
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
        "an answer is put under another account's problem", "findings/answers.py",
        "(named and not agreed)", "False",
        ("tests/diagnosis/test_answers.py",),
    ),
    Fault(
        "what people said counts as measured", "findings/diagnosis/five_whys.py",
        '"why": _signed("answer", a), "evidence": HYPOTHESIS', '"why": _signed("answer", a), "evidence": MEASURED',
        ("tests/diagnosis/test_five_whys.py",),
    ),
    Fault(
        "the months judged with the period count as usual", "findings/usual.py",
        '"month": (12, 3)', '"month": (12, 0)',
        ("tests/diagnosis/test_five_whys.py",),
    ),
    Fault(
        "a shortfall is explained by too little", "findings/diagnosis/ruled_out.py",
        "HALF = 0.5", "HALF = 0.05",
        ("tests/diagnosis/test_ruled_out.py",),
    ),
    Fault(
        "who logs nothing is counted as having done nothing", "findings/workload.py",
        "counts[~some] = np.nan", "counts[~some] = 0.0",
        ("tests/diagnosis/test_situations.py",),
    ),
    Fault(
        "who joined in mid-period is measured by the whole of it", "findings/workload.py",
        "days = there.get(member, whole)", "days = [window] if member in there else whole",
        ("tests/diagnosis/test_process.py",),
    ),
    Fault(
        "what came in later counts as come in", "metrics/collection.py",
        "paid = np.isnat(paid_on) | (paid_on <= on_day)", "paid = np.isnat(paid_on) | ~np.isnat(paid_on)",
        ("tests/diagnosis/test_collection.py",),
    ),
    Fault(
        "a decline is judged by the month before", "findings/seasoned.py",
        "quarters = [i - _QUARTER for i in range(len(run))]", "quarters = [i - 1 for i in range(len(run))]",
        ("tests/diagnosis/test_situations.py",),
    ),
    Fault(
        "holidays make a decline", "findings/seasoned.py",
        "return ratio(sums, days)", "return ratio(sums, np.ones(len(days)))",
        ("tests/diagnosis/test_situations.py",),
    ),
    Fault(
        "the season of a key figure is the month before", "findings/diagnosis/key_figures.py",
        "found = [base_of(scope.at(p)) for p in run]", "found = [base_of(scope.at(p).before()) for p in run]",
        ("tests/diagnosis/test_key_figures.py",),
    ),
    Fault(
        "open deals of the day hold what closed later", "findings/pipeline.py",
        "over = there & ended & (closed <= today)", "over = there & ended",
        ("tests/diagnosis/test_cycle.py", "tests/diagnosis/test_stalled.py"),
    ),
    Fault(
        "stages stand in the opposite order", "findings/stages.py",
        "key=lambda i: (-wins[i], late[i], i)", "key=lambda i: (wins[i], late[i], i)",
        ("tests/diagnosis/test_funnel.py",),
    ),
    Fault(
        "a won deal has not passed its last stage", "findings/stages.py",
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
