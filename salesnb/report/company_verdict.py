"""The sentences at the head of an index: how many teams met their target, the gap, who is furthest behind."""

from collections.abc import Iterator, Sequence

from salesnb import words
from salesnb.report.index_frame import part_of
from salesnb.report.standing import RollUp, Standing, roll_up, split
from salesnb.show.numbers import figure
from salesnb.show.sentence import capitalised, listed, team_text
from salesnb.show.text import shortened

_LONG = 24.0
"""Width of a name in ems from which on it is cut."""

_NAMED = 3
"""More teams than these are counted, not named."""


def verdict(standings: Sequence[Standing], lang: str) -> str:
    """Say how the teams stand together, which is furthest behind, and which failed or have no target.

    Of whom rows that matter to the verdict do not count is said in the end. Without any team, say it of the whole
    company.
    """
    teams, whole = split(standings)
    said = _sentences(teams or ([whole] if whole else []), lang)
    uncounted = [s for s in standings if s.figures.get("uncounted")]
    return "".join([*said, *_about("uncounted", uncounted, lang)])


def _sentences(teams: Sequence[Standing], lang: str) -> Iterator[str]:
    together = roll_up(teams)
    if together.teams:
        yield _together(together, lang)
        yield from _furthest(together, lang)
        bare = [s for s in together.left_out if s.figures.get("sales") is not None]
        yield from _about("no_target", [s for s in bare if not s.part], lang)
        yield from _about("part", [s for s in bare if s.part], lang)
    else:
        yield _untargeted(teams, lang)
    yield from _about("failed", [s for s in teams if s.failed], lang)


def _together(together: RollUp, lang: str) -> str:
    """Say how many teams met their target and how far all are from theirs."""
    behind = [s for s in together.teams if s.code != "met"]
    only = together.teams[0] if len(together.teams) == 1 else behind[0] if len(behind) == 1 else None
    return _text(
        _key(together, len(behind)),
        lang,
        judged=len(together.teams),
        met=together.met,
        missed=len(behind),
        overall=_overall(together, lang),
        team=_name(only, lang) if only else "",
        most=_most(only, lang),
    )


def _key(together: RollUp, behind: int) -> str:
    if len(together.teams) == 1:
        return f"one_{together.teams[0].code}"
    two = "_two" if len(together.teams) == 2 else ""
    if not together.teams[0].complete:
        return f"open_all{two}" if not behind else {0: "open_none", 1: "open_one"}.get(together.met, "open_some")
    if not behind:
        return f"all_met{two}"
    return f"all_missed{two}" if not together.met else "alone_missed" if behind == 1 else "some_missed"


def _overall(together: RollUp, lang: str) -> str:
    """Say the gap of all teams together: short of the target, ahead of it, or on it."""
    gap = _money(together.gap, lang)
    key = "even" if not any(c in "123456789" for c in gap) else "short" if together.gap < 0 else "ahead"
    said = _text(f"overall_{key}", lang, gap=gap, target=_money(together.target, lang))
    return said + _of_part(together, lang)


def _most(standing: Standing | None, lang: str) -> str:
    return _money(standing.gap, lang) + _of_part(standing, lang) if standing else _money(None, lang)


def _of_part(entry: Standing | RollUp, lang: str) -> str:
    """Say which share of the sales targets cover, where it is not all."""
    part = part_of(entry)
    return "" if part is None else _text("of_part", lang, share=figure(part, "rate", lang))


def _furthest(together: RollUp, lang: str) -> Iterator[str]:
    """Name the team with the largest gap, where there are several to choose from and the first sentence does not."""
    behind = [s for s in together.teams if s.code != "met"]
    last = min(behind, key=lambda s: s.gap or 0.0, default=None)
    if last is None or len(together.teams) == 1 or (len(behind) == 1 and last.complete):
        return
    key = "furthest" if last.complete else "open_furthest"
    yield _text(key, lang, team=_name(last, lang), most=_most(last, lang))


def _untargeted(teams: Sequence[Standing], lang: str) -> str:
    sold = [value for s in teams if (value := s.figures.get("sales")) is not None]
    if any(s.part for s in teams):
        return _text("sales_part", lang, sales=_money(sum(sold), lang))
    return _text("sales_only", lang, sales=_money(sum(sold), lang)) if sold else _text("nothing", lang)


def _about(key: str, teams: Sequence[Standing], lang: str) -> Iterator[str]:
    """Name the teams that something holds of; count them where they are many."""
    names = sorted(_name(s, lang) for s in teams)
    if len(names) > _NAMED:
        yield _text(f"{key}_many", lang, count=len(names))
    elif names:
        yield _text(f"{key}_{'one' if len(names) == 1 else 'few'}", lang, teams=listed(names, lang))


def _name(standing: Standing, lang: str) -> str:
    """Return a team's name, cut where it would fill the sentence; it stands whole in the table."""
    return shortened(capitalised(team_text(standing.team, lang)), _LONG)


def _money(amount: float | None, lang: str) -> str:
    return figure(amount, "money", lang, "abs")


def _text(key: str, lang: str, **slots: object) -> str:
    return words.text("index", f"verdict.{key}", lang, **slots)
