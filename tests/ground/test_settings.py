"""Settings: defaults, refusals, all problems at once."""

import re

import pytest

from salesnb import schema, settings
from salesnb.errors import SettingsError

COLUMNS = {name: tuple(t.mapped) for name, t in schema.tables().items()}


def refused(raw) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.from_mapping(raw, "salesnb.toml", COLUMNS)
    for p in caught.value.problems:
        assert not re.search(r"\{\w", p.text("zh"))
    return str(caught.value)


def test_the_defaults_are_the_fields_own():
    s = settings.Settings()
    weights = {"sales": 0.6, "collection_rate": 0.3, "new_customers": 0.1}
    assert {k.metric: k.weight for k in s.kpis} == weights
    assert (s.company.currency, s.company.language, s.sales.basis) == ("CNY", "en", "won")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"sales": {"basi": "won"}}, "unknown key sales.basi. Nearest known key: basis"),
        ({"companny": {}}, "unknown key companny. Nearest known key: company"),
        ({"kpis": [{"metric": "sales", "weight": 1, "capp": 2}]}, "kpis.1.capp. Nearest known key: cap"),
        ({"tables": {"ordres": {}}}, "tables.ordres is no canonical table. Nearest: orders"),
        ({"tables": {"orders": {"columns": {"amont": "x"}}}}, "the column amont"),
        ({"tables": {"orders": {"colums": {}}}}, "Nearest known key: columns"),
        ({"sales": {"basis": "booked"}}, "sales.basis is 'booked'"),
        ({"cutoffs": {"daily": "18:00"}}, "unknown key cutoffs."),
        ({"kpis": [{"metric": "sales", "weight": 0.5}]}, "is 0.5. Expected: weights"),
        ({"quality": {"refuse_share": 2}}, "quality.refuse_share is 2"),
        ({"kpis": [{"metric": "new_customer", "weight": 1}]}, "kpis.1.metric is new_customer, but there is no such"),
        ({"tables": {"orders": {"files": 3}}}, "tables.orders.files is 3. Expected: a list in brackets"),
        ({"tables": {"orders": 3}}, "Expected: a section of its own"),
        ({"tables": 3}, "Expected: a table of key = value"),
        ({"lights": "green"}, "Expected: a section of its own"),
    ],
)
def test_what_cannot_be_used_is_refused_and_named(raw, words):
    assert words in refused(raw)


HOSTILE = [
    ("kpis.1.weight", "nan", {"kpis": [{"metric": "sales", "weight": float("nan")}]}),
    ("kpis.1.target", "inf", {"kpis": [{"metric": "sales", "weight": 1, "target": float("inf")}]}),
    ("company.smallest_unit", "inf", {"company": {"smallest_unit": float("inf")}}),
    ("company.smallest_unit", "0", {"company": {"smallest_unit": 0}}),
    ("company.currency", "''", {"company": {"currency": ""}}),
    ("quality.refuse_share", "nan", {"quality": {"refuse_share": float("nan")}}),
    ("execution.calls_per_day", "0", {"execution": {"calls_per_day": 0}}),
    ("execution.contacts_per_month", "-inf", {"execution": {"contacts_per_month": float("-inf")}}),
    ("sales.cycle_months", "1000000", {"sales": {"cycle_months": 10**6}}),
    ("sales.small_n", "1" + "0" * 60, {"sales": {"small_n": 10**60}}),
    ("execution.calls_per_day", "1" + "0" * 76, {"execution": {"calls_per_day": 10**400}}),
    ("strategy.due_working_days", "99999999", {"strategy": {"due_working_days": 99_999_999}}),
    ("push.message_bytes", "999999999999", {"push": {"message_bytes": 999_999_999_999}}),
    ("strategy.playbook", "'/etc/passwd'", {"strategy": {"playbook": "/etc/passwd"}}),
    *[("tables.orders." + key, found, {"tables": {"orders": part}}) for key, found, part in [
        ("files.1", "'/etc/passwd'", {"files": ["/etc/passwd"]}),
        ("files.1", "'../secret.csv'", {"files": ["../secret.csv"]}),
        ("files.1", r"'C:\\\\secret.csv'", {"files": [r"C:\\secret.csv"]}),
        ("encoding", "'rot13'", {"encoding": "rot13"}),
        ("encoding", "'zlib'", {"encoding": "zlib"}),
        ("encoding", "'idna'", {"encoding": "idna"}),
        ("encoding", "'no-such'", {"encoding": "no-such"}),
        ("units.amount", "0", {"units": {"amount": 0}}),
        ("units.amount", "nan", {"units": {"amount": float("nan")}}),
        ("lookups.1.file", "'/a.csv'", {"lookups": [{"file": "/a.csv", "on": {"a": "a"}, "take": {"team": "b"}}]}),
        ("lookups.1.on", "{}", {"lookups": [{"file": "a.csv", "on": {}, "take": {"team": "b"}}]}),
        ("lookups.1.take", "{}", {"lookups": [{"file": "a.csv", "on": {"a": "a"}, "take": {}}]}),
    ]],
]  # fmt: skip


@pytest.mark.parametrize(("key", "found", "raw"), HOSTILE, ids=[f"{k}={f[:12]}" for k, f, _ in HOSTILE])
def test_values_that_mean_mischief_or_nothing_are_refused_with_their_key(key, found, raw):
    text = refused(raw)
    assert f"{key} is {found}" in text
    assert "another kind" not in text  # what is expected is said


def test_ordinary_encodings_and_files_pass():
    source = {"encoding": "big5", "files": ["2025/orders*.csv", "订单.xlsx"], "units": {"amount": 1000}}
    assert settings.from_mapping({"tables": {"orders": source}}, "x", COLUMNS).tables["orders"].encoding == "big5"


def test_all_problems_come_at_once():
    text = refused({"sales": {"basi": 1}, "lights": {"green": 7}, "tables": {"ordres": {}}})
    assert len(text.splitlines()) == 3


def test_a_missing_file_and_a_file_that_is_no_toml(tmp_path):
    with pytest.raises(SettingsError, match="does not exist"):
        settings.load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("a = [", encoding="utf-8")
    with pytest.raises(SettingsError, match="not valid TOML"):
        settings.load(tmp_path / "bad.toml")


def test_settings_kept_as_json_come_back_as_they_were():
    several = {"rep": {"join": ["a", "b"], "with": "-"}, "amount": {"sum": ["x"]}, "order_id": ["a"], "team": "t"}
    source = {
        "columns": several,
        "skip": {"a": "T"},
        "take": {"b": [""]},
        "fill_down": ["a"],
        "wide": {"into": "channel"},
    }
    kept = settings.from_mapping({"tables": {"orders": source}}, "x", COLUMNS)
    assert settings.Settings.model_validate_json(kept.model_dump_json()) == kept


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"columns": {"rep": {"frist": ["a"]}}}, "columns.rep.frist. Nearest known key: first"),
        ({"columns": {"rep": {"sum": ["a"], "with": "-"}}}, "columns.rep is sum, with. Expected: exactly one of first"),
        ({"columns": {"rep": {"first": ["a"], "join": ["a"]}}}, "columns.rep is first, join"),
        ({"columns": {"rep": {}}}, "columns.rep is {}"),
        ({"columns": {"rep": 3}}, "columns.rep is 3. Expected: text in quotes"),
        ({"skip": {"a": []}}, "skip.a is []. Expected: at least one"),
        ({"take": {"a": ["x", 3]}}, "take.a.2 is 3. Expected: text in quotes"),
        ({"skpi": {"a": "x"}}, "unknown key tables.orders.skpi. Nearest known key: skip"),
        (
            {"lookups": [{"file": "a", "on": {"a": "b"}, "take": {"team": "c"}, "vai": ""}]},
            "lookups.1.vai. Nearest known key: via",
        ),
    ],
)
def test_parts_of_the_mapping_are_refused_with_the_nearest_key(source, text):
    assert text in refused({"tables": {"orders": source}})


def test_one_file_may_be_given_as_file(tmp_path):
    s = settings.from_mapping({"tables": {"orders": {"file": "a.csv"}}}, "x", COLUMNS)
    assert s.tables["orders"].files == ("a.csv",)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    (tmp_path / "s.toml").write_bytes('\ufeff[company]\nname = "甲"\n'.encode())
    assert settings.load(tmp_path / "s.toml").company.name == "甲"


def test_a_file_in_another_encoding_is_asked_for_as_utf8(tmp_path):
    (tmp_path / "gb.toml").write_bytes('[company]\nname = "华东公司"\n'.encode("gb18030"))
    with pytest.raises(SettingsError, match="not saved as UTF-8"):
        settings.load(tmp_path / "gb.toml")


def test_three_audiences_exist_and_leadership_sees_all():
    known = settings.Settings().audience
    assert set(known) == {"leadership", "team", "public"}
    assert known["leadership"].sees_all
    team, public = known["team"], known["public"]
    assert (team.customers, team.persons, team.pay, team.other_teams) == ("shown", "shown", "removed", "masked")
    assert (public.customers, public.persons, public.pay) == ("masked", "removed", "removed")
    assert public.kept == ("persons_removed", "customers_masked", "pay_removed")


def test_what_is_said_of_an_audience_changes_that_alone():
    own = settings.from_mapping({"audience": {"public": {"persons": "masked"}, "team": {"other_teams": "shown"}}})
    assert (own.audience["public"].persons, own.audience["public"].customers) == ("masked", "masked")
    assert own.audience["team"].everywhere().customers == "shown"
    assert own.audience["leadership"].sees_all


def test_an_audience_of_one_s_own_begins_with_the_strictest_rules():
    own = settings.from_mapping({"audience": {"investors": {"customers": "removed"}}}).audience["investors"]
    assert (own.customers, own.persons, own.pay) == ("removed", "removed", "removed")


def test_settings_with_audiences_survive_being_written_and_read():
    own = settings.from_mapping({"audience": {"public": {"persons": "shown"}, "board": {"pay": "shown"}}})
    assert settings.Settings.model_validate_json(own.model_dump_json()) == own


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"audience": {"public": {"custmers": "shown"}}}, "customers"),
        ({"audience": {"public": {"persons": "hidden"}}}, "audience.public.persons is 'hidden'"),
        ({"audience": {"public": {"pay": "masked"}}}, "audience.public.pay is 'masked'"),
        ({"audience": {"public": 3}}, "audience.public is 3"),
        ({"audience": 3}, "audience is 3"),
    ],
)
def test_rules_of_audiences_that_cannot_be_used_are_named(raw, words):
    assert words in refused(raw)
