"""Whatever a check can find is worded, and what will not do comes with what to do."""

import ast
import inspect
import pkgutil
from importlib import import_module

import salesnb.doctor
from salesnb import words
from salesnb.doctor import LOOKS

GENERAL = {"any", "marks", "summary"}


def findings():
    """Every (state, name, codes) that the modules spell out."""
    for module in pkgutil.iter_modules(salesnb.doctor.__path__, "salesnb.doctor."):
        for node in ast.walk(ast.parse(inspect.getsource(import_module(module.name)))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"ok", "warn", "fail"}:
                name, code = node.args[:2]
                codes = [c.value for c in ast.walk(code) if isinstance(c, ast.Constant)]
                if isinstance(code, ast.IfExp):
                    codes = [code.body.value, code.orelse.value]
                yield ast.unparse(node.func), name.value, codes


def test_all_that_can_be_found_is_worded_and_what_will_not_do_has_advice():
    found = list(findings())
    assert len(found) > 40
    for state, name, codes in found:
        for code in codes:
            place = name if words.has("doctor", f"{name}.{code}.found") else "any"
            assert words.has("doctor", f"{place}.{code}.found"), (name, code)
            assert words.has("doctor", f"{place}.{code}.advice") == (state != "ok"), (name, code)


def test_nothing_is_worded_that_cannot_be_found():
    spelled = {f"{name}.{code}" for _, name, codes in findings() for code in codes} | {"place.bucket"}
    sections = {k: v for k, v in words.catalogue("doctor").items() if k not in GENERAL and isinstance(v, dict)}
    listed = {
        f"{name}.{code}" for name, codes in sections.items() for code in codes if code not in {"name", "en", "zh"}
    }
    assert listed - spelled == set()


def test_every_check_has_a_name_to_break_down_under():
    assert [name for name, _ in LOOKS if not words.has("doctor", f"{name}.name")] == []
