"""The house rules that keep it readable: floors, sizes, names, and no word for readers outside the catalogues."""

import ast
import graphlib
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import salesnb
from salesnb import words
from salesnb.metrics.registry import metrics
from salesnb.stages import STAGES
from tools.faults import FAULTS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "salesnb"
MODULES = sorted(PACKAGE.rglob("*.py"))
FLOORS = (
    ("words", "settings", "setting_types", "refusals", "errors", "calendar", "scope", "folders", "places", "stages",
     "warm", "limits", "schema", "dating", "parameters", "cell_end", "left_out"),
    ("metrics",),
    ("sample",),
    ("data",),
    ("methods",),
    ("views",),
    ("causes",),
    ("findings",),
    ("show",),
    ("report", "batch", "doctor", "formats", "check"),
    ("cli", "entry"),
)  # fmt: skip
ROOMS = ("tables", "cells", "reading", "taking", "masks", "store", "case")
FLOOR = {part: level for level, parts in enumerate(FLOORS) for part in parts}
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
AGGREGATIONS = {"sum", "mean", "median", "std", "var", "groupby", "agg", "aggregate", "cumsum", "cumprod", "pivot"} | {
    *("merge", "pivot_table", "rolling", "resample", "corr", "quantile", "nunique", "value_counts", "crosstab")
}
CJK = re.compile(r"[\u4e00-\u9fff]")


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(m) for m in MODULES}


def imports(path):
    """Every module of the package that a module imports, at its head or inside a function."""
    package = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "salesnb")
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            if base.split(".")[0] == "salesnb":
                whole = [f"{base}.{alias.name}" for alias in node.names]
                yield from (name if name in NAMES else base for name in whole)


def part(module):
    return [*module.split("."), ""][1]


def modules_of(*parts):
    return [m for m in MODULES if part(dotted(m)) in parts]


SPEAKING = modules_of("views", "causes", "findings", "show", "report", "batch", "check", "cli", "data")


def names(paths):
    return [str(p.relative_to(ROOT)) for p in paths]


def test_every_module_stands_on_a_floor():
    unknown = {part(dotted(m)) for m in MODULES} - set(FLOOR) - {""}
    assert unknown == set()


def test_imports_go_down_only():
    wrong = [
        f"{dotted(module)} imports {target}"
        for module in MODULES
        if part(dotted(module))
        for target in imports(module)
        if FLOOR.get(part(target), -1) > FLOOR[part(dotted(module))]
    ]
    assert wrong == []


def ties(house):
    """What each part of the house imports of others; ``house`` tells the part of a module."""
    found = {}
    for module in MODULES:
        own = house(dotted(module))
        found.setdefault(own, set()).update({house(t) for t in imports(module)} - {own})
    return found


@pytest.mark.parametrize("depth", [2, 3, 9], ids=["packages", "rooms", "modules"])
def test_nothing_goes_in_circles(depth):
    """Late imports and those for types count too: what needs one another is one thing, or has a third beneath it."""
    found = ties(lambda name: ".".join(name.split(".")[:depth]))
    graphlib.TopologicalSorter(found).prepare()


def test_rooms_of_data_import_from_rooms_before_them():
    found = ties(lambda name: name.split(".")[2] if name.startswith("salesnb.data.") else "")
    assert set(found) == {"", *ROOMS}
    wrong = {(room, t) for room in ROOMS for t in found[room] - {""} if ROOMS.index(t) > ROOMS.index(room)}
    assert wrong == set()


def test_the_check_of_imports_sees_relative_and_late_ones(tmp_path):
    fake = PACKAGE / "methods" / "attribution.py"
    found = set(imports(PACKAGE / "findings" / "diagnosis" / "drivers.py"))
    assert "salesnb.findings.finding" in found
    assert not [t for t in imports(fake) if FLOOR.get(part(t), -1) > FLOOR["methods"]]


def test_report_and_batch_know_no_finding_and_not_one_another_sideways():
    wrong = [
        f"{dotted(m)} imports {t}"
        for m in modules_of("report", "batch")
        for t in imports(m)
        if re.match(r"salesnb\.findings\.(?!finding\b)\w", t) or (part(dotted(m)) == "report" and part(t) == "batch")
    ]
    assert wrong == []


def test_no_finding_imports_another():
    findings = {dotted(m) for m in modules_of("findings") if dotted(m).count(".") == 3}
    wrong = [
        f"{dotted(m)} imports {t}"
        for m in modules_of("findings")
        if dotted(m) in findings
        for t in set(imports(m))
        if t in findings and t != dotted(m) and not t.rpartition(".")[2].startswith("_")
    ]
    assert wrong == []


@pytest.mark.parametrize("module", modules_of("metrics", "methods", "views", "causes", "findings"), ids=dotted)
def test_analysis_is_pure(module):
    """No input or output, no clock, no randomness without a seed."""
    called = {ast.unparse(n.func) for n in ast.walk(tree(module)) if isinstance(n, ast.Call)}
    impure = {"open", "print", "input", "date.today", "datetime.now", "datetime.today", "pd.Timestamp.now",
              "pd.Timestamp.today", "time.time", "np.random.default_rng()", "random.random"}  # fmt: skip
    assert not called & impure
    assert not [c for c in called if re.search(r"\.(read|write|to)_(csv|parquet|excel|json|text)$", c)]
    unseeded = [n for n in ast.walk(tree(module)) if isinstance(n, ast.Call) and not n.args and not n.keywords
                and ast.unparse(n.func).endswith("default_rng")]  # fmt: skip
    assert unseeded == []


@pytest.mark.parametrize("module", modules_of("show"), ids=dotted)
def test_show_computes_nothing(module):
    """Not one figure is made on the way to the page: nothing is summed, grouped or joined there."""
    found = [
        f"line {n.lineno}: {ast.unparse(n)[:80]}"
        for n in ast.walk(tree(module))
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in AGGREGATIONS
    ]
    assert found == []


def test_modules_are_of_readable_size_and_their_names_say_something():
    assert names(m for m in MODULES if len(m.read_text(encoding="utf-8").splitlines()) > 600) == []
    assert names(m for m in MODULES if m.stem in SAYS_NOTHING or m.parent.name in SAYS_NOTHING) == []


def test_functions_are_of_readable_length():
    long = [
        f"{dotted(m)}.{n.name}: {n.end_lineno - n.lineno + 1} lines"
        for m in MODULES
        for n in ast.walk(tree(m))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.end_lineno - n.lineno + 1 > 60
    ]
    assert long == []


def test_every_text_is_there_in_both_languages():
    wrong = []
    for catalogue in words.names():
        for key, entry in words.texts(catalogue):
            if set(entry) != set(words.LANGUAGES) or not all(isinstance(t, str) and t.strip() for t in entry.values()):
                wrong.append(f"{catalogue}: {key}")
    assert wrong == []


def test_chinese_texts_are_chinese():
    """But for those that are the same sign or code in both languages."""
    wrong = [
        f"{catalogue}: {key} = {entry['zh']}"
        for catalogue in words.names()
        for key, entry in words.texts(catalogue)
        if re.search(r"[a-z]{3}", re.sub(r"\{[^}]*\}", "", entry["en"])) and not CJK.search(entry["zh"])
    ]
    assert wrong == []


def test_both_languages_name_the_same_numbers():
    """A number in one language only would let the two pages say different things."""
    slot = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)")
    wrong = []
    for catalogue in words.names():
        for key, entry in words.texts(catalogue):
            en, zh = (sorted(set(slot.findall(entry[lang]))) for lang in ("en", "zh"))
            if en != zh:
                wrong.append(f"{catalogue}: {key}: {en} against {zh}")
    assert wrong == []


def literals(node):
    """The texts that an expression can be, where they are spelled out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return [*literals(node.body), *literals(node.orelse)] if isinstance(node, ast.IfExp) else []


def say_keys():
    """Every sentence key that a finding spells out, as (catalogue, word, key, where)."""
    for module in modules_of("findings"):
        _, _, *path = dotted(module).split(".")
        for node in ast.walk(tree(module)) if len(path) == 2 and path[1][0] != "_" else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Say" and node.args:
                yield from ((*path, key, f"{dotted(module)}:{node.lineno}") for key in literals(node.args[0]))


def test_every_sentence_that_a_finding_names_is_in_its_catalogue():
    found = list(say_keys())
    assert len(found) > 20
    assert [
        f"{where}: {word}.{key}" for stage, word, key, where in found if not words.has(stage, f"{word}.{key}")
    ] == []


def test_parts_of_a_page_are_short_names_and_not_sentences():
    """``part`` begins a part of the page in its list of anchors; a sentence of that name would stand there instead."""
    for catalogue in words.names():
        for key, entry in words.texts(catalogue):
            section = key.removesuffix(".part")
            if section != key and words.has(catalogue, f"{section}.question"):
                assert all(len(text) <= 30 and "{" not in text for text in entry.values()), (catalogue, key)


def test_every_section_of_a_catalogue_has_its_finding():
    for stage in STAGES:
        modules = {m.stem for m in (PACKAGE / "findings" / stage).glob("*.py")}
        sections = set(words.catalogue(stage)) - {"stage"}
        orphans = [s for s in sections if s not in modules and not any(s.startswith(f"{m}_") for m in modules)]
        assert orphans == [], stage


def test_every_figure_has_a_name_and_a_definition():
    for module in pkgutil.walk_packages(salesnb.__path__, "salesnb."):
        if ".metrics" in module.name:
            importlib.import_module(module.name)
    wrong = [id for id in metrics() for part in ("name", "about") if not words.has("metrics", f"{id}.{part}")]
    assert wrong == []


@pytest.mark.parametrize("module", SPEAKING, ids=dotted)
def test_no_chinese_and_no_sentence_stands_in_code(module):
    """What a reader sees is worded in the catalogues only; code holds keys."""
    nodes = list(ast.walk(tree(module)))
    documentation = {id(n.value) for n in nodes if isinstance(n, ast.Expr)}
    faults = {id(c) for n in nodes if isinstance(n, ast.Raise | ast.Assert) for c in ast.walk(n)}
    texts = [
        n
        for n in nodes
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in documentation | faults
    ]
    others_words = {"Empty CSV file"}  # what a library says, to be recognised
    sentences = [
        f"line {n.lineno}: {n.value[:60]}"
        for n in texts
        if n.value not in others_words and re.fullmatch(r"[A-Z][a-z]+(?: [A-Za-z,']+){2,}[.:!?]?", n.value.strip())
    ]
    assert sentences == []
    if part(dotted(module)) in {"views", "causes", "findings", "report", "batch", "cli"}:
        assert [f"line {n.lineno}: {n.value}" for n in texts if CJK.search(n.value)] == []


def test_every_floor_is_there():
    """So that a renamed one cannot slip out of the checks."""
    assert set(FLOOR) - {part(dotted(m)) for m in MODULES} == set()


def test_every_deliberate_fault_finds_its_line_and_its_tests():
    """So that a change of the code does not silence a fault: see `tools.faults`."""
    lost = [f.name for f in FAULTS if f.right not in (PACKAGE / f.file).read_text(encoding="utf-8")]
    assert lost == []
    assert [t for f in FAULTS for t in f.tests if not (ROOT / t.partition("::")[0]).exists()] == []


def test_the_readme_names_every_stage():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [stage for stage in STAGES if f"\n| {stage} | " not in readme] == []
