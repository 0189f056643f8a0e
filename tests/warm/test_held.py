"""Modules out of sight: given back on import, in their order, with every trace that their import left."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PACKAGE = {
    "__init__": "def late(): return 'function'\ndef call():\n    import shop.late\n    return late.__name__",
    "first": "import os, warnings\nos.environ['FIRST'] = 'set'\nwarnings.filterwarnings('ignore', message='first')",
    "late": "import shop.first",
    "other": "from shop import late\nvalue = 1",
}


@pytest.fixture
def shop(tmp_path):
    """A package, and a way to run code where its modules are held back."""
    (tmp_path / "shop").mkdir()
    for name, code in PACKAGE.items():
        (tmp_path / "shop" / f"{name}.py").write_text(code)

    def run(code, modules=("shop", "shop.first", "shop.late", "shop.other")):
        begin = f"import sys; from salesnb.warm.importing import import_as_in_a_kernel as i; i({modules!r})\n"
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        held, plain = (
            subprocess.run([sys.executable, "-c", start + code], env=environment, capture_output=True, text=True)
            for start in (begin, "")
        )
        assert held.stdout == plain.stdout
        assert held.stderr.replace(begin, "") == plain.stderr or "line" in held.stderr
        return held.stdout.split()

    return run


def test_a_function_with_the_name_of_a_later_module_is_there_until_then(shop):
    said = shop("import shop; print(callable(shop.late)); import shop.late; print(callable(shop.late))")
    assert said == ["True", "False"]


def test_a_submodule_is_no_attribute_before_its_import(shop):
    assert shop("import shop; print(hasattr(shop, 'first')); import shop.first; print(hasattr(shop, 'first'))") == [
        "False",
        "True",
    ]


def test_what_an_import_sets_is_set_by_it_and_not_before(shop):
    code = (
        "import os, warnings\n"
        "see = lambda: print(os.environ.get('FIRST'), sum('first' in str(f) for f in warnings.filters))\n"
        "import shop; see(); import shop.late; see()"
    )
    assert shop(code) == ["None", "0", "set", "1"]


def test_modules_know_where_they_come_from(shop):
    code = "import sys, shop.other as o, importlib.util as u; print(o.__spec__.loader is o.__loader__, o.__spec__.origin == o.__file__, sys.modules['shop.other'] is o, u.find_spec('shop.first').name, o.value)"  # noqa: E501
    assert shop(code) == ["True", "True", "True", "shop.first", "1"]


def test_modules_are_loaded_once_from_many_threads(shop):
    code = (
        "from concurrent.futures import ThreadPoolExecutor as T\nimport importlib\n"
        "names = ['shop.first', 'shop.late', 'shop.other'] * 30\n"
        "with T(8) as pool: found = list(pool.map(importlib.import_module, names))\n"
        "print(len(set(map(id, found))), all(vars(m).get('__file__') for m in found))"
    )
    assert shop(code) == ["3", "True"]


def test_nothing_is_left_to_find_when_all_is_given_back(shop):
    code = "import sys, shop.other; print(sum(type(f).__name__ == 'HeldModules' for f in sys.meta_path))"
    assert shop(code, ("shop", "shop.other")) == ["0"]
