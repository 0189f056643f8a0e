"""Indexes from run records alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesnb.places import Place, open_place
from salesnb.report.figures import figures_of
from salesnb.report.index import write_indexes
from salesnb.report.run_record import read_run, write_run
from tests.report.index_runs import fail, figures, run, tally

EVIL = '<b>East</b> & "华东"'
STAGES = ("intake", "targets", "diagnosis", "customers", "people", "outlook", "strategy", "execution", "review")


def teams():
    """The whole company, three teams with targets, one that failed; South is 1.06M behind."""
    reps = [
        {"rep": "He <i>Bin", "attainment": 1.2, "gap": 2.0e5, "target": 1.0e6},
        {"rep": "Mo Kai", "attainment": 0.8, "gap": -1.0e5},
    ]
    return {
        "all": figures(40.0e6, 42.0e6, tallies={"review": tally(1, 1), "diagnosis": tally(3, 2)}),
        "South": figures(8.54e6, 9.6e6, tallies={"review": tally(1, 1), "diagnosis": tally(7, 5)}, reps=reps),
        EVIL: figures(12.7e6, 12.4e6, tallies={"review": tally(1, 0), "diagnosis": tally(3, 1)}),
        "North": figures(8.02e6, 8.1e6, tallies={"review": tally(1, 1)}),
        "West": figures(None, None),
    }


WHY = {"en": "Table <targets> is empty.", "zh": "目标表为空。"}
MISSING = {"en": ["Gap?", "Why <x>?"], "zh": ["差距？", "原因？"]}


def september(period: str = "2025-09", **head):
    return fail(run(period, teams(), **head), "West", "review", reason=WHY, missing=MISSING)


def write(place: Place, record) -> None:
    """Write a record and the pages that it names."""
    write_run(place, record)
    for notebook in record["notebooks"]:
        for path in notebook["page"].values():
            place.write(f"{record['period']}/{path}", b"<p>x</p>")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    place = open_place(tmp_path)
    for period in ("2025-08", "2025-09"):
        write(place, september(period))
    write_indexes(place)
    return tmp_path


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def row(page: str, anchor: str) -> str:
    return page[page.index(f'<tr id="{anchor}"') :].split("</tr>")[0]


def numbers(text: str) -> list[str]:
    return re.findall(r'class="number[^"]*">([^<]*)', text)


def lights(text: str) -> list[tuple[str, str]]:
    return re.findall(r'class="l-(\w+)"[^>]*>([^<]*)<', text)


def body(page: str) -> str:
    return page[page.index("<body>") :]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Customer stopped ordering (&lt;b&gt;Alder &amp; Co) −300K"),
        ("zh", "客户停止下单（&lt;b&gt;Alder &amp; Co） −30万"),
    ],
)
def test_each_team_s_first_problem_stands_with_its_name(tmp_path, lang, said):
    first = {"where": {"problem": "customer_stopped", "customer": "<b>Alder & Co"}, "effect": -300_000.0}
    record = run("2025-09", {"South": figures(800.0, 1000.0, first=first), "North": figures(1200.0, 1000.0)})
    write(open_place(tmp_path), record)
    write_indexes(open_place(tmp_path))
    page = (tmp_path / "2025-09" / f"index{'' if lang == 'en' else '.zh'}.html").read_text(encoding="utf-8")
    assert re.findall(r"<small>(.*?)</small></th>", page) == [said]


def test_the_head_says_whose_data_as_of_when_and_whether_the_period_is_over(tmp_path: Path) -> None:
    write(open_place(tmp_path), september(complete=False, as_of="2025-09-22"))
    write_indexes(open_place(tmp_path))
    for path in (tmp_path / "2025-09" / "index.html", tmp_path / "index.html"):
        head = re.sub("<[^>]+>", "|", read(path).split("<h1>")[0].split("<body>")[1])
        assert "|Hengyu &amp; Co.|" in head
        assert "|as of 22 Sep 2025|" in head
        assert "|Provisional|" in head
    assert "截至2025年9月22日" in read(tmp_path / "2025-09" / "index.zh.html")
    assert "暂定" in read(tmp_path / "2025-09" / "index.zh.html")


def test_a_finished_period_is_not_provisional(reports: Path) -> None:
    assert "Provisional" not in body(read(reports / "2025-09" / "index.html"))


def test_the_currency_is_that_of_the_settings(reports: Path) -> None:
    page = read(reports / "2025-09" / "index.html")
    assert "failures first, then by gap; amounts in K USD" in page
    assert "CNY" not in page
    assert "金额单位：万 USD" in read(reports / "2025-09" / "index.zh.html")


def test_failures_come_first_with_their_reason(reports: Path) -> None:
    page = read(reports / "2025-09" / "index.html")
    assert re.findall(r'<tr id="team-(\w+)"', page) == ["t4", "t1", "t3", "t2"]
    assert "1 of 10 pages failed" in page
    assert page.index("Table &lt;targets&gt; is empty.") < page.index("<table")
    assert '<b>Review</b>, <a href="#team-t4">West</a>: Table &lt;targets&gt; is empty.' in page
    assert "Questions not answered: 2</summary><ul><li>Gap?</li><li>Why &lt;x&gt;?</li></ul>" in page
    assert "未回答的问题：2</summary>" in read(reports / "2025-09" / "index.zh.html")


def test_each_cell_of_team_by_stage_has_its_light(reports: Path) -> None:
    page = read(reports / "2025-09" / "index.html")
    south = row(page, "team-t1")
    assert numbers(south) == ["8,540", "9,600", "−1,060", "89.0%"]
    assert lights(south) == [("missed", "5/7 missed"), ("missed", "Missed")]
    assert 'href="t1/diagnosis.html">5/7 missed' in south
    assert lights(row(page, "team-t2")) == [("some", "1/3 missed"), ("met", "Met")]
    assert lights(row(page, "team-t3")) == [("none", "No target"), ("missed", "Missed")]
    west = row(page, "team-t4")
    assert numbers(west) == ["–"] * 4
    assert lights(west) == [("none", "No target"), ("failed", "Failed")]
    chinese = read(reports / "2025-09" / "index.zh.html")
    assert lights(row(chinese, "team-t1")) == [("missed", "5/7未达标"), ("missed", "未达标")]
    assert numbers(row(chinese, "team-t1")) == ["854.0", "960.0", "−106.0", "89.0%"]


def test_the_sums_add_up_and_say_who_is_left_out(reports: Path) -> None:
    """8,540 + 12,700 + 8,020 = 29,260; with the 10,740 of no team that is the company's 40,000."""
    page = read(reports / "2025-09" / "index.html")
    sums = re.findall(r'<tr class="sum[^"]*">(.*?)</tr>', page)
    assert [re.sub("<[^>]+>", "", s.split("</th>")[0]) for s in sums] == ["3 teams", "Rest", "The whole company"]
    assert [numbers(s) for s in sums] == [
        ["29,260", "30,100", "−840", "97.2%"],
        ["10,740", "11,900", "−1,160", "90.3%"],
        ["40,000", "42,000", "−2,000", "95.2%"],
    ]
    assert "1 of 3 teams met their target; left out: West (failed)" in sums[0]
    assert lights(sums[2]) == [("missed", "2/3 missed"), ("missed", "Missed")]


def test_one_row_is_enough_where_the_teams_are_the_whole_company(tmp_path: Path) -> None:
    own = {"all": figures(30.3, 40.1), "A": figures(10.1, 20.1), "B": figures(20.2, 20.0)}
    write(open_place(tmp_path), run("2025-09", own))
    write_indexes(open_place(tmp_path))
    page = read(tmp_path / "2025-09" / "index.html")
    sums = re.findall(r'<tr class="sum[^"]*">(.*?)</tr>', page)
    assert len(sums) == 1
    assert "The whole company, 2 teams" in sums[0]
    assert numbers(sums[0]) == ["30.30", "40.10", "−9.80", "75.6%"]


def test_the_row_of_one_team_is_not_repeated_as_a_sum(tmp_path: Path) -> None:
    alone = {"all": figures(30.3, 40.1), "A": figures(10.1, 20.1)}
    write(open_place(tmp_path), run("2025-09", alone))
    place = open_place(tmp_path)
    write(place, run("2025-08", {"A": figures(10.1, 20.1), "B": figures(3.0, None)}))
    write_indexes(place)
    assert "1 team" not in read(tmp_path / "2025-09" / "index.html")
    sums = re.findall(r'<tr class="sum[^"]*">(.*?)</tr>', read(tmp_path / "2025-08" / "index.html"))
    assert len(sums) == 1
    assert "1 team<" in sums[0]


def test_the_leaderboard_ranks_teams_and_reps_by_attainment(reports: Path) -> None:
    page = read(reports / "2025-09" / "index.html")
    board = page[page.index("Leaderboard <span>") :]
    ranked = [re.sub("<[^>]+>", "|", r) for r in re.findall(r"<tr><td.*?</tr>", board)]
    cells = [[c for c in r.split("|") if c] for r in ranked]
    assert cells[:3] == [
        ["1", "&lt;b&gt;East&lt;/b&gt; &amp; &#34;华东&#34;", "102.4%", "12,400", "+300"],
        ["2", "North", "99.0%", "8,100", "−80"],
        ["3", "South", "89.0%", "9,600", "−1,060"],
    ]
    assert cells[3:5] == [
        ["1", "He &lt;i&gt;Bin", "South", "120.0%", "1,000", "+200"], ["2", "Mo Kai", "South", "80.0%", "–", "−100"],
    ]  # fmt: skip


def test_earlier_periods_stand_below_with_their_figures_and_a_trend(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    shares = {"2025-06": 0.5, "2025-07": 0.9, "2025-08": 1.1, "2025-09": 1.2, "2025-Q3": 0.7}
    for period, share in shares.items():
        own = {"A": figures(share * 100, 100.0), "B": figures(100.0, 100.0)}
        write(place, run(period, own, complete=period != "2025-09"))
    write_indexes(place)
    page = read(tmp_path / "2025-09" / "index.html")
    run_of = page[page.index("This period and those before") :]
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</tr>", run_of)
    assert [re.sub("<[^>]+>", "", r.split("</th>")[0]) for r in rows] == [
        "September 2025 to date", "August 2025", "July 2025", "June 2025",
    ]  # fmt: skip
    assert numbers(rows[1]) == ["210.00", "200.00", "+10.00", "105.0%", "2 of 2"]
    assert 'href="../2025-08/index.html"' in rows[1]
    assert 'aria-label="Jun 50.0%, Jul 90.0%, Aug 110.0%"' in row(page, "team-t0")
    assert 'aria-label="6月 50.0%，7月 90.0%，8月 110.0%"' in read(tmp_path / "2025-09" / "index.zh.html")


def test_a_team_leads_to_its_start_page_and_without_one_to_its_last_page(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    write(place, september())
    place.write("2025-09/t1/index.html", b"<p>x</p>")
    place.write("2025-09/t1/index.zh.html", b"<p>x</p>")
    write_indexes(place)
    page, chinese = (read(tmp_path / "2025-09" / name) for name in ("index.html", "index.zh.html"))
    assert '<th scope="row"><a href="t1/index.html">South</a>' in page
    assert '<th scope="row"><a href="t1/index.zh.html">South</a>' in chinese
    assert '<th scope="row"><a href="t3/review.html">North</a>' in page
    assert '<th scope="row"><a href="t4/diagnosis.html">West</a>' in page


def test_what_only_the_whole_company_has_stands_above_the_tables(tmp_path: Path) -> None:
    record = run("2025-09", teams())
    own = record["teams"][0]["figures"]
    own["rows"], own["tallies"] = {"read": 12806, "quarantined": 41}, {"intake": tally(1, 0)}
    intake = run("2025-09", {"all": own}, ("intake",))["notebooks"]
    write(open_place(tmp_path), {**record, "notebooks": [*intake, *record["notebooks"]]})
    write_indexes(open_place(tmp_path))
    page = body(read(tmp_path / "2025-09" / "index.html"))
    context = page[page.index('class="context"') : page.index("</header>")]
    assert lights(context) == [("met", "Rows add up")]
    assert "</a>, 41 of 12,806 rows set aside" in context
    assert "Intake" not in page[page.index("<thead>") : page.index("</thead>")]


def test_names_are_text_and_links_resolve(reports: Path) -> None:
    for path in [reports / "index.html", reports / "index.zh.html", *reports.glob("2025-*/index*.html")]:
        page = read(path)
        assert "<b>East" not in page
        assert "<i>Bin" not in page
        assert not re.search("https?://(?!www.w3.org)", page)
        assert page.count("<script") == (1 if path.parent.name.startswith("2025") else 0)
        assert page.count("<h1") == 1
        for href in re.findall(r'href="([^"#]+)"', page):
            assert href == "data:," or (path.parent / href).is_file(), href
        for anchor in re.findall(r'href="#([^"]+)"', page):
            assert page.count(f'id="{anchor}"') == 1


def test_both_languages_and_neighbours(reports: Path) -> None:
    chinese = read(reports / "2025-09" / "index.zh.html")
    assert "3个团队中2个未达标，合计目标3,010万，差84万。差距最大的是South，差106万。West有页面未成功。" in re.sub(
        "<[^>]*>", "", chinese
    )
    assert 'href="../2025-08/index.zh.html"' in chinese
    assert 'href="t1/review.zh.html"' in chinese
    assert "全公司" in chinese
    assert "Next: September 2025" in read(reports / "2025-08" / "index.html")


def test_the_index_over_all_periods_tells_the_latest_and_lists_the_others(reports: Path) -> None:
    page = read(reports / "index.html")
    assert "Latest: September 2025" in page
    assert "2 of 3 teams missed their target" in page
    assert '<a href="2025-09/index.html">Open September 2025</a>' in page
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</tr>", page)
    assert [re.sub("<[^>]+>", "", r.split("</th>")[0]) for r in rows] == ["September 2025", "August 2025"]
    assert numbers(rows[0]) == ["40,000", "42,000", "−2,000", "95.2%", "1 of 3", "4", "9"]
    assert lights(rows[0]) == [("failed", "1/10 failed")]


def test_only_a_changed_period_and_those_that_tell_of_it_are_written_anew(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    for period in ("2024-05", "2025-06", "2025-07", "2025-08", "2025-Q2"):
        write_run(place, september(period))
    write_indexes(place)
    for page in tmp_path.rglob("index*.html"):
        page.write_text("old")
    write_indexes(place, [])
    assert read(tmp_path / "index.html") == "old"
    write_indexes(place, ["2025-07"])
    fresh = {p.parent.name for p in tmp_path.glob("*/index.html") if read(p) != "old"}
    assert fresh == {"2025-06", "2025-07", "2025-08"}
    assert "June 2025" in read(tmp_path / "index.html")


def test_what_has_not_had_its_turn_is_said_once(tmp_path: Path) -> None:
    record = september()
    for name in ("all", "South"):
        for stage in ("diagnosis", "review"):
            record = fail(record, name, stage, status="not run")
    write(open_place(tmp_path), record)
    write_indexes(open_place(tmp_path))
    page = read(tmp_path / "2025-09" / "index.html")
    assert page.count("Not made yet: 4") == 1
    listed = page[page.index('class="failures"') : page.index("<table")]
    assert lights(listed) == [("failed", "Failed"), ("waiting", "Not made")]
    assert "1 of 10 pages failed, 4 not made yet" in page


def test_one_reason_of_many_teams_is_said_once(tmp_path: Path) -> None:
    record = run("2025-09", {f"Team {i:02}": figures(None, None) for i in range(20)})
    for i in range(20):
        record = fail(record, f"Team {i:02}", "review", reason=WHY)
    write(open_place(tmp_path), record)
    write_indexes(open_place(tmp_path))
    page = read(tmp_path / "2025-09" / "index.html")
    assert page.count("Table &lt;targets&gt; is empty.") == 1
    listed = page[page.index('class="failures"') : page.index("<table")]
    assert listed.count('href="#team-') == 20
    assert "and 12 more teams</summary>" in listed


def test_a_record_of_another_version_is_passed_over(reports: Path) -> None:
    (reports / "2025-07").mkdir()
    (reports / "2025-07" / "run.json").write_text('{"period": "2025-07", "teams": [], "notebooks": [{}]}')
    (reports / "2025-06").mkdir()
    (reports / "2025-06" / "run.json").write_text("{")
    (reports / "2025-05").mkdir()
    (reports / "2025-05" / "run.json").write_text("[]")
    write_indexes(open_place(reports))
    assert "July" not in read(reports / "index.html")
    assert "September 2025" in read(reports / "index.html")


def test_a_record_from_before_heads_were_written_keeps_its_place(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    old = {**september(), "head": None}
    del old["head"]
    for team in old["teams"]:
        team["figures"] = {k: v for k, v in team["figures"].items() if k not in ("tallies", "reps")}
    write(place, old)
    assert read_run(place, "2025-09")["head"]["currency"] == ""
    write_indexes(place)
    page = read(tmp_path / "2025-09" / "index.html")
    assert "failures first, then by gap; amounts in K</span>" in page
    assert numbers(row(page, "team-t1")) == ["8,540", "9,600", "−1,060", "89.0%"]


def test_a_run_in_one_language_has_its_index_in_it(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    record = september()
    for notebook in record["notebooks"]:
        notebook["page"] = {k: v for k, v in notebook["page"].items() if k == "zh"}
    write(place, record)
    write_indexes(place)
    assert '<html lang="zh-CN">' in read(tmp_path / "index.html")
    assert not (tmp_path / "2025-09" / "index.zh.html").exists()


def test_indexes_repeat_byte_for_byte(reports: Path) -> None:
    before = {p: p.read_bytes() for p in reports.rglob("*.html")}
    write_indexes(open_place(reports))
    assert {p: p.read_bytes() for p in reports.rglob("*.html")} == before
    assert not list(reports.rglob(".*"))


def large(count: int, months: int, place: Place) -> None:
    """Write runs of teams with long names and a light, a trend and reps in each row, all stages, many months."""
    for number in range(months):
        period = f"{2024 + number // 12}-{number % 12 + 1:02}"
        own = {"all": figures(1e8, 1.1e8)}
        for i in range(count):
            share = 0.7 + (i * 7 + number * 3) % 60 / 100
            own[f"Team of the region {i:04}"] = figures(
                share * 1e6, 1e6, tallies={s: tally(6, i % 6) for s in STAGES if i % 3},
                reps=[{"rep": f"Rep {i} {j}", "attainment": share + j / 100, "gap": 1e5 * share} for j in range(10)],
            )  # fmt: skip
        record = run(period, own, STAGES)
        record = fail(record, "Team of the region 0003", "outlook", reason=WHY)
        write_run(place, record)


def test_the_index_of_fifty_teams_all_stages_and_two_years_is_within_its_size(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    large(50, 24, place)
    write_indexes(place)
    sizes = {p.relative_to(tmp_path).as_posix(): p.stat().st_size for p in tmp_path.rglob("index*.html")}
    assert len(sizes) == 2 + 2 * 24
    assert max(sizes.values()) <= 200_000, sizes
    page = read(tmp_path / "2025-12" / "index.html")
    assert page.count('<tr id="team-') == 50
    assert page.count('class="trend"') == 52  # the teams together and the whole company have one too


def test_many_teams_go_on_pages_that_each_keep_the_limit(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    large(400, 1, place)
    record = read_run(place, "2024-01")
    for n in record["notebooks"]:
        if n["stage"] == "outlook" and n["team"] != "all":
            n.update(status="failed", page={}, reason={"en": "no disk", "zh": "磁盘已满"})
        elif n["stage"] == "people" and n["team"] < "Team of the region 0025":
            n.update(status="failed", page={}, reason={"en": f"why {n['team']}", "zh": f"因 {n['team']}"})
    write_run(place, record)
    write_indexes(place)
    pages = sorted((tmp_path / "2024-01").glob("index*.html"))
    assert len(pages) == 2 * 7
    assert max(p.stat().st_size for p in pages) <= 200_000
    assert sum(read(p).count('<tr id="team-') for p in pages) == 2 * 400
    first = read(tmp_path / "2024-01" / "index.html")
    assert 'href="index-7.html">Teams 361–400</a>' in first
    assert "and 392 more teams" in first
    links = re.findall(r'href="(index-\d\.html|)#(team-[^"]*)"', first)
    assert len({place for _, place in links}) >= 200
    for file, place in links:
        assert f'id="{place}"' in read(tmp_path / "2024-01" / (file or "index.html"))
    assert "6 more pages" in first  # 25 kinds of failures and that of all, 20 told


def test_further_pages_go_when_there_are_fewer_teams(tmp_path: Path) -> None:
    place = open_place(tmp_path)
    large(61, 1, place)
    write_indexes(place)
    assert (tmp_path / "2024-01" / "index-2.html").exists()
    large(60, 1, place)
    write_indexes(place)
    assert sorted(p.name for p in (tmp_path / "2024-01").glob("index*")) == ["index.html", "index.zh.html"]


def test_a_team_more_costs_little_more(tmp_path: Path) -> None:
    sizes = {}
    for count in (10, 60):
        place = open_place(tmp_path / str(count))
        large(count, 6, place)
        write_indexes(place)
        sizes[count] = (tmp_path / str(count) / "2024-06" / "index.html").stat().st_size
    assert (sizes[60] - sizes[10]) / 50 < 1_600


def test_figures_of_a_real_page_s_facts_reach_the_index(tmp_path: Path) -> None:
    common = {"period": "2025-09", "team": "South", "stage": "diagnosis", "finding": "attainment", "dims": ""}
    values = {"sales": 80.0, "target": 100.0, "gap": -20.0, "attainment": 0.8}
    facts = [{**common, "metric": m, "value": v} for m, v in values.items()]
    write(open_place(tmp_path), run("2025-09", {"South": figures_of(facts, "2025-09")}))
    write_indexes(open_place(tmp_path))
    page = read(tmp_path / "2025-09" / "index.html")
    assert numbers(row(page, "team-t0")) == ["80.00", "100.00", "−20.00", "80.0%"]
    assert lights(row(page, "team-t0")) == [("missed", "Missed"), ("none", "No target")]
