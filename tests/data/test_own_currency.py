"""The company's currency: what the settings say, else the one that all marked amounts are in, else the usual one."""

import pytest

from salesnb.data import load
from salesnb.data.taking.own_currency import meant
from salesnb.errors import InputError


def taken(folder, *amounts, settings="", head="Order ID,Date,Amount"):
    rows = "".join(f'{i},2025-09-{i % 28 + 1:02d},"{amount}"\n' for i, amount in enumerate(amounts))
    folder.write("orders.csv", f"{head}\n{rows}")
    if settings:
        folder.settings(settings)
    case = load(str(folder))
    return case.scope.settings.company.currency, len(case.orders), list(case.intake.remarks["code"])


@pytest.mark.parametrize(
    ("amounts", "currency", "rows", "told"),
    [
        (("$3,000.00", "$12.50", "7"), "USD", 3, ["currency_taken"]),
        (("€ 2.900,00", "€ 500,50"), "EUR", 2, ["currency_taken"]),
        (("100 USD", "$5"), "USD", 2, ["currency_taken"]),
        (("100 CAD", "$5"), "CAD", 2, ["currency_taken"]),  # what one says holds for the other
        (("100", "200"), "CNY", 2, []),
        (("¥100", "200"), "CNY", 2, []),
    ],
)
def test_the_currency_that_all_marked_amounts_are_in(folder, amounts, currency, rows, told):
    assert taken(folder, *amounts) == (currency, rows, told)


def test_a_column_of_currencies_and_a_header_say_it_too(folder):
    folder.write("orders.csv", "Order ID,Date,Amount,Currency\n1,2025-09-01,5,GBP\n2,2025-09-02,6,\n")
    assert load(str(folder)).scope.settings.company.currency == "GBP"
    folder.write("orders.csv", "Order ID,Date,Amount (EUR)\n1,2025-09-01,5\n2,2025-09-02,6\n")
    assert load(str(folder)).scope.settings.company.currency == "EUR"


def test_what_the_settings_say_holds(folder):
    own = '[company]\ncurrency = "CNY"\n'
    assert taken(folder, "$5", *["7"] * 3, settings=own) == ("CNY", 3, [])


@pytest.mark.parametrize("amounts", [("$5", "€6"), ("5 kr", "6 kr")])
def test_of_two_currencies_or_an_unsure_one_the_settings_must_speak(folder, amounts):
    with pytest.raises(InputError):
        taken(folder, *amounts, *amounts)


def test_where_the_usual_one_stands_beside_another_that_is_set_aside(folder):
    assert taken(folder, "¥5", "¥6", "$6") == ("CNY", 2, [])


def test_a_few_marked_amounts_among_others_move_nothing(folder):
    assert taken(folder, *["7"] * 9, "$6") == ("CNY", 9, [])


def test_meant():
    assert [meant(said) for said in ({"$1"}, {"$1", "AUD"}, {"$1", "EUR"}, {"abc"}, set(), {"R$ 5"})] == [
        "USD", "AUD", "", "", "", "BRL",
    ]  # fmt: skip
