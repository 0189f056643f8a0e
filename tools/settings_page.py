"""Write ``docs/settings.md`` from the settings' own definitions.

Run ``python -m tools.settings_page``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from salesnb.settings import Audience, Kpi, Lookup, Settings, Several, Source, Wide

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
_HEAD = """\
# Settings

Made from `salesnb/settings.py` by `make refresh`; do not edit.

One file, `salesnb.toml` in the data folder or given with `--settings`. What it does not say has the default below; a
key that is not listed here is refused, and the nearest known one is named. How foreign files are
mapped is taught in [mapping.md](mapping.md).

```toml
[company]
name = "Kunlan Flow Control"
currency = "CNY"

[[kpis]]
metric = "sales"
weight = 0.7

[[kpis]]
metric = "new_customers"
weight = 0.3
```
"""
_LISTED: dict[str, tuple[str, type[BaseModel]]] = {
    "kpis": ("[[kpis]]", Kpi),
    "audience": ("[audience.NAME]", Audience),
    "tables": ("[tables.NAME]", Source),
}


def settings_page() -> str:
    """Return the whole page."""
    lines = [_HEAD, "## At the top of the file\n", *_table(Settings, skip=_is_part)]
    for name, field in Settings.model_fields.items():
        if _is_part(name, field):
            title, model = _LISTED.get(name) or (f"[{name}]", _model(field))
            lines += [f"## {title}\n", f"{field.description}\n", *_table(model)]
    lines += ["## [tables.NAME.columns] COLUMN = { ... }\n", f"{Several.__doc__}\n", *_table(Several)]
    lines += ["## [[tables.NAME.lookups]]\n", f"{Lookup.__doc__}\n", *_table(Lookup)]
    lines += ["## [tables.NAME.wide]\n", f"{Wide.__doc__}\n", *_table(Wide)]
    return "\n".join(lines).rstrip() + "\n"


def _is_part(name: str, field: FieldInfo) -> bool:
    return name in _LISTED or isinstance(_model(field), type)


def _model(field: FieldInfo) -> Any:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _table(model: type[BaseModel], skip: Any = lambda name, field: False) -> Iterator[str]:
    yield "| key | default | meaning |\n| --- | --- | --- |"
    for name, field in model.model_fields.items():
        if not skip(name, field):
            meaning = " ".join((field.description or "").split())
            yield f"| `{field.alias or name}` | {_default(field)} | {meaning}{_choices(field)} |"
    yield ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default if field.default is not PydanticUndefined else None
    return f"`{value}`" if value not in (None, "", ()) else ""


def _choices(field: FieldInfo) -> str:
    choices = [c for c in get_args(field.annotation) if isinstance(c, str) and c]
    return f" One of {', '.join(f'`{c}`' for c in choices)}." if choices else ""


def main() -> None:
    """Write the page."""
    PAGE.write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
