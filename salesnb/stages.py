"""The catalogue of stages: each in one line, in the order of their numbers; nothing else lists them.

A stage is the notebook ``notebooks/NN_name.ipynb``, the folder ``salesnb/findings/name/``, the texts
``salesnb/words/name.toml`` and its line here. Notebooks of a user's own are numbered from `OWN` on and stand in no
catalogue: they have pages and facts like any other, and no light.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from salesnb import words

MEMO = "review"
"""The stage that is a team's memo: a report begins with it, its first screen is the team's."""

OWN = 10
"""From here on numbers are the user's own."""


@dataclass(frozen=True)
class Target:
    """What a light is judged by: a figure of a finding by each of the dimensions that it is broken down by.

    Of ``by`` the first that gives any counts; blank is the whole.
    """

    finding: str
    metric: str
    by: tuple[str, ...] = ("",)

    def met(self, value: float) -> bool:
        """Tell whether a figure is on target: all of a share attained, no fault counted, no gap left."""
        return value >= 1 if self.metric == "attainment" else value == 0 if self.settled else value >= 0

    @property
    def settled(self) -> bool:
        """Whether time does not mend it: it counts faults, which stay, while sales may still come."""
        return self.metric == "rows_unexplained"


@dataclass(frozen=True)
class Stage:
    """One stage; of its targets the first that its page gives counts, and without any no light is drawn from them."""

    number: int
    name: str
    targets: tuple[Target, ...] = ()
    whole_company_only: bool = False


STAGES = {
    stage.name: stage
    for stage in (
        Stage(1, "intake", (Target("accounting", "rows_unexplained"),), whole_company_only=True),
        Stage(2, "targets", (Target("score", "attainment", ("kpi",)), Target("levels", "attainment"))),
        Stage(3, "diagnosis", (Target("attainment", "attainment", ("team", "rep", "")),)),
        Stage(7, "strategy", (Target("actions", "gap_left"),)),
        Stage(9, "review", (Target("verdict", "gap"),)),
    )
}


def in_order(names: Iterable[str]) -> list[str]:
    """Return stages, each once, in the order of the catalogue, the user's own last as they come."""
    found = dict.fromkeys(names)
    return [name for name in STAGES if name in found] + [name for name in found if name not in STAGES]


def stage_text(name: str, key: str, lang: str) -> str:
    """Return a text of a stage's own, such as its ``name`` or ``title``; a stage of the user's is named by its file."""
    return words.text(name, f"stage.{key}", lang) if name in STAGES else name
