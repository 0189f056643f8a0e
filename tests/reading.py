"""What a reader stumbles over in a sentence, whichever finding says it."""

from __future__ import annotations

import re

from salesnb.findings.finding import Finding
from salesnb.show.sentence import sentence_text

_MONEY = r"\d[\d.,]*(?:K|M|B|万|亿)"
_MANY = "|".join(
    ("deals", "orders", "customers", "reps", "months", "quarters", "weeks", "periods", "days", "calls", "instalments",
     "cases", "units", "tables", "actions", "problems", "proposals", "rows", "notes", "working days")
)  # fmt: skip

STUMBLES = {
    "a hole": re.compile(r"\b(?:nan|None|NaT|inf)\b(?! of the)|<NA>|[{}]"),
    "nothing with a unit": re.compile(r"(?<![\d.,])0(?:\.0+)?(?:[KMB]\b|[万亿])"),
    "a part that is the whole": re.compile(rf"(?<![\d.,])({_MONEY})(?: of |，合计)\1(?![\d.,])"),
    "a unit twice": re.compile(r"% ?%|pts pts|\b(\w{3,}) \1\b|个个|天天|万万|元元|百分点百分点"),
    "one of many": re.compile(rf"(?<![\d.,%] )(?<![\d.,/])\b1 (?:{_MANY})\b"),
    "in March to May": re.compile(r"\bin [A-Z][a-z]+ (?:\d{4} )?to [A-Z][a-z]+ \d{4}"),
    "a sign twice": re.compile(r"[+\u2212]{2}|[差超减增][少加]?[+\u2212]"),
    "a stop too many": re.compile(r"(?<!\.)\.\.(?!\.)|。。|，，|；；|[，；：]。|,,| [,.;:](?:\s|$)"),
}


def stumbles(text: str) -> list[str]:
    """Return the kinds of things in a sentence that a reader stumbles over; names from data are part of it."""
    return [kind for kind, pattern in STUMBLES.items() if pattern.search(text)]


HOLE = re.compile(r"\bnan\b|\bNone\b(?! of)|\bNaT\b|<NA>|[{}]|\binf\b|␞")


def said(finding: Finding) -> dict[str, list[str]]:
    """Return all sentences of a finding by language, having checked that none has a hole; its facts must agree."""
    texts = {
        lang: [sentence_text(finding, say, lang) for say in (finding.headline, *finding.notes)] for lang in ("en", "zh")
    }
    for lang, lines in texts.items():
        for line in lines:
            assert line, (finding.id, lang)
            assert not HOLE.search(line), line
            assert not stumbles(line), (stumbles(line), line)
    known: dict[tuple[str, str], float | None] = {}
    for fact in finding.facts():
        key = (fact["metric"], fact["dims"])
        assert known.setdefault(key, fact["value"]) == fact["value"], key
    return texts
