"""The command that puts reports into other forms: what it makes, what it refuses, and what becomes of its files."""

import json

import pytest
from typer.testing import CliRunner

from salesnb import cli, words
from salesnb.batch.records import exported, failed_record, note_exported, remove_exported, write_record
from salesnb.errors import InputError, problem
from salesnb.formats import export as module
from salesnb.formats.browser import BrowserError
from salesnb.formats.export import Exported
from salesnb.places import open_place
from tests import show_frames
from tests.formats import literal_report


@pytest.fixture
def reports(tmp_path, monkeypatch):
    show_frames.install(monkeypatch)
    return literal_report.write(tmp_path / "reports")


@pytest.fixture
def call(reports, monkeypatch, tmp_path):
    """Return a function that exports from the reports: exit code, lines of files, lines of problems."""
    monkeypatch.chdir(tmp_path)

    def invoke(*options):
        monkeypatch.setattr(cli, "_out", cli.Console(soft_wrap=True, highlight=False))
        monkeypatch.setattr(cli, "_err", cli.Console(stderr=True, soft_wrap=True, highlight=False))
        result = CliRunner().invoke(cli.app, ["export", *options])
        assert "Traceback" not in result.output
        return result.exit_code, result.stdout.splitlines(), result.stderr.splitlines()

    return invoke


def files(reports):
    return {path.removeprefix("2025-09/South/") for path in reports.place.find("2025-09/South")}


def test_files_lie_beside_the_pages_and_each_path_is_a_line(call, reports):
    before = files(reports)
    code, made, said = call("xlsx", "--lang", "zh")
    assert (code, said) == (0, [])
    assert [line.rpartition("/")[2] for line in made] == ["diagnosis.zh.xlsx", "review.zh.xlsx"]
    assert files(reports) - before == {"diagnosis.zh.xlsx", "review.zh.xlsx", "exports.json"}


def test_without_a_language_all_that_there_are_pages_in_and_of_stages_only_those_asked_for(call):
    _, made, _ = call("xlsx", "--stage", "review", "--period", "2025-09", "--team", "South")
    assert [line.rpartition("/")[2] for line in made] == ["review.xlsx", "review.zh.xlsx"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["pdff"], "Nearest: pdf"),
        (["xlsx", "--team", "Sooth"], "Nearest: South"),
        (["xlsx", "--stage", "reviews"], "Nearest: review"),
        (["xlsx", "--period", "2025-08"], "There are: 2025-09"),
        (["xlsx", "--lang", "fr"], "'fr'"),
        (["xlsx", "--out", "nowhere"], "holds no reports"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does_and_nothing_is_made(call, reports, options, said):
    before = files(reports)
    code, made, lines = call(*options)
    assert (code, made, len(lines)) == (2, [], 1)
    assert said in lines[0]
    assert files(reports) == before


def test_every_format_is_known_to_who_asks_for_one_that_is_not(call):
    _, _, (line,) = call("word")
    assert all(name in line for name in (*module.FORMATS, *module.PERIOD_FORMATS))


def test_without_a_browser_nothing_is_made_and_both_languages_say_what_to_do(call, reports, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    before = files(reports)
    for lang, said in (("en", "No Chromium or Chrome is found"), ("zh", "未找到生成 PDF 所需的 Chromium")):
        code, made, lines = call("xlsx", "pdf", "--lang", lang)
        assert (code, made, len(lines)) == (2, [], 1)
        assert said in lines[0]
    assert files(reports) == before


def test_what_fails_for_one_team_is_told_and_the_others_are_made(call, reports, monkeypatch):
    def breaks(report, lang):
        raise BrowserError(problem("browser_late", seconds="60"))

    monkeypatch.setitem(module.FORMATS, "pdf", breaks)
    monkeypatch.setitem(module.NEEDS, "pdf", lambda _: None)
    code, made, lines = call("pdf", "xlsx", "--lang", "en")
    assert code == 1
    assert len(made) == 2
    assert lines == ["2025-09 South as pdf failed: " + words.text("errors", "browser_late", "en", seconds="60")]


def test_a_team_none_of_whose_pages_was_made_is_told(call, reports):
    record = reports.record
    for stage in record["stages"]:
        record["stages"][stage] = failed_record("k", "x", {"en": "no", "zh": "否"})
    write_record(reports.place, "South", record)
    code, made, lines = call("xlsx")
    assert (code, made) == (1, [])
    assert "None of the pages" in lines[0]


def test_the_newest_run_is_taken_where_no_period_is_named(call, reports):
    run = json.loads(reports.place.read("2025-09/run.json"))
    later = {**run, "period": "2025-08", "finished": "2026-01-01T00:00:00"}
    reports.place.write("2025-08/run.json", json.dumps(later).encode())
    code, made, _ = call("xlsx")
    assert (code, made) == (2, [])  # the period that was run last has no reports
    assert call("xlsx", "--period", "2025-09")[0] == 0


def test_a_period_s_own_form_replaces_what_it_made_before(reports, monkeypatch):
    names = iter([("bundles/a.txt", "bundles/b.txt"), ("bundles/b.txt",)])
    monkeypatch.setitem(module.PERIOD_FORMATS, "trial", lambda found, langs: dict.fromkeys(next(names), b"x"))
    request = module.Request(("trial",), str(reports.place.local))
    for expected in ({"bundles/a.txt", "bundles/b.txt"}, {"bundles/b.txt"}):
        (made,) = module.export(request)
        assert not made.reason
        assert {path.removeprefix("2025-09/") for path in reports.place.find("2025-09/bundles")} == expected


def test_while_a_batch_writes_there_an_export_waits_and_says_for_whom(reports):
    import threading

    from salesnb.batch.events import LOCK

    told, held, over = [], threading.Event(), threading.Event()

    def batch():
        with reports.place.lock(LOCK, lambda _: None, "the batch"):
            held.set()
            over.wait(30)

    running = threading.Thread(target=batch)
    running.start()
    held.wait(30)

    def waiting(owner):
        told.append(owner)
        over.set()

    made = list(module.export(module.Request(("xlsx",), str(reports.place.local)), waiting))
    running.join()
    assert told == ["the batch"]
    assert made[0].files


def test_what_was_exported_is_known_and_can_be_removed_alone(tmp_path):
    place = open_place(tmp_path)
    place.write("p/t/mine.txt", b"mine")
    note_exported(place, "p/t", "pdf", ["report.pdf", "report.pdf"])
    note_exported(place, "p/t", "xlsx", ["a.xlsx"])
    place.write("p/t/report.pdf", b"x")
    assert exported(place, "p/t") == {"pdf": ["report.pdf"], "xlsx": ["a.xlsx"]}
    remove_exported(place, "p/t")
    assert place.find("p/t") == {"p/t/mine.txt"}
    assert exported(place, "p/t") == {}
    place.write("p/t/exports.json", b"[1]")
    assert exported(place, "p/t") == {}


def test_a_problem_that_stops_everything_is_raised_before_anything_is_made(reports, monkeypatch):
    def lacks(langs):
        raise InputError(problem("report_empty"))

    monkeypatch.setitem(module.NEEDS, "xlsx", lacks)
    with pytest.raises(InputError):
        list(module.export(module.Request(("email", "xlsx"), str(reports.place.local))))
    assert "exports.json" not in files(reports)


def test_of_managers_folders_the_first_pages_are_named_and_of_other_forms_every_file():
    inner = ("bundles.json", "Ann/index.html", "Ann/index.zh.html", "Ann/South/review.html", "Ann/South/facts.parquet")
    made = Exported("bundle", "2025-09", files=tuple(f"r/bundles/2025-09/bundles/{name}" for name in inner))
    assert [f.rpartition("bundles/")[2] for f in made.told] == ["bundles.json", "Ann/index.html", "Ann/index.zh.html"]
    other = Exported("xlsx", "2025-09", "South", ("reports/2025-09/South/a/b/review.xlsx",))
    assert other.told == other.files
