"""The draft's first section: the company's currency and language, as its files show them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from salesnb.check.draft import Entry, Section, said
from salesnb.check.profiles import header_currency
from salesnb.check.roles import Role

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MONEY = frozenset({"money", "measure"})


def company(found: Sequence[Role]) -> Section:
    """Return the section ``[company]``."""
    headers = [h for r in found for h in r.held.sheet.headers if h]
    chinese = sum(bool(_CHINESE.search(h)) for h in headers) > len(headers) / 2
    entries = [Entry('name = ""', said("fill_name"), active=False), *_currency(found, chinese)]
    if chinese:
        entries.append(Entry('language = "zh"', said("language")))
    return Section("[company]", tuple(entries))


def _currency(found: Sequence[Role], chinese: bool) -> list[Entry]:
    marked: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for made in found:
        for column, header in made.columns.items():
            if made.table.columns[column].type not in _MONEY:
                continue
            profile = next(p for p in made.held.profiles if p.header == header)
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
