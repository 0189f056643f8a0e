"""Findings of every form from literal rows, with a catalogue of their own, and a notebook that shows them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
from nbformat import NotebookNode, v4

from salesnb import words
from salesnb.calendar import month
from salesnb.findings.finding import Chart, Finding, Missing, Say
from salesnb.scope import Scope
from salesnb.settings import Settings
from salesnb.show.outputs import evidence_output, masthead_output, sentence_output

WORDS = tomllib.loads(Path(__file__).with_name("show_words.toml").read_text(encoding="utf-8"))

FORMS = ("bullet", "bridge", "bars", "line", "heat", "cards", "list", "slope", "stages", "multiples")


def install(patch: Any) -> None:
    """Put the catalogue ``trial`` among the others for one test."""
    real = words.catalogue
    patch.setattr(words, "catalogue", lambda name: WORDS if name == "trial" else real(name))


def scope(langs: tuple[str, ...] = ("en", "zh"), team: str = "South") -> Scope:
    settings = Settings.model_validate({"company": {"name": "Heng & Yu"}})
    return Scope(team, month(2025, 9), date(2025, 9, 22), date(2024, 1, 1), settings, langs=langs)


def finding(word: str, rows: pd.DataFrame, picks: Mapping[str, Any], chart: Chart | None, **more: Any) -> Finding:
    own = more.pop("scope", None) or scope()
    return Finding(f"trial.{word}", own, rows, Say("said", picks), chart=chart, **more)


def bullet(names: tuple[str, ...] = ("Chen Hao", "Wu Min"), own: Scope | None = None) -> Finding:
    rows = [("", 2_580_000.0, 3_000_000.0, -420_000.0), (names[0], 1_450_000.0, 1_900_000.0, -450_000.0)]
    rows += [(name, 1_130_000.0, 1_100_000.0, 30_000.0) for name in names[1:]]
    frame = pd.DataFrame(rows, columns=["rep", "sales", "target", "gap"])
    chart = Chart("bullet", {"label": "rep", "value": "sales", "target": "target"}, tuple(range(1, len(rows))), (1,))
    return finding("bullet", frame, {"total": 0, "worst": 1}, chart, scope=own)


def bridge() -> Finding:
    rows = [("new", "customers", -610e3), ("existing", "aov", 200e3), ("", "sales", -410e3)]
    frame = pd.DataFrame(rows, columns=["new_existing", "kpi", "effect"])
    chart = Chart("bridge", {"label": "kpi", "group": "new_existing", "value": "effect"}, accent=(0,), total=2)
    return finding("bridge", frame, {"most": 0}, chart)


def bars() -> Finding:
    frame = pd.DataFrame({"product_line": ["水泵", "阀门", "Service"], "sales": [3.1e6, 1.2e6, -0.2e6]})
    chart = Chart("bars", {"label": "product_line", "value": "sales"}, accent=(0,))
    return finding("bars", frame, {"names": (0, 1)}, chart)


def line() -> Finding:
    frame = pd.DataFrame(
        {
            "month": ["2025-07", "2025-08", "2025-09"],
            "sales": [9e6, 9.1e6, 8.54e6],
            "sales_last_year": [8e6, None, 9e6],
            "target": 9.6e6,
        }
    )
    chart = Chart("line", {"x": "month", "value": "sales", "compare": "sales_last_year", "target": "target"})
    return finding("line", frame, {"now": 2}, chart)


def heat() -> Finding:
    cells = [("Chen", "Pumps", -290e3), ("Chen", "Valves", 40e3), ("Chen", "", -250e3)]
    cells += [
        ("Lin", "Pumps", -10e3),
        ("Lin", "", -10e3),
        ("", "Pumps", -300e3),
        ("", "Valves", 40e3),
        ("", "", -260e3),
    ]
    frame = pd.DataFrame(cells, columns=["rep", "product_line", "gap"]).assign(sales=1e6, target=2e6)
    chart = Chart("heat", {"row": "rep", "column": "product_line", "value": "gap"})
    return finding("heat", frame, {"one": 0}, chart, table=("rep", "product_line", "gap"))


def cards() -> Finding:
    rows = [("sales", "", 8.54e6, 9.6e6, -1.06e6, 0.89, "missed"), ("win_rate", "", 0.31, None, None, None, "none")]
    rows += [("sales", f"2025-{m:02d}", 8e6 + m * 1e5, None, None, None, "") for m in (7, 8, 9)]
    frame = pd.DataFrame(rows, columns=["kpi", "month", "actual", "target", "gap", "attainment", "light"])
    return finding("cards", frame, {"first": 0}, Chart("cards"))


def ranking() -> Finding:
    rows = [("fewer_new_customers", "Pumps", -610e3, "measured"), ("smaller_orders", "", -210e3, "hypothesis")]
    frame = pd.DataFrame(rows, columns=["problem", "product_line", "effect", "evidence"])
    return finding("list", frame, {"first": 0}, Chart("list", {"title": "problem", "value": "effect"}, accent=(0,)))


def slope() -> Finding:
    rows = [("", 4.0e6, 3.5e6), ("直销", 2.0e6, 2.4e6), ("网店", 1.2e6, 0.6e6), ("门店", None, 0.5e6)]
    frame = pd.DataFrame(rows, columns=["channel", "sales_previous", "sales"])
    roles = {"label": "channel", "before": "sales_previous", "value": "sales"}
    return finding("slope", frame, {"fell": 2}, Chart("slope", roles, (1, 2, 3), (2,)))


def stages() -> Finding:
    rows = [("", 60.0, 36.0, 24.0, 0.4), ("Chen", 40.0, 30.0, 20.0, 0.5), ("Lin", 8.0, 6.0, 4.0, 0.5)]
    columns = ["rep", "closed_deals", "proposed_deals", "won_deals", "win_rate"]
    roles = {"label": "rep", "value": "win_rate", **dict(zip(("first", "second", "third"), columns[1:4], strict=True))}
    chart = Chart("panels", {**roles, "aside": "win_rate"}, (1, 2), (1,))
    return finding("stages", pd.DataFrame(rows, columns=columns), {"top": 1}, chart)


def multiples() -> Finding:
    rows = [("Chen", "", 0.8, None), ("Chen", "sales", None, 0.6), ("Chen", "collection_rate", None, 1.2)]
    rows += [("Lin", "", 0.9, None), ("Lin", "sales", None, 0.9), ("Lin", "collection_rate", None, None)]
    frame = pd.DataFrame(rows, columns=["rep", "kpi", "kpi_score_capped", "attainment"])
    roles = {"label": "rep", "value": "kpi_score_capped", "panel": "kpi", "part": "attainment"}
    return finding("multiples", frame, {"lowest": 0}, Chart("panels", roles, (0, 3), (0,)))


def needs() -> Finding:
    missing = (Missing("stage_history", ("opportunity_id",)),)
    return finding("needs", pd.DataFrame(columns=["kpi", "effect"]), {}, None, missing=missing)


def every() -> dict[str, Finding]:
    return {"bullet": bullet(), "bridge": bridge(), "bars": bars(), "line": line(), "heat": heat(), "cards": cards(),
            "list": ranking(), "slope": slope(), "stages": stages(), "multiples": multiples(),
            "needs": needs()}  # fmt: skip


def shown(bundle: dict[str, Any]) -> NotebookNode:
    return v4.new_output("display_data", data=bundle)


def section(word: str, made: Finding) -> list[NotebookNode]:
    return [
        v4.new_markdown_cell(f"## {WORDS[word]['question']['en']}", metadata={"salesnb": {"words": f"trial.{word}"}}),
        v4.new_code_cell("show.sentence(x)", outputs=[shown(sentence_output(made))]),
        v4.new_code_cell("show.evidence(x)", outputs=[shown(evidence_output(made))]),
    ]


def notebook(findings: Mapping[str, Finding] | None = None, own: Scope | None = None) -> NotebookNode:
    case = SimpleNamespace(scope=own or scope(), absent=frozenset({"needs"}))
    cells = [
        v4.new_markdown_cell(f"# {WORDS['stage']['title']['en']}", metadata={"salesnb": {"words": "trial.stage"}}),
        v4.new_code_cell('data: str = "/home/x/files"\nteam: str = "North"', metadata={"tags": ["parameters"]}),
        v4.new_code_cell('team = "South"', metadata={"tags": ["injected-parameters"]}),
        v4.new_code_cell("show.masthead(case)", outputs=[shown(masthead_output(case))]),
    ]
    for word, made in (findings or every()).items():
        cells += section(word, made)
    made_book = v4.new_notebook(cells=cells)
    nbformat.validate(made_book)
    return made_book
