"""What is dear to import stays out of processes that need it not."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["batch.conduct", "report.page", "formats.team_report"])
def test_no_grammar_of_web_addresses_is_built_to_read_a_notebook(module):
    asked = f"import sys, salesnb.{module}, jsonschema; print('lark' in sys.modules, 'nbformat' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert (ran.stdout.split(), ran.stderr) == (["False", "True"], "")


def test_a_notebook_that_draws_nothing_of_its_own_waits_for_no_drawing_library():
    """The masthead puts the look on for charts that few draw: seaborn, pyplot and scipy's statistics take seconds."""
    asked = (
        "import sys; from salesnb.show.looks import put_on; put_on();"
        "print([m for m in ('seaborn', 'matplotlib.pyplot', 'scipy.stats') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
