"""What a batch has left of one team and period, read for those who put it into another form."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
import pyarrow.parquet as pq
from nbformat import NotebookNode

from salesnb.batch.records import TeamRecord, basis
from salesnb.places import Place
from salesnb.report.cells import carried
from salesnb.report.facts import FACTS_FILE, Fact
from salesnb.report.page import page_name
from salesnb.show.mime import ROWS, SCOPE
from salesnb.stages import in_order


@dataclass(frozen=True)
class TeamReport:
    """The report of one team and period: pages, executed notebooks and facts, read as they are asked for.

    ``folder`` is the team's within the period's; ``wanted`` leaves out all other stages where any are named.
    """

    place: Place
    period: str
    folder: str
    team: str
    record: TeamRecord
    wanted: tuple[str, ...] = ()
    _notebooks: dict[str, NotebookNode] = field(default_factory=dict, repr=False, compare=False)

    @property
    def stages(self) -> list[str]:
        """The stages that ended well, in the order of a reader."""
        return [stage for stage in self._made if not self.wanted or stage in self.wanted]

    @property
    def _made(self) -> list[str]:
        return in_order(stage for stage, found in self.record["stages"].items() if found["status"] == "ok")

    @property
    def langs(self) -> list[str]:
        """The languages that there are pages in."""
        return list(self.scope.get("languages", ()))

    @property
    def scope(self) -> Mapping[str, Any]:
        """What the pages speak about, as `salesnb.show.outputs.scope_of` gives it; empty without any notebook."""
        return next((scope for stage in self._made for scope in carried(self.notebook(stage), SCOPE)), {})

    @property
    def state(self) -> str:
        """What stands for all that the report was made from; another when any notebook of it was run anew."""
        return basis(self.record)

    def notebook(self, stage: str) -> NotebookNode:
        """Return the executed notebook of a stage."""
        if stage not in self._notebooks:
            text = self.place.read(self._path(f"{stage}.ipynb")).decode()
            self._notebooks[stage] = nbformat.from_dict(json.loads(text))
        return self._notebooks[stage]

    def page(self, stage: str, lang: str) -> str:
        """Return the page of a stage; raise KeyError where it was not made in that language."""
        return self.place.read(self._path(self.record["stages"][stage]["pages"][lang])).decode()

    def start(self, lang: str) -> str | None:
        """Return the team's first page in a language, None where there is none."""
        try:
            return self.place.read(self._path(page_name("index", lang))).decode()
        except FileNotFoundError:
            return None

    def facts(self) -> list[Fact]:
        """Return every figure on the team's pages."""
        content = self.place.read(self._path(FACTS_FILE))
        facts: list[Fact] = pq.read_table(io.BytesIO(content)).to_pylist()
        return facts

    def rows(self, stage: str) -> dict[str, dict[str, Any]]:
        """Return the rows behind each section of a stage by the section's word, as `salesnb.show.rows` gives them."""
        return {rows["finding"].partition(".")[2]: rows for rows in carried(self.notebook(stage), ROWS)}

    def _path(self, name: str) -> str:
        return f"{self.period}/{self.folder}/{name}"


def file_name(stem: str, lang: str, ending: str) -> str:
    """Return a file's name in a language, as pages have them: ``report.pdf``, ``report.zh.pdf``."""
    return f"{stem}.{ending}" if lang == "en" else f"{stem}.{lang}.{ending}"
