"""The index over all periods: how the latest stands, and every period with its figures."""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from salesnb.report.company_verdict import verdict
from salesnb.report.index_frame import columns, index_name, languages, render, said
from salesnb.report.run_record import NO_HEAD, RunRecord
from salesnb.report.standing import Standing
from salesnb.report.table_of_periods import period_rows
from salesnb.show.numbers import period_text
from salesnb.show.text import whole_clauses


def periods_index(
    records: Mapping[str, RunRecord], teams: Mapping[str, Sequence[Standing]], lang: str, every: Sequence[str]
) -> str:
    """Return the index over all periods, those of one kind together, the latest first."""
    newest = max(records.values(), key=lambda r: r["finished"], default=None)
    latest = max(alike(newest["period"], records)) if newest else ""
    record = records.get(latest)
    kinds = sorted({kind(name) for name in records}, key=lambda k: (k != kind(latest), k))
    tables = [
        period_rows([(records[name], teams[name]) for name in sorted(records) if kind(name) == k], lang) for k in kinds
    ]
    said_of = verdict(teams[latest], lang) if record else ""
    return render(
        "periods.html.j2",
        lang,
        every,
        record["head"] if record else NO_HEAD,
        newest,
        heading=said("all_periods", lang),
        period=said("latest", lang, period=period_text(latest, lang)) if record else "",
        verdict=whole_clauses(said_of),
        up="",
        apart=[],
        near=[(said("open_latest", lang, period=period_text(latest, lang)), _place(record, lang))] if record else [],
        figures=columns(lang),
        tables=tables,
    )


def _place(record: RunRecord, lang: str) -> str:
    spoken = languages(record)
    return f"{quote(record['period'])}/{index_name(lang if lang in spoken else spoken[0], spoken)}"


def kind(period: str) -> str:
    """Return what a period shares with others of its kind: 2025-09 and 2025-10, not 2025-Q3."""
    return re.sub(r"\d", "0", period)


def alike(period: str, periods: Iterable[str]) -> list[str]:
    """Return a period and the others of its kind, in order."""
    return sorted({period, *(p for p in periods if kind(p) == kind(period))})
