"""Tables with next to nothing in them, with returns, zeros and holes: every section still says whole sentences."""

import numpy as np
import pytest

from salesnb.show.sentence import sentence_text
from salesnb.words import LANGUAGES
from tests.diagnosis.test_diagnosis_words import findings
from tests.diagnosis.test_order_of_rows import TABLES
from tests.reading import stumbles

TEXTS = ("customer", "product", "rep", "region", "channel", "customer_type", "product_line")


def returned(name, table):
    """Give every other order line back."""
    back = np.arange(len(table)) % 2 == 0
    return table.assign(amount=table["amount"].mask(back, -table["amount"])) if name == "orders" else table


def worthless(name, table):
    """Make all money and units nothing."""
    return table.assign(**{c: table[c] * 0 for c in ("amount", "quantity") if c in table})


def holed(name, table):
    """Take the names from every third order line."""
    gone = np.arange(len(table)) % 3 == 0
    return table.assign(**{c: table[c].mask(gone) for c in TEXTS}) if name == "orders" else table


def one_customer(name, table):
    """Leave the customer with most rows."""
    named = "customer" in table and table["customer"].notna().any()
    return table[table["customer"] == table["customer"].mode()[0]] if named else table


CASES = [
    ("no rows", lambda name, table: table.iloc[:0]), ("the first row", lambda name, table: table.iloc[:1]),
    ("two rows", lambda name, table: table.iloc[[0, -1][: len(table)]]), ("one customer", one_customer),
    ("no orders", lambda name, table: table.iloc[:0] if name == "orders" else table),
    ("returns", returned), ("nothing worth anything", worthless), ("holes", holed),
]  # fmt: skip


class Given:
    """A case whose tables were changed."""

    def __init__(self, case, scope, change):
        self.scope = scope
        for name in TABLES:
            setattr(self, name, change(name, getattr(case, name)))


@pytest.mark.parametrize("kind", [kind for kind, _ in CASES])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_every_section_says_whole_sentences(sample, kind):
    case = sample("South", "2025-09")
    quarter = case.scope.at(case.scope.calendar.period("2025-Q3"))
    for scope in (case.scope, quarter)[: 1 if kind in {"returns", "holes", "no orders"} else 2]:
        told = list(findings(Given(case, scope, dict(CASES)[kind])))
        assert len(told) > 30
        for found in told:
            for lang in LANGUAGES:
                for say in (found.headline, *found.notes):
                    text = sentence_text(found, say, lang)
                    assert text
                    assert not stumbles(text), (found.id, text)
            for fact in found.facts():
                assert fact["value"] is None or np.isfinite(fact["value"]), fact
