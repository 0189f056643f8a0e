"""The benchmarks still run: each in its smallest form."""

import importlib
import sys
from pathlib import Path

import pandas as pd
import pytest

from salesnb.batch.records import failed_record, new_record, write_record
from salesnb.places import open_place
from tests.chromium import CHROMIUM

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.fixture(autouse=True)
def beside(monkeypatch, tmp_path):
    """Let scripts import one another, as they do when they are run; the caches they fill are the test's."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # the scripts set them too; this puts them back


def numbers(table, what):
    return next(line for line in table.splitlines() if line.startswith(f"| {what}"))


@pytest.mark.parametrize("name", NAMES)
def test_every_script_says_how_it_is_run(name):
    module = importlib.import_module(name)
    assert module.__doc__
    if hasattr(module, "main"):
        assert f"python benchmarks/{name}.py" in module.__doc__
        assert name in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_made_company_is_the_same_every_time_and_its_teams_of_one_size(tmp_path):
    made = importlib.import_module("made_company")
    for folder in ("a", "b"):
        made.make_company(tmp_path / folder, 3, 20)
    for name in ("orders.csv", "targets.csv", "reps.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    rows = (tmp_path / "a" / "orders.csv").read_text().splitlines()[1:]
    assert [sum(row.startswith(f"{team:04d}-") for row in rows) for team in range(3)] == [20, 20, 20]


def test_planning_is_measured_where_nothing_and_where_everything_is_there(capsys):
    plan = importlib.import_module("batch_plan")
    plan.main(["--teams", "3", "--periods", "2", "--times", "1", "--no-batch"])
    told = capsys.readouterr().out
    assert "66 notebooks" in told  # 2 periods x (3 teams x 8 stages + 9 of the whole company)
    assert numbers(told, "planning, nothing there")
    assert numbers(told, "planning, everything there")


def test_the_loop_runs_every_notebook_once_however_many_loops():
    loop = importlib.import_module("batch_against_loop")
    notebooks = [(Path(f"{n:02d}_stage.ipynb"), "Key accounts") for n in range(5)]
    script = loop.loop_script(notebooks, "2025-09", 2, Path("out"))
    assert script.count("papermill") == script.count("nbconvert") == 5
    assert script.count(") &") == 2
    assert script.count("-r team 'Key accounts'") == 5
    assert script.endswith("wait\n")


def test_jobs_are_handed_to_whoever_is_free_first():
    scale = importlib.import_module("batch_scale")
    found = scale.simulate([4, 1, 1, 1, 1], workers=2, start=1)
    assert (found.makespan, found.longest) == (5, 4)
    assert found.utilisation == pytest.approx(0.8)
    assert scale.simulate([1] * 10, workers=10, start=0, handing=2).makespan == 19  # the scheduler is what bounds it


def test_costs_are_read_from_a_batch_that_was_run(tmp_path):
    scale = importlib.import_module("batch_scale")
    place = open_place(tmp_path)
    for team, seconds in (("North", 1.0), ("South", 3.0), ("all", 5.0)):
        record = new_record(team, "2025-09")
        record["stages"]["review"] = {**failed_record("k", "", {}), "status": "ok", "seconds": seconds}
        write_record(place, team, record)
    costs, size = scale.read_costs(tmp_path, start=1, whole=2)
    assert (costs.team, costs.whole) == ({"review": 2.0}, {"review": 10.0})
    assert costs.of("South", "outlook") == 2.0
    assert size > 100


def test_memory_is_read_of_a_process_and_all_beneath_it():
    import os
    import subprocess
    import sys

    growth = importlib.import_module("batch_growth")
    hungry = "import time; held = bytearray(230_000_000); held[::4096] = b'x' * len(held[::4096]); print('.', flush=True); time.sleep(60)"  # noqa: E501
    with subprocess.Popen([sys.executable, "-c", hungry], stdout=subprocess.PIPE) as child:
        child.stdout.read(1)
        peaks = growth.Peaks()
        peaks.look(os.getpid())
        beneath = growth.Peaks()
        beneath.look(child.pid)
        child.kill()
    assert peaks.largest >= beneath.driver > 200


def test_cycle_and_chance_to_win_are_near_the_truth_of_made_deals(capsys):
    made = importlib.import_module("cycle")
    kind = made.KINDS[1]
    deals = made.made_deals(kind, 0, 2000)
    days = (deals["close_date"] - deals["created_date"]).dt.days
    assert (days.dropna() >= 0).all()
    assert 0.05 < (deals["status"] == "open").mean() < 0.35
    made.main(["--seeds", "5", "--deals", "1500", "--growth", "100"])
    told = capsys.readouterr().out
    for kind in made.KINDS:
        _, _, truth, cycle, *_ = (cell.strip() for cell in numbers(told, f"{kind.name} | ").split("|"))
        assert float(cycle) == pytest.approx(float(truth), rel=0.05)
        _, _, _, truth, won, off, _, naive, _ = (c.strip() for c in numbers(told, f"{kind.name} | 120").split("|"))
        assert abs(float(off)) < 2
        assert float(naive) > float(won) + 0.03


def test_made_causes_are_the_same_every_time_and_are_what_they_say():
    made = importlib.import_module("made_causes")
    one, same = made.sales_case("medium", 4), made.sales_case("medium", 4)
    assert one.leaves.equals(same.leaves)
    assert (len(one.leaves), len(one.problems), len(one.traps)) == (3900, 3, 1)
    target = one.leaves["expected"].sum()
    for problem in one.problems:
        assert 0.02 <= one.leaves.loc[problem.covers, "expected"].sum() / target <= 0.30
        assert 0.012 <= problem.loss / target <= 0.12
        assert (one.covers(problem.members) == problem.covers).all()
    assert one.traps[0].loss < 0
    quiet = made.sales_case("easy", 4, problems=0, traps=0)
    ratio = quiet.leaves["actual"] / quiet.leaves["expected"]
    assert ratio.std() / ratio.mean() == pytest.approx(0.05, rel=0.1)
    assert 0.94 <= ratio.mean() <= 1.03


@pytest.mark.parametrize("kind", ["counts", "money"])
def test_a_made_ratio_loses_what_was_planted(kind):
    made = importlib.import_module("made_causes")
    for seed in range(3):
        case = made.ratio_case("easy", seed, problems=1, traps=0, kind=kind, deals=2_000_000)
        (problem,) = case.problems
        usual = case.leaves["base"] * case.leaves["expected_value"] / case.leaves["expected_base"]
        left = [case.leaves["value"][some].sum() / usual[some].sum() for some in (problem.covers, ~problem.covers)]
        expected = 1 - problem.loss / case.leaves["expected_value"][problem.covers].sum()
        assert left[0] / left[1] == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(("name", "depth"), [("S", 5), ("L", 4)])
def test_riskloc_cases_plant_what_the_paper_says(name, depth):
    made = importlib.import_module("made_causes")
    for seed in range(4):
        case = made.riskloc_case(name, seed, most=6)
        assert 1 <= len(case.problems) <= (9 if name == "S" else 5)
        for problem in case.problems:
            assert len(problem.members) <= depth
            assert len(problem.members) == depth or name == "S"
            inside = case.leaves[problem.covers]
            rises, falls = inside["actual"] > inside["expected"], inside["actual"] < inside["expected"]
            assert not (rises.any() and falls.any())


def test_a_slice_counts_as_found_when_it_covers_the_same_leaves_under_any_name():
    made = importlib.import_module("made_causes")
    frame = pd.DataFrame(
        {"team": list("NNSS"), "rep": list("abcc"), "expected": [1.0, 1, 1, 0], "actual": [1.0, 1, 0, 0]}
    )
    case = made.Case(frame, ("team", "rep"))
    south = made.Planted({"team": "S"}, case.covers({"team": "S"}), 1.0)
    case = made.Case(frame, ("team", "rep"), (south,))
    assert made.score(case, [{"rep": "c"}]) == made.Score(1, 1, 1)
    assert made.score(case, [{"team": "N"}, {"team": "S", "rep": "c"}]) == made.Score(1, 1, 2)
    total = made.Score(1, 2, 3) + made.Score(1, 1, 1)
    assert (total.recall, total.precision, total.f1) == (pytest.approx(2 / 3), 0.5, pytest.approx(4 / 7))


def test_the_plain_pivot_ranks_cells_by_what_they_lost():
    rivals = importlib.import_module("rivals")
    frame = pd.DataFrame({"a": list("xxyy"), "b": list("uvuv"), "expected": [9.0, 9, 9, 9], "actual": [9.0, 4, 8, 9]})
    assert rivals.pivot(frame, ("a", "b"), most=2) == [{"a": "x", "b": "v"}, {"a": "y", "b": "u"}]


def test_another_library_that_is_not_there_is_told(tmp_path):
    rivals = importlib.import_module("rivals")
    frame = pd.DataFrame({"a": ["x"], "expected": [1.0], "actual": [1.0]})
    with rivals.WisePizza(Path(sys.executable), tmp_path) as pizza, pytest.raises(RuntimeError, match="wise_pizza"):
        pizza.losses(frame, ("a",))


def test_localisation_is_compared_in_one_run(capsys):
    localisation = importlib.import_module("localisation")
    localisation.main(["--cases", "2", "--periods", "1", "--first-seed", "0"])
    told = capsys.readouterr().out
    for level in ("easy", "medium", "hard"):
        mine, plain = (line.split("|") for line in told.splitlines() if line.startswith(f"| {level} |"))
        assert float(mine[3]) > float(plain[3])
        assert numbers(told, f"additive | {level}").split("|")[4].strip() == "0"
    assert float(numbers(told, "L").split("|")[2]) > 0.8
    assert told.count("counts, past of 12 periods") == 9
    assert numbers(told, "1,000 | 9")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "columns"), [("batch_against_loop", 7), ("batch_against_cells", 8)])
def test_a_batch_is_measured_against_its_peers(name, columns, capsys):
    script = importlib.import_module(name)
    script.main(["--pairs", "1", "--team", "South", "--stage", "strategy"])
    told = capsys.readouterr().out
    assert "1 notebooks of 2025-09" in told
    assert numbers(told, "1 ").count("|") == columns + 1
    assert numbers(told, "median")


@pytest.mark.slow
def test_growth_is_measured_with_its_memory(capsys):
    importlib.import_module("batch_growth").main(["--most", "1", "--orders", "60"])
    cells = numbers(capsys.readouterr().out, "1 ").split("|")
    assert int(cells[2]) == 4
    assert float(cells[-3]) > 50


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium found")
def test_the_first_paint_is_measured_on_a_slowed_phone(tmp_path, capsys):
    paint = importlib.import_module("first_paint")
    (tmp_path / "South 1").mkdir()
    page = tmp_path / "South 1" / "review.html"
    page.write_text("<!DOCTYPE html><p>Memo</p>" + "<!-- -->" * 25_000, encoding="utf-8")
    paint.main(["--reports", str(tmp_path), "--times", "1"])
    cells = numbers(capsys.readouterr().out, "South 1/review.html").split("|")
    assert int(cells[2]) == 200
    assert float(cells[4]) >= float(cells[3]) > paint.SLOW_4G["latency"]
    assert float(cells[4]) > 200_000 / paint.SLOW_4G["downloadThroughput"] * 1000


def test_what_findings_name_is_counted_in_quiet_months_and_after_planted_losses(capsys, monkeypatch):
    quiet = importlib.import_module("quiet_companies")
    for name, few in (("KINDS", {"even": quiet.KINDS["even"]}), ("JUDGED", (33,)), ("LOSSES", (0.9,))):
        monkeypatch.setattr(quiet, name, few)
    monkeypatch.setattr(quiet, "SHARES", {"1/3": 1 / 3})
    quiet.main(["--only", "quiet", "power", "--months", "2", "--cases", "1", "--first-seed", "0"])
    told = capsys.readouterr().out
    assert numbers(told, "all").split("|")[2:4] == [" 2 ", " 0 (0.0%) "]
    assert [cell.strip() for cell in numbers(told, "quarter").split("|")[2:6]] == ["1/3", "90%", "1", "100%"]


def test_made_teams_are_the_same_every_time_and_lose_what_was_planted():
    teams = importlib.import_module("made_teams")
    one, other = teams.quiet_team("even", 3), teams.quiet_team("even", 3)
    for name in ("orders", "targets", "opportunities", "receipts"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    first = pd.Timestamp("2024-05-01")
    lost = teams.with_loss(one, {"channel": "direct"}, first.date(), 1.0, 1)
    gone = one.orders[~one.orders["order_id"].isin(set(lost.orders["order_id"]))]
    assert len(gone)
    assert set(gone["channel"]) == {"direct"}
    assert gone["sales_date"].min() >= first
    known = one.until(first.date())
    assert (known.receipts["received_date"].dropna() <= first).all()
    assert (known.opportunities["close_date"].dropna() <= first).all()
