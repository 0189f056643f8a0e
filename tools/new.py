"""Write the files of a new finding, or of a new stage with its first finding; they pass the tests as they stand.

    python -m tools.new finding STAGE WORD
    python -m tools.new stage NAME [--number N] [--word WORD]

A finding is its module, its words in both languages, a section of its stage's notebook and a test with a literal
frame; a stage is beside these its line in the catalogue of stages. What is written is a small example (which product
line sells most): change it piece by piece. What is there is never overwritten.
"""

import argparse
import keyword
import re
import sys
from pathlib import Path
from string import Template

import nbformat
from nbformat import NotebookNode, v4

from salesnb import words
from tools.notebooks import FOLDER, KEEP, METADATA, refresh

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "salesnb"

MODULE = '''\
"""${name}: which product line sells most in the period."""

from __future__ import annotations

import pandas as pd

from salesnb.findings.finding import Chart, Finding, Missing, Say, with_total
from salesnb.metrics import measure
from salesnb.scope import Scope

ID = "${id}"


def ${word}(orders: pd.DataFrame, *, scope: Scope, by: str = "product_line") -> Finding:
    """Say which member of a dimension sells most in the period.

    Parameters
    ----------
    orders
        Clean orders.
    by
        The dimension by which the period is taken apart.

    Returns
    -------
    Finding
        Row 0 is the total; then one row per member, the largest first; money in currency units.
    """
    if orders.empty:
        needed = (Missing("orders", ("order_date", "amount")),)
        return Finding(ID, scope, pd.DataFrame(columns=[by, "sales"]), Say("no_orders"), missing=needed)
    total, parts = (measure(["sales"], {"orders": orders}, scope.window, of) for of in ([], [by]))
    rows = with_total(total, parts.sort_values(["sales", by], ascending=[False, True]), [by])
    if parts.empty:
        return Finding(ID, scope, rows, Say("none"), quiet=True)
    drawn = tuple(range(1, len(rows)))
    chart = Chart("bars", {"label": by, "value": "sales"}, drawn, accent=(1,))
    headline = Say("most", {"total": 0, "largest": 1})
    return Finding(ID, scope, rows, headline, chart=chart, quiet=len(parts) == 1)
'''

TEXTS = """
[${word}]
question = { en = "${name}: which product line sells most?", zh = "${name}：哪条产品线卖得最多？" }
anchor = { en = "${name}", zh = "请替换" }
prose = { en = "Replace this text: why the question matters, how to read the answer, and what it cannot tell, in some forty words. Bars are the sales of the period by product line, the largest first. What a line should have sold is not told here, nor whether it earns money.", zh = "请替换这段文字：说明为什么要问这个问题、怎么看答案、答案说明不了什么。横条为本期各产品线的销售额，最大的排在最前。某条产品线应当卖多少、是否赚钱，这里看不出来。" }
most = { en = "{total.sales} sold, most of it in {largest.member}: {largest.sales}.", zh = "销售额{total.sales}，其中{largest.member}最多，{largest.sales}。" }
none = { en = "Nothing was sold in {period}.", zh = "{period}没有销售。" }
no_orders = { en = "Which product line sells most takes orders, and none are given.", zh = "判断哪条产品线卖得最多需要订单，但没有提供订单。" }
"""  # noqa: E501

TEST = '''\
"""${name}: the total first, then product lines by what they sold."""

from salesnb.findings import ${stage}
from tests.frames import orders, scope_of
from tests.reading import said

ORDERS = orders(
    ("2025-08-03", 900.0, "Alder", "Ann", "Valves"),
    ("2025-09-02", 300.0, "Alder", "Ann", "Pumps"),
    ("2025-09-03", 120.0, "Birch", "Bob", "Valves"),
    ("2025-09-04", -20.0, "Birch", "Bob", "Valves"),
)


def test_what_sells_most_is_named_with_its_sales():
    found = ${stage}.${word}(ORDERS, scope=scope_of())
    assert found.rows["product_line"].tolist() == ["", "Pumps", "Valves"]
    assert found.rows["sales"].tolist() == [400.0, 300.0, 100.0]
    assert said(found)["en"] == ["400 sold, most of it in Pumps: 300."]


def test_where_nothing_was_sold_the_section_is_quiet():
    found = ${stage}.${word}(ORDERS, scope=scope_of("2025-07"))
    assert (found.headline.key, found.quiet) == ("none", True)
    said(found)


def test_without_orders_it_says_which_table_it_wants():
    found = ${stage}.${word}(orders(), scope=scope_of())
    assert [table.table for table in found.missing] == ["orders"]
    said(found)
'''

STAGE_TEXTS = """\
# Sentences of the ${stage} stage. Slots pick a column of a named row: {largest.sales}.

[stage]
name = { en = "${name}", zh = "请替换" }
title = { en = "${name}", zh = "请替换" }
intro = { en = "Replace this text: what the stage is for, in one or two sentences, what its reader does next, and where the answers come from.", zh = "请替换这段文字：用一两句话说明本环节做什么、读者接下来做什么。" }
"""  # noqa: E501


def new_finding(stage: str, word: str) -> list[Path]:
    """Write the files of a finding; return those that were written or changed.

    Raises
    ------
    SystemExit
        The stage is not there, the finding is, or the word is no name of a module.
    """
    _refuse_unusable(word)
    folder, texts = PACKAGE / "findings" / stage, PACKAGE / "words" / f"{stage}.toml"
    book = next(iter(FOLDER.glob(f"[0-9][0-9]_{stage}.ipynb")), None)
    if not folder.is_dir() or not texts.is_file() or book is None:
        sys.exit(f"There is no stage {stage}; write it first: python -m tools.new stage {stage}")
    module = folder / f"{word}.py"
    if module.exists():
        sys.exit(f"{module.relative_to(ROOT)} is there already")
    fill = {"stage": stage, "word": word, "id": f"{stage}.{word}", "name": word.replace("_", " ").capitalize()}
    module.write_text(Template(MODULE).substitute(fill), encoding="utf-8")
    _export(folder / "__init__.py", stage, word)
    texts.write_text(texts.read_text("utf-8") + Template(TEXTS).substitute(fill), encoding="utf-8")
    test = ROOT / "tests" / stage / f"test_{word}.py"
    test.parent.mkdir(exist_ok=True)
    test.write_text(Template(TEST).substitute(fill), encoding="utf-8")
    _add_section(book, stage, word)
    return [module, folder / "__init__.py", texts, test, book]


def new_stage(name: str, number: int, word: str) -> list[Path]:
    """Write the files of a stage with its first finding; return those that were written or changed."""
    _refuse_unusable(name)
    catalogue = PACKAGE / "stages.py"
    listed = catalogue.read_text("utf-8")
    numbers = [int(n) for n in re.findall(r"\bStage\((\d+), ", listed)]
    number = number or next(n for n in range(1, 10) if n not in numbers)
    if number in numbers or f'"{name}"' in listed:
        sys.exit(f"{catalogue.relative_to(ROOT)} has a stage {number} or one called {name} already")
    folder, texts = PACKAGE / "findings" / name, PACKAGE / "words" / f"{name}.toml"
    book = FOLDER / f"{number:02}_{name}.ipynb"
    folder.mkdir()
    (folder / "__init__.py").write_text(f'"""{name.capitalize()}: replace this line."""\n\n__all__ = []\n', "utf-8")
    texts.write_text(Template(STAGE_TEXTS).substitute(stage=name, name=name.replace("_", " ").capitalize()), "utf-8")
    later = [n for n in numbers if n > number]
    place = listed.index(f"        Stage({min(later)}, " if later else "    )\n}\n")
    line = f'        Stage({number}, "{name}"),\n'
    catalogue.write_text(listed[:place] + line + listed[place:], encoding="utf-8")
    nbformat.write(_head_of(next(FOLDER.glob("*_targets.ipynb")), name), book)
    return [catalogue, *new_finding(name, word)]


def _refuse_unusable(word: str) -> None:
    if not re.fullmatch(r"[a-z][a-z_]*", word) or keyword.iskeyword(word):
        sys.exit(f"{word!r} is no name of a module: small letters and underscores")


def _export(init: Path, stage: str, word: str) -> None:
    """Add a finding to what its stage exports, in the order of the names."""
    text = init.read_text("utf-8")
    head, known = text.split('"""\n', 1)[0] + '"""\n', sorted({*re.findall(r"import (\w+)", text), word})
    imports = "".join(f"from salesnb.findings.{stage}.{name} import {name}\n" for name in known)
    listed = ", ".join(f'"{name}"' for name in known)
    if len(listed) > 96:
        listed = "".join(f'\n    "{name}",' for name in known) + "\n"
    init.write_text(f"{head}\n{imports}\n__all__ = [{listed}]\n", encoding="utf-8")


def _head_of(other: Path, stage: str) -> NotebookNode:
    """Return the cells that every notebook begins with: title, parameters, loading."""
    made = nbformat.read(other, as_version=4)
    made.cells = made.cells[:3]
    made.metadata = nbformat.from_dict(METADATA)
    made.cells[0].metadata.salesnb.words = f"{stage}.stage"
    made.cells[2].source = re.sub(r"import \w+\n\n", f"import {stage}\n\n", made.cells[2].source)
    return made


def _add_section(book: Path, stage: str, word: str) -> None:
    """Add a section at a notebook's end: its question, its sentence, its evidence; then run the notebook."""
    made = nbformat.read(book, as_version=4)
    made.cells += [
        v4.new_markdown_cell("", metadata={"salesnb": {"words": f"{stage}.{word}"}}),
        v4.new_code_cell(
            f"{word} = {stage}.{word}(case.orders, scope=case.scope)\nshow.sentence({word})",
            metadata={"tags": [KEEP, "nbval-check-output"]},
        ),
        v4.new_code_cell(f"show.evidence({word})"),
    ]
    nbformat.write(made, book)
    words.catalogue.cache_clear()
    refresh(book)


def main() -> None:
    """Write what is asked for and say where it lies and what comes next."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = ask.add_subparsers(dest="kind", required=True)
    finding = kinds.add_parser("finding", help="a finding of a stage that is there")
    finding.add_argument("stage")
    finding.add_argument("word")
    stage = kinds.add_parser("stage", help="a stage with its first finding")
    stage.add_argument("name")
    stage.add_argument("--number", type=int, default=0, help="1 to 9; the lowest that is free unless given")
    stage.add_argument("--word", default="overview", help="the word of its first finding")
    given = ask.parse_args()
    if given.kind == "finding":
        made = new_finding(given.stage, given.word)
    else:
        made = new_stage(given.name, given.number, given.word)
    print("\n".join(str(path.relative_to(ROOT)) for path in made))
    house = "tests/project/test_house.py tests/project/test_notebooks.py"
    print(f"Then: .venv/bin/python -m pytest {made[-2].relative_to(ROOT)} {house}; make test asks the rest")


if __name__ == "__main__":
    main()
