"""The draft's first section: the company's currency and language, as its files show them."""

import re
from collections import Counter
from collections.abc import Sequence

from salesnb.check.draft import Entry, Section, said
from salesnb.check.profiles import header_currency
from salesnb.check.roles import Role
from salesnb.data.cells import headers
from salesnb.data.cells.currencies import currencies
from salesnb.schema import CURRENCY

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MONEY = frozenset({"money", "measure"})


def company(found: Sequence[Role]) -> Section:
    """Return the section ``[company]``."""
    written = [h for r in found for h in r.held.sheet.headers if h]
    chinese = sum(bool(_CHINESE.search(h)) for h in written) > len(written) / 2
    entries = [Entry('name = ""', said("fill_name"), active=False), *_currency(found, chinese)]
    if chinese:
        entries.append(Entry('language = "zh"', said("language")))
    return Section("[company]", tuple(entries))


def _of_column(found: Sequence[Role]) -> Entry | None:
    """Return the currency that most rows of a column of currencies name."""
    for made in found:
        if CURRENCY not in made.direct:
            continue
        header = converted(made).get(CURRENCY, made.held.sheet.headers[made.direct[CURRENCY][0]])
        profile = made.held.profile(header)
        for word, rows in profile.counts.items():
            if len(codes := currencies(word)) == 1:
                return Entry(f'currency = "{min(codes)}"', said("currency_column", rows=rows, header=profile.header))
    return None


def _currency(found: Sequence[Role], chinese: bool) -> list[Entry]:
    if entry := _of_column(found):
        return [entry]
    marked: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for made in found:
        for column, header in made.columns.items():
            if made.table.mapped[column].type not in _MONEY:
                continue
            profile = made.held.profile(header)
            marked.update(profile.currencies)
            if code := header_currency(header):
                named[code] += 1
    if marked:
        code, rows = marked.most_common(1)[0]
        others = ", ".join(c for c in marked if c != code)
        why = said("currencies", rows=rows, others=others) if others else said("currency_marks", rows=rows)
        return [Entry(f'currency = "{code}"', why)]
    if named:
        return [Entry(f'currency = "{named.most_common(1)[0][0]}"', said("currency_header"))]
    if chinese:
        return [Entry('currency = "CNY"', said("currency_language"))]
    return [Entry('currency = "USD"', said("fill_currency"), active=False)]


def converted(made: Role) -> dict[str, str]:
    """Return the headers of amounts in one currency and of that currency, where the rows' own ones are several."""
    if not {"amount", CURRENCY} <= made.direct.keys():
        return {}
    amount, own = (made.held.sheet.headers[made.direct[c][0]] for c in ("amount", CURRENCY))
    if len(made.held.profile(own).counts) < 2:
        return {}
    same = [p for p in made.held.profiles if headers.normal(p.header).startswith(headers.normal(amount))]
    other = [p for p in same if any(word in headers.normal(p.header) for word in ("converted", "折算", "本位币"))]
    amounts = [p.header for p in other if p.numbers >= 0.9]
    codes = [p.header for p in other if p.numbers < 0.1 and len(p.counts) == 1]
    return {"amount": amounts[0], CURRENCY: codes[0]} if amounts and codes else {}
