"""The settings, the files and the notebooks: read as a batch reads them."""

from collections.abc import Iterator

from salesnb.doctor.check import Check, Request, fail, ok, warn
from salesnb.doctor.workload import source_of
from salesnb.errors import SettingsError


def look_at_data(request: Request) -> Iterator[Check]:
    """Read, map and validate all files with their settings; without files named, those of the sample company."""
    from salesnb import data
    from salesnb.data.case import SAMPLE

    named = request.data or SAMPLE
    try:
        _, path, _ = source_of(request)  # settings without data speak of files that are not here
        found = data.check(named, request.settings if request.data else "")
    except SettingsError as fault:
        yield from (fail("settings", "problem", problem=p) for p in fault.problems)
        return
    yield ok("settings", "read", path=path) if path else ok("settings", "defaults")
    counted = found.files.groupby("table", sort=False)[
        ["rows_accepted", "rows_quarantined", "rows_duplicate", "rows_skipped"]
    ].sum()
    if named == SAMPLE:
        taken, bad, *_ = counted.sum()
        yield ok("data", "sample", rows=f"{taken:,}", bad=f"{bad:,}")
        return
    for table, (taken, bad, twice, skipped) in zip(counted.index, counted.itertuples(index=False), strict=True):
        fields = {
            "table": table,
            "rows": f"{taken:,}",
            "bad": f"{bad:,}",
            "twice": f"{twice:,}",
            "skipped": f"{skipped:,}",
            "data": named,
        }
        yield warn("data", "some", **fields) if bad else ok("data", "all", **fields)
    if found.ignored:
        yield warn("data", "ignored", files=", ".join(found.ignored))


def look_at_notebooks(request: Request) -> Iterator[Check]:
    """Find the notebooks and hold their parameters to what a batch passes them."""
    from salesnb.batch.plan import check_parameters, find_stages

    stages = find_stages(request.notebooks)
    check_parameters(stages)
    yield ok("notebooks", "found", names=", ".join(stage.name for stage in stages), folder=request.notebooks.resolve())
