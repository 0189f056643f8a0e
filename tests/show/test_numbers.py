"""How figures, dates and periods are written, worked by hand."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesnb.show.numbers import currency_unit, day, figure, money_scale, period_text, short_period

MONEY = [
    (0, "0", "0"),
    (12.5, "12.50", "12.50"),
    (125.43999999999998, "125", "125"),
    (999.4, "999", "999"),
    (999.6, "1K", "1,000"),
    (9_999.6, "10K", "1万"),
    (42_149, "42.1K", "4.21万"),
    (999_499, "999K", "99.9万"),
    (999_999, "1M", "100万"),
    (8_540_000, "8.54M", "854万"),
    (12_345_678, "12.3M", "1,235万"),
    (99_500_000, "99.5M", "9,950万"),
    (99_999_999, "100M", "1亿"),
    (123_456_789, "123M", "1.23亿"),
    (999_999_999, "1B", "10亿"),
    (-1_060_000, "−1.06M", "−106万"),
    (-0.001, "0", "0"),
]


@pytest.mark.parametrize(("value", "en", "zh"), MONEY)
def test_money_is_short_in_the_units_of_the_language(value: float, en: str, zh: str) -> None:
    assert (figure(value, "money", "en"), figure(value, "money", "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("value", "unit", "style", "en", "zh"),
    [
        (-1_060_000, "money", "abs", "1.06M", "106万"),
        (30_000, "money", "signed", "+30K", "+3万"),
        (9_600_000, "money", "even", "9.60M", "960万"),
        (1_234_567.891, "money", "full", "1,234,567.89", "1,234,567.89"),
        (0.623, "rate", "", "62.3%", "62.3%"),
        (-0.0004, "rate", "signed", "0.0%", "0.0%"),
        (-0.073, "points", "signed", "−7.3 pts", "−7.3个百分点"),
        (-0.0004, "points", "signed", "−0.04 pts", "−0.04个百分点"),
        (-0.000004, "points", "signed", "0.0 pts", "0.0个百分点"),
        (-0.0294, "points", "signed-fine", "−2.94 pts", "−2.94个百分点"),
        (1234, "count", "", "1,234", "1,234"),
        (321.04, "count", "", "321", "321"),
        (1234.4, "count", "", "1,234", "1,234"),
        (116.23, "count", "", "116", "116"),
        (13.96, "count", "", "14", "14"),
        (21.77, "count", "signed", "+21.8", "+21.8"),
        (2.996, "count", "", "3", "3"),
        (0.25, "count", "", "0.25", "0.25"),
        (1.416, "ratio", "", "1.42", "1.42"),
        (None, "money", "", "–", "–"),
        (float("inf"), "rate", "", "–", "–"),
        (float("nan"), "rate", "", "–", "–"),
    ],
)
def test_units_and_styles(value: float | None, unit: str, style: str, en: str, zh: str) -> None:
    assert (figure(value, unit, "en", style), figure(value, unit, "zh", style)) == (en, zh)


@given(st.floats(min_value=-1e13, max_value=1e13))
def test_short_money_reads_back_within_half_a_unit_of_its_last_digit(value: float) -> None:
    steps = {"K": 1e3, "M": 1e6, "B": 1e9, "万": 1e4, "亿": 1e8}
    for lang in ("en", "zh"):
        text = figure(value, "money", lang).replace("−", "-").replace(",", "")
        step = steps.get(text[-1], 1.0)
        back = float(text.rstrip("KMB万亿")) * step
        assert abs(back - value) <= max(0.005 * abs(value), 0.0051)
        assert "10,000万" not in text
        assert not text.startswith("1000K")


def test_table_money_has_one_scale() -> None:
    scale = money_scale(8_540_000, "en")
    assert [scale.write(v, signed=True) for v in (8_540_000, -450, 0)] == ["+8,540", "0", "0"]
    assert (scale.letter, money_scale(8_540_000, "zh").write(8_540_000)) == ("K", "854.0")
    assert (currency_unit("CNY", "万", "zh"), currency_unit("USD", "万", "zh"), currency_unit("CNY", "K", "en")) == (
        "万元",
        "万 USD",
        "K CNY",
    )


def test_an_amount_of_a_table_does_not_round_away() -> None:
    scale = money_scale(8_540_000, "en")
    written = [scale.write_apart(v) for v in (2_343, 23_430, 9_600, -412, 0.3, 0)]
    assert written == ["2.3", "23", "10", "\u22120.41", "0", "0"]
    assert money_scale(854_000, "zh").write_apart(343) == "0.034"
    assert money_scale(854_000, "zh").write_apart(-4_900, signed=True) == "\u22120.5"


@pytest.mark.parametrize(
    ("name", "en", "zh"),
    [
        ("2025-09", "September 2025", "2025年9月"),
        ("2025-Q3", "Q3 2025", "2025年三季度"),
        ("2025-W36", "week 36 of 2025", "2025年第36周"),
        ("2025", "2025", "2025年"),
        ("2025-01..2025-03", "January to March 2025", "2025年1月至3月"),
        ("2024-11..2025-03", "November 2024 to March 2025", "2024年11月至2025年3月"),
        ("2025-Q1..2025-Q2", "Q1 2025 to Q2 2025", "2025年一季度至2025年二季度"),
        ("FY25-P3", "FY25-P3", "FY25-P3"),
    ],
)
def test_periods(name: str, en: str, zh: str) -> None:
    assert (period_text(name, "en"), period_text(name, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("2025-09", "Sep", "9月"),
        ("2025-Q3", "Q3", "三季度"),
        ("2025-W36", "2025-W36", "2025-W36"),
        ("2025", "2025", "2025"),
    ],
)
def test_months_and_quarters_on_an_axis(text: str, en: str, zh: str) -> None:
    assert (short_period(text, "en"), short_period(text, "zh")) == (en, zh)


def test_days() -> None:
    assert (day(date(2025, 9, 2), "en"), day(date(2025, 9, 2), "zh")) == ("2 Sep 2025", "2025年9月2日")
