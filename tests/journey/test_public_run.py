"""A run for the public of a company with secrets in every corner: no file that it leaves holds a name or pay."""

import html
import shutil
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest

from salesnb.data import load, open_store
from salesnb.data.case import masks
from salesnb.data.masks.masking import removed_dimensions
from salesnb.data.store.slicing import known_names
from salesnb.report.facts import read_facts
from salesnb.views.slices import GAP_PARTS
from tests.journey.conftest import ROOT

PAY = ("91234", "87654.32", "Sales commission", "提成")
REP, CUSTOMER = "Chen Wei", "Lingnan Yongji Fluid Co., Ltd."
PERIOD = "2025-09"


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The sample with a secret in each place from which one could come out, in a folder named after a customer."""
    folder = tmp_path_factory.mktemp("secrets") / f"{CUSTOMER} {REP}"
    shutil.copytree(ROOT / "data" / "sample", folder)
    (folder / f"{REP} salary.pdf").write_bytes(b"")
    add(folder / "orders.csv", f'20250902999999,1,2025-09-02,much,"{CUSTOMER}",{REP},direct,Salary 91234,1,won,,')
    add(folder / "orders.csv", f"{CUSTOMER},{REP},Salary 91234")
    add(folder / "spend.csv", "2025-09-28,direct,Sales commission,87654.32", "2025-09-28,direct,销售提成,91234")
    add(
        folder / "actions.csv",
        f'A-2025-98,South,2025-08,"Lost {CUSTOMER.upper()} to 粤海","{REP} calls ""{CUSTOMER}""",{REP},,2025-09-15,'
        f"{REP}'s time,1,open,",
    )
    add(folder / "whys.csv", f'2025-09-08,South,{REP} left,1,"{CUSTOMER} called {REP}",{REP}')
    orders = folder / "orders.csv"
    orders.rename(folder / f"orders {REP}.csv")
    with (folder / "salesnb.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[tables.orders]\nfile = "orders {REP}.csv"\n')
    play = (ROOT / "salesnb/data/tables/playbook.toml").read_text(encoding="utf-8")
    (folder / "playbook.toml").write_text(play.replace("Visit the customer", f"With {REP}, visit {CUSTOMER}"), "utf-8")
    return folder


def add(path, *lines):
    with path.open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


@pytest.fixture(scope="module")
def public(company, salesnb, tmp_path_factory):
    out = tmp_path_factory.mktemp("public") / "reports"
    teams = ("--team", "South", "--team", "all")
    words = ("--data", company, "--period", PERIOD, "--lang", "both", "--audience", "public", "--out", out)
    assert salesnb("run", *words, *teams, "--workers", "1") == 0
    return out


@pytest.fixture(scope="module")
def leadership(company, salesnb, tmp_path_factory):
    """The folder of the same data's run for leadership."""
    out = tmp_path_factory.mktemp("leadership") / "reports"
    words = ("--data", company, "--period", PERIOD, "--out", out, "--workers", "1")
    assert salesnb("run", *words, "--team", "South", "--team", "all") == 0
    return out / PERIOD


def texts(out):
    """Every file that a run leaves as a reader could read it, by its path, the path itself included."""
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        name = path.relative_to(out).as_posix()
        parquet = path.suffix == ".parquet"
        text = pq.read_table(path).to_pandas().to_csv() if parquet else path.read_text(encoding="utf-8")
        yield name, f"{name}\n{unquote(html.unescape(text))}"


def secrets(company):
    return {name for _, name, _ in known_names(open_store(str(company)))}


def test_no_file_of_a_public_run_holds_a_name_or_pay(company, public):
    hidden = secrets(company)
    assert {REP, CUSTOMER} < hidden
    assert len(hidden) > 600
    found = {
        name: held for name, text in texts(public) if (held := [s for s in (*hidden, *PAY, str(company)) if s in text])
    }
    assert found == {}
    register = (public / PERIOD / "South" / "strategy.html").read_text("utf-8")
    assert "A-2025-98" in register  # what was planted was read
    assert "C*** W*** calls" in register
    kinds = {name.rpartition(".")[2] for name, _ in texts(public)}
    assert {"html", "ipynb", "json", "jsonl", "parquet"} <= kinds


def test_the_scan_would_find_them(company, sample):
    """The same scan of the leadership's run finds names in every sort of file that tells of people."""
    hidden = secrets(company)
    found = {name for name, text in texts(sample) if any(s in text for s in hidden)}
    assert {"South/facts.parquet", "South/review.html", "South/review.zh.html", "South/review.ipynb"} <= found
    assert {"South/index.html", "all/intake.html", "all/intake.ipynb"} <= found


def test_figures_of_the_team_and_of_all_that_is_no_person_are_leadership_s(company, public, leadership):
    by_name = masks(open_store(str(company)), "public").by_name["customer"]
    persons = removed_dimensions(load(str(company), team="South", audience="public").scope.rights)["persons"]
    for team, fewest in (("South", 1000), ("all", 1500)):
        ours, theirs = (keyed(folder / team / "facts.parquet", by_name) for folder in (public / PERIOD, leadership))
        ours, theirs = ({k: v for k, v in facts.items() if k[0] != "intake"} for facts in (ours, theirs))
        assert len(ours) > fewest
        assert not [key for key in ours if persons & dict(key[3]).keys()]
        # Who is shown no persons is shown the next of the best instead, with the figures that stand elsewhere, too; and
        # the next of the parts of a gap, which are in the sums of actions.
        new = {k for k in ours.keys() - theirs.keys() if k[1] not in {"highlights", "ruled_out"} and not of_part(k)}
        assert new == set()
        # A place in a list is one among what is shown.
        common = [key for key in ours.keys() & theirs.keys() if not of_part(key) and key[2] != "priority"]
        assert [key for key in common if not same(apart(ours, key), apart(theirs, key))] == []


def of_part(key):
    """Tell whether a fact is of a part of the gap."""
    return dict(key[3]).get("problem") in GAP_PARTS


def apart(facts, key):
    """A fact, a sum of actions without what is expected of parts of the gap."""
    stage, finding, metric, dims = key
    if metric not in {"gap_left", "expected_sales"} or dims:
        return facts[key]
    return facts[key] - sum(v for k, v in facts.items() if k[:3] == (stage, finding, "expected_sales") and of_part(k))


def keyed(path, by_name):
    """Facts by stage, finding, metric and dimensions, customers under their masks."""
    found = {}
    for fact in read_facts(path):
        pairs = (pair.split("=", 1) for pair in fact["dims"].split("|") if pair)
        dims = tuple((d, by_name.get(unquote(v), v) if d == "customer" else v) for d, v in pairs)
        if ("action_id", "A-2025-98") in dims:  # its texts name a customer, masked in one of the two
            continue
        found[fact["stage"], fact["finding"], fact["metric"], dims] = fact["value"]
    return found


def same(one, other):
    return one == other or (one is not None and other is not None and abs(one - other) <= 1e-9 * abs(other))


def test_what_is_left_out_is_said_in_both_languages(public):
    pages = {lang: (public / PERIOD / "South" / f"targets{lang}.html").read_text("utf-8") for lang in ("", ".zh")}
    for page, edition, reason in (
        (pages[""], "Public edition", "Figures of single persons are not shown to this audience."),
        (pages[".zh"], "公开版", "个人数据不向此类读者展示。"),
    ):
        assert edition in page
        assert page.count(reason) == 2  # sales by rep, and scores by rep
    assert "Public edition" in (public / PERIOD / "index.html").read_text("utf-8")
    assert "Public edition" in (public / PERIOD / "South/index.html").read_text("utf-8")


def test_a_team_reads_its_own_names_and_nobody_s_where_all_teams_read(company, salesnb, tmp_path):
    words = ("--data", company, "--period", PERIOD, "--audience", "team", "--out", tmp_path / "reports")
    assert salesnb("run", *words, "--team", "South", "--team", "all", "--stage", "targets", "--workers", "1") == 0
    hidden = secrets(company)
    named = {name for name, text in texts(tmp_path / "reports") if any(s in text for s in hidden)}
    own = {name for name in named if name.startswith(f"{PERIOD}/South/")}
    assert f"{PERIOD}/South/targets.html" in own
    assert named == own


def test_status_works_and_another_audience_is_refused(company, public, salesnb, capfd):
    assert salesnb("status", "--out", public) == 0
    assert salesnb("run", "--data", company, "--period", PERIOD, "--out", public) == 2
    assert "are for public; those for leadership must not lie beside them" in capfd.readouterr().out
