"""The message: what it says, how it is cut, and that every number in it is a fact."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb import words
from salesnb.formats.email import email
from salesnb.formats.memo import Card, Item, Memo
from salesnb.formats.message import Line, fitted, lines, message
from tests.formats.push_reports import make, numbers, reports, strangers

MEMO = Memo(
    "South", "September 2025", "as of 30 Sep 2025", "CNY", False, "6.07M sold, 742K short.", ("Sales +8.9%.",),
    (Card("Sales", "6.07M", "6.82M", "missed", "Missed"), Card("Win rate", "40.9%", "", "none", "")),
    (Item("Smaller orders (Pumps)", "417K", "measured", confidence="high"),),
    (Item("Visit the customer", "115K", owner="Huang Jian", due="21 Oct 2025"),
     Item("Ask why", "", owner="Wu Min", due="22 Oct 2025")),
    ("Together 115K.",), ("Nothing is overdue.",),
)  # fmt: skip
WHOLE = """\
South, September 2025
as of 30 Sep 2025, amounts in CNY
6.07M sold, 742K short.
Sales +8.9%.

Key figures:
▪ Sales: 6.07M, target 6.82M, missed
▪ Win rate: 40.9%

Largest problems:
▪ Smaller orders (Pumps): 417K below expectation (confidence high; measured)

Next actions:
▪ Huang Jian, by 21 Oct 2025: Visit the customer (expected effect 115K)
▪ Wu Min, by 22 Oct 2025: Ask why
Together 115K.

Since the last review:
▪ Nothing is overdue.
"""


def test_a_part_of_the_gap_is_not_called_below_expectation():
    part = Item("Short of target (Bob)", "90K", "a sum, may be chance", confidence="low", part=True)
    told = fitted(list(lines(replace(MEMO, problems=(part,)), "en")), 4096, "en")
    assert "▪ Short of target (Bob): 90K (confidence low; a sum, may be chance)\n" in told


def test_a_memo_is_told_part_by_part():
    assert fitted(list(lines(MEMO, "en")), 4096, "en") == WHOLE


def test_a_running_period_is_said_to_run():
    running = Memo(**{**vars(MEMO), "provisional": True})
    assert words.text("push", "provisional", "zh") in fitted(list(lines(running, "zh")), 4096, "zh")


def test_what_the_verdict_rests_on_stays_with_it():
    part = Memo(**{**vars(MEMO), "rests_on": ("The verdict rests on a part of the data.", "Not counted: 3 rows.")})
    text = fitted(list(lines(part, "en")), 275, "en")
    assert text.splitlines()[1:4] == ["6.07M sold, 742K short.", *part.rests_on]


def test_what_does_not_fit_goes_by_whole_lines_least_important_first():
    text = fitted(list(lines(MEMO, "en")), 292, "en")
    assert text == (
        "South, September 2025\n6.07M sold, 742K short.\n\n"
        "Largest problems:\n▪ Smaller orders (Pumps): 417K below expectation (confidence high; measured)\n\n"
        "Next actions:\n▪ Huang Jian, by 21 Oct 2025: Visit the customer (expected effect 115K)\n\n"
        "Lines left out for length: 7. The report has all of them.\n"
    )
    assert len(text.encode()) <= 292


def test_a_name_longer_than_the_message_is_cut():
    text = fitted([Line("", "长" * 200, 0), Line("", "said", 1)], 256, "zh")
    first, last = text.splitlines()
    assert first.strip("…") == "长" * (len(first) - 1)
    assert last == words.text("push", "message.left_out", "zh", count=1)
    assert 250 < len(text.encode()) <= 256


PARTS = ("", "figures", "problems", "actions", "since")
SAID = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300).map("x{}".format)
LINES = st.lists(
    st.builds(Line, st.sampled_from(PARTS), SAID, st.integers(0, 7)),
    min_size=1, max_size=40, unique_by=lambda line: line.text,
).map(lambda found: sorted(found, key=lambda line: PARTS.index(line.part)))  # fmt: skip


@given(LINES, st.integers(256, 5000), st.sampled_from(words.LANGUAGES))
def test_a_message_fits_its_limit_and_tells_what_it_leaves_out(found, limit, lang):
    text = fitted(found, limit, lang)
    assert len(text.encode()) <= limit
    told = text.split("\n")
    kept = [line for line in found if line.text in told]
    gone = [line for line in found if line.text not in told]
    if not gone:
        assert len(told) >= len(found)
    elif kept:
        assert words.text("push", "message.left_out", lang, count=len(gone)) in told
        assert max(line.rank for line in kept) <= min(line.rank for line in gone)
    else:
        assert told[0].endswith("…")


RUNS = (("2025-09", "South"), ("2025-09", "all"), ("2025-Q2", "Key accounts"), ("2025-06", "South"))


@pytest.fixture(scope="module")
def made(tmp_path_factory, sample_reports, quick_batches):
    """Return the reports of teams in two periods that are over and one that is not, by period and team."""
    folder = tmp_path_factory.mktemp("made")
    with quick_batches():
        make(folder, "2025-Q2", ("Key accounts",), stages=("strategy", "review"))
        make(folder, "2025-06", ("South",), as_of="2025-06-13", stages=("strategy", "review"))
    return {(period, team): reports(sample_reports if period == "2025-09" else folder, period)[team]
            for period, team in RUNS}  # fmt: skip


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize(("period", "team"), RUNS)
def test_every_number_of_a_message_and_of_a_mail_is_a_fact(made, period, team, lang):
    report = made[period, team]
    (text,) = (content.decode() for content in message(report, lang).values())
    assert len(text.encode()) <= 4096
    assert strangers(text, report, lang) == []
    assert len(numbers(text, report, lang)) >= 10
    for name, content in email(report, lang).items():
        if name.endswith(".txt"):
            assert strangers(content.decode(), report, lang) == []


def test_a_number_that_is_no_fact_is_noticed(made):
    report = made["2025-09", "South"]
    (text,) = (content.decode() for content in message(report, "en").values())
    first = numbers(text, report, "en")[0]
    wrong = [first[:-2] + digit + first[-1] for digit in "0123456789" if digit != first[-2]]
    noticed = [w for w in wrong if strangers(text.replace(first, w), report, "en") == [w] * text.count(first)]
    assert len(noticed) >= 7  # another figure of the report may happen to be one of the nine


def test_both_languages_tell_as_many_figures(made):
    for report in made.values():
        told = [numbers(next(iter(message(report, lang).values())).decode(), report, lang) for lang in ("en", "zh")]
        assert len(told[0]) == len(told[1])


def test_the_settings_limit_the_message(made):
    report = made["2025-09", "all"]
    assert report.scope["message_bytes"] == 4096
    report.scope["message_bytes"] = 300
    try:
        (content,) = message(report, "zh").values()
    finally:
        report.scope["message_bytes"] = 4096
    assert 150 < len(content) <= 300
