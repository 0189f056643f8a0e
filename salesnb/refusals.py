"""What is wrong with a settings file, said so that it can be mended: the place, counted from 1, and the nearest key."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from salesnb import words
from salesnb.errors import Problem, nearest, problem


def table_problems(raw: Mapping[str, Any], file: str, tables: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Yield tables that do not exist, and columns that a table does not have; ``tables`` names those of each."""
    if not tables or not isinstance(raw.get("tables"), Mapping):
        return
    for name, source in raw["tables"].items():
        if name not in tables:
            yield problem("settings_table", file=file, found=name, near=nearest(name, tables))
            continue
        if not isinstance(source, Mapping):
            continue
        for where, column in _columns_named(source):
            if column not in tables[name]:
                near = nearest(column, tables[name])
                yield problem("settings_column", file=file, where=f"tables.{name}.{where}", found=column, near=near)
        for number in _idle_lookups(source):
            where, expected = f"tables.{name}.lookups.{number}.take", problem("expected_take_nothing")
            yield problem("settings_value", file=file, where=where, found="{}", expected=expected)


def _columns_named(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the places of a table's settings that name canonical columns, with each name."""
    parts = [(part, source.get(part)) for part in ("columns", "values", "units", "constants")]
    lookups = source.get("lookups")
    for number, lookup in enumerate(lookups if isinstance(lookups, list) else [], start=1):
        if isinstance(lookup, Mapping):
            parts.append((f"lookups.{number}.take", lookup.get("take")))
    for where, section in parts:
        yield from ((where, column) for column in section) if isinstance(section, Mapping) else ()
    if isinstance(wide := source.get("wide"), Mapping):
        yield from ((f"wide.{key}", wide[key]) for key in ("into", "value") if isinstance(wide.get(key), str))


def _idle_lookups(source: Mapping[str, Any]) -> Iterator[int]:
    """Yield the numbers of lookups of which nothing is taken, neither at once nor by a later one."""
    given = source.get("lookups")
    lookups = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    for number, lookup in enumerate(lookups, start=1):
        if not lookup.get("take") and all(later.get("via") != lookup.get("file") for later in lookups[number:]):
            yield number


def explained(error: Any, file: str, model: type[BaseModel]) -> Problem:
    """Return what pydantic says of one place of the settings as a problem; ``model`` is that of the whole file."""
    where = _where(error["loc"])
    if error["type"] == "extra_forbidden":
        *parents, key = error["loc"]
        return problem("settings_key", file=file, where=where, near=nearest(str(key), _known_keys(parents, model)))
    context = error.get("ctx", {})
    found = str(context["found"]) if "found" in context else "-" if error["type"] == "missing" else repr(error["input"])
    if len(found) > 80:
        found = found[:77] + "..."
    return problem("settings_value", file=file, where=where, found=found, expected=_expected(error["type"], context))


def _where(steps: Sequence[str | int]) -> str:
    """Return the place of a fault as a person counts: the first of a list is 1."""
    told = (str(s + 1) if isinstance(s, int) else s for s in steps if not str(s).startswith("="))
    return ".".join(told) or "-"


def _expected(kind: str, context: Mapping[str, Any]) -> Problem:
    code = f"expected_{kind}"
    if not words.has("errors", code):
        code = "expected_other"
    fields = {k: v for k, v in context.items() if k != "found"}
    return problem(code, **{"kind": kind, **fields})


def _known_keys(parents: Sequence[Any], whole: type[BaseModel]) -> list[str]:
    model: Any = whole
    for step in parents:
        if isinstance(step, int) or not hasattr(model, "model_fields") or step not in model.model_fields:
            continue
        model = _model_in(model.model_fields[step].annotation) or model
    return [field.alias or name for name, field in getattr(model, "model_fields", {}).items()]


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a))), None)
