import time

import pytest

from salesnb.data.taking.names import similar

KNOWN = [
    "华星电子科技有限公司",
    "中国石油化工股份有限公司",
    "Northwind Trading Co., Ltd.",
    "上海云帆机械有限公司",
    "Blue River Holdings Inc",
    "C-0012",
]


@pytest.mark.parametrize(
    ("written", "likely"),
    [
        ("华星电子科技", "华星电子科技有限公司"), ("华星电子", "华星电子科技有限公司"),
        ("华星电子科技（有限公司）", "华星电子科技有限公司"),
        ("中石化", "中国石油化工股份有限公司"), ("云帆机械", "上海云帆机械有限公司"),
        ("上海云凡机械有限公司", "上海云帆机械有限公司"),
        ("NORTHWIND  trading", "Northwind Trading Co., Ltd."), ("Northwind", "Northwind Trading Co., Ltd."),
        ("Ｎorthwind Trading Ltd", "Northwind Trading Co., Ltd."),
        ("Nortwind Trading", "Northwind Trading Co., Ltd."),
        ("Blue River", "Blue River Holdings Inc"),
    ],
)  # fmt: skip
def test_variants_get_the_likely_full_name(written, likely):
    assert similar({written: 3}, KNOWN) == [(written, likely, 3)]


@pytest.mark.parametrize(
    "written", ["C-0013", "C-001", "华南", "Red River Holdings", "North", "云", "", "深圳华星光电有限公司", *KNOWN]
)
def test_other_customers_are_left_alone(written):
    assert similar({written: 3}, KNOWN) == []


def test_two_possible_names_are_no_likely_one():
    assert similar({"Acme": 1}, ["Acme Pumps Ltd", "Acme Valves Ltd"]) == []


def test_without_a_customers_table_the_longer_name_is_the_full_one():
    found = similar({"华星电子": 9, "华星电子科技有限公司": 2, "王伟": 5, "王伟明": 5, "Acme": 1, "Acme Ltd": 7})
    assert found == [("Acme", "Acme Ltd", 1), ("华星电子", "华星电子科技有限公司", 9)]


def test_many_names_are_not_compared_in_pairs():
    names = {f"{a}{b}{c} Works Ltd": 1 for a, b, c in _words(20_000)}
    start = time.process_time()
    similar(names)
    assert time.process_time() - start < 15  # in pairs: two hundred million comparisons


def _words(count):
    syllables = ["ka", "lo", "mi", "ne", "pu", "ra", "si", "to", "ve", "zu", "ba", "de", "fi", "go"]
    for i in range(count):
        parts = [syllables[(i // 14**k) % 14] for k in range(5)]
        yield parts[0] + parts[1], parts[2] + parts[3], parts[4]


def test_customers_known_by_number_are_no_variants_of_each_other():
    found = similar({"Customer 1001 Ltd": 3, "Customer 1002 Ltd": 2, "Customer 1003": 1, "Customer 1003 Ltd": 4})
    assert found == [("Customer 1003", "Customer 1003 Ltd", 1)]
