"""A company of three rows and notebooks of three cells, enough for a real batch."""

import nbformat
import pytest

from salesnb.batch.plan import PARAMETERS
from salesnb.stages import OWN, STAGES
from tests import object_store

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
ORDERS = """\
order_id,order_date,amount,customer,rep,team
1,2025-08-04,100,Alder,Ann,{first}
2,2025-09-03,300,Birch,Ann,{first}
3,2025-09-30,200,Cedar,Bob,{second}
"""
FIGURE = """\
from IPython.display import display
fact = dict(period=case.scope.period.name, team=team, stage={stage!r}, finding="total", metric="sales", dims="",
            value=case.orders.amount.sum(), reason="", unit="money", definition=1)
display({{"application/vnd.salesnb.facts+json": {{"facts": [fact], "finding": "x.total"}}}}, raw=True)
"""
LOAD = (
    "from salesnb import load\n"
    "case = load(data=data, settings=settings, team=team, period=period, as_of=as_of, lang=lang, audience=audience)"
)


@pytest.fixture
def one_server(quick_batches):
    """Hasten batches that are run in this process; those of the command start all that they need themselves."""
    with quick_batches():
        yield


@pytest.fixture
def company(tmp_path):
    """Return a function that writes a data folder with the teams named."""

    def make(first="North", second="South"):
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        (folder / "orders.csv").write_text(ORDERS.format(first=first, second=second), encoding="utf-8")
        return str(folder)

    return make


@pytest.fixture
def stages(tmp_path, one_server):
    """Return a function that writes one notebook per stage: name -> last cell (None: one fact)."""

    def make(**cells):
        folder = tmp_path / "notebooks"
        folder.mkdir(exist_ok=True)
        for place, (stage, cell) in enumerate(cells.items()):
            number = STAGES[stage].number if stage in STAGES else OWN + place
            parameters = nbformat.v4.new_code_cell("\n".join(f'{p}: str = ""' for p in PARAMETERS))
            parameters.metadata["tags"] = ["parameters"]
            sources = [LOAD, FIGURE.format(stage=stage) if cell is None else cell]
            made = [nbformat.v4.new_markdown_cell(f"# {stage}"), parameters, *map(nbformat.v4.new_code_cell, sources)]
            for position, cell in enumerate(made):
                cell["id"] = f"cell-{position}"  # random ids would make another notebook of it each time
            nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=KERNEL), folder / f"{number:02}_{stage}.ipynb")
        return folder

    return make


@pytest.fixture
def bucket(endpoint, monkeypatch):
    """A new bucket; this process and all that it starts may use it."""
    object_store.use(monkeypatch, endpoint)
    return object_store.new_bucket(endpoint)
