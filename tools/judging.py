"""What may be said of two companies' facts: equal, equal but for some, gone and never zero, the totals alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from tools.companies import Company
from tools.every_fact import Key, Told


@dataclass(frozen=True)
class Asked:
    """Whose facts of which period are compared."""

    team: str
    period: str


def same(a: float | None, b: float | None, times: float = 1.0) -> bool:
    """Tell whether two values are equal, ``b`` being ``times`` as large."""
    if a is None or b is None:
        return a is b
    # Money is told to 1/10,000; ten times a rounded figure strays by as much.
    return math.isclose(a * times, b, rel_tol=1e-9, abs_tol=1e-7 if times == 1.0 else 1e-3)


def shown(key: Key) -> str:
    """Name a fact: ``review.verdict/sales/``."""
    return f"{key[0]}.{key[1]}/{key[2]}/{key[3]}"


def sound(after: Told) -> list[str]:
    """Return exceptions and figures that are there twice: no change of the input may bring these about."""
    found = [f"{stage} fails: {text[:200]}" for stage, text in after.failed.items()]
    return found + [f"{shown(k)} is there twice with different values" for k in sorted(after.clashes)]


def compared(
    before: Told,
    after: Told,
    *,
    only: Callable[[Key], bool] = lambda key: True,
    times: Callable[[Key], float] | None = None,
    may_vanish: bool = False,
    may_appear: bool = False,
) -> list[str]:
    """Return the facts that differ; ``only`` chooses which are looked at, ``times`` how much larger each should be."""
    found = sound(after)
    for key in sorted(filter(only, before.facts.keys() | after.facts.keys())):
        if key not in after.facts:
            found += [] if may_vanish or before.facts[key] is None else [f"{shown(key)} is gone"]
        elif key not in before.facts:
            found += [] if may_appear or after.facts[key] is None else [f"{shown(key)} appears: {after.facts[key]}"]
        else:
            old, new = before.facts[key], after.facts[key]
            if may_vanish and new is None:
                continue
            if not same(old, new, times(key) if times else 1.0):
                found.append(f"{shown(key)}: {old} -> {new}")
    return found


def equal(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """All facts stay, but for those of the intake, which count rows and files."""
    return compared(before, after, only=lambda k: k[0] != "intake")


_WHOLE = {"sales", "target", "gap", "attainment", "covered", "orders", "customers", "aov"}


def _whole(key: Key) -> bool:
    return key[0] in {"review", "targets", "diagnosis"} and key[1] in _TOTALS and key[2] in _WHOLE and not key[3]


_TOTALS = {"verdict", "attainment", "levels", "tracking", "drivers"}


def totals(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """The company's sales, target and what follows stay."""
    return compared(before, after, only=_whole)


def totals_of_lines(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """The totals stay; whether targets of lines cover all sales may not be known where no sale is of a line."""
    known = compared(before, after, only=lambda k: _whole(k) and k[2] != "covered")
    return known + compared(before, after, only=lambda k: _whole(k) and k[2] == "covered", may_vanish=True)


def sold(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
    """The company's sales and target stay; what targets cover may be less, and is told."""
    key: Key = ("review", "verdict", "attainment", "")
    covered, target, sales = (after.facts.get((*key[:2], m, "")) for m in ("covered", "target", "sales"))
    found = compared(before, after, only=lambda k: _whole(k) and k[2] in {"sales", "target"})
    if covered is not None and target and not same(after.facts.get(key), covered * (sales or 0.0) / target):
        found.append(f"{shown(key)} is not that of what is covered: {after.facts.get(key)}")
    return found


def not_of(*findings: str) -> Callable[[Told, Told, Company, Asked], list[str]]:
    """All facts stay but those of some findings, named ``finding`` or ``stage.finding``, and of the intake."""

    def judge(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
        def only(key: Key) -> bool:
            return key[0] != "intake" and key[1] not in findings and f"{key[0]}.{key[1]}" not in findings

        return compared(before, after, only=only)

    return judge


PROPOSED = ("actions", "actions_list", "previous_problems", "candidates", "problems", "problems_list")
"""What adds up over the problems that are named: of one kind there may be none."""


def without(*findings: str) -> Callable[[Told, Told, Company, Asked], list[str]]:
    """What depends on what was taken away is absent; nothing becomes 0, and the rest stays; ``findings`` may move."""
    proposed = {*PROPOSED, "score"} & {*findings}

    def judge(before: Told, after: Told, company: Company, asked: Asked) -> list[str]:
        def only(key: Key) -> bool:
            return key[0] != "intake" and key[1] not in findings

        kept = compared(before, after, only=only, may_vanish=True, may_appear=True)
        zeros = [
            f"{shown(k)}: {before.facts[k]} -> {after.facts[k]}" for k in sorted(after.facts)
            if k[0] != "intake" and k[1] not in proposed and after.facts[k] == 0 and before.facts.get(k)
        ]  # fmt: skip
        return kept + [z for z in zeros if z not in kept]

    return judge
