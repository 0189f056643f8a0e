"""A team's memo as a short message: plain text of limited length, cut by whole lines, the least important first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from salesnb import words
from salesnb.formats.memo import Card, Item, Memo, memo_of
from salesnb.formats.team_report import TeamReport, file_name

_MARK = "▪ "
_MESSAGE_BYTES = 4096
"""For reports that do not carry the setting."""

# What may go first when there is too little room: higher goes earlier.
_HEAD, _VERDICT, _PROBLEM, _ACTION, _OUTLOOK, _FIGURE, _REMARK, _SINCE = range(8)


@dataclass(frozen=True)
class Line:
    """A line of a message: the part it belongs to, blank for what has no heading, and how soon it may be left out."""

    part: str
    text: str
    rank: int


def message(report: TeamReport, lang: str) -> dict[str, bytes]:
    """Return a team's message as a file; none where the team has no memo."""
    memo = memo_of(report, lang)
    if memo is None:
        return {}
    limit = report.scope.get("message_bytes", _MESSAGE_BYTES)
    return {file_name("message", lang, "txt"): fitted(list(lines(memo, lang)), limit, lang).encode()}


def lines(memo: Memo, lang: str) -> Iterator[Line]:
    """Yield the lines of a memo in the order of reading."""
    yield Line("", words.text("push", "head", lang, team=memo.team, period=memo.period), _HEAD)
    under = words.text("push", "under_head", lang, as_of=memo.as_of, currency=memo.currency)
    yield Line("", under, _REMARK)
    yield Line("", memo.verdict, _VERDICT)
    if memo.provisional:
        yield Line("", words.text("push", "provisional", lang), _VERDICT)
    yield from (Line("", said, _VERDICT) for said in memo.rests_on)
    yield from (Line("", remark, _REMARK) for remark in memo.remarks)
    yield from (Line("figures", _MARK + _figure(card, lang), _FIGURE) for card in memo.cards)
    yield from (Line("problems", _MARK + _problem(item, lang), _PROBLEM) for item in memo.problems)
    yield from (Line("actions", _MARK + _action(item, lang), _ACTION) for item in memo.actions)
    yield from (Line("actions", said, _OUTLOOK) for said in memo.outlook)
    yield from (Line("since", _MARK + said, _SINCE) for said in memo.since)


def fitted(found: Sequence[Line], limit: int, lang: str) -> str:
    """Return lines as text of at most ``limit`` bytes; a line beneath says how many were left out.

    Whole lines go, the least important first and the last of those; only a first line that is too long by itself is
    cut within.
    """
    order = sorted(range(len(found)), key=lambda i: (found[i].rank, i))
    for kept in range(len(found), 0, -1):
        text = text_of_lines([found[i] for i in sorted(order[:kept])], lang, len(found) - kept)
        if len(text.encode()) <= limit:
            return text
    note = _left_out(len(found) - 1, lang)
    room = limit - len(f"…\n{note}\n".encode())
    return f"{found[0].text.encode()[:room].decode(errors='ignore')}…\n{note}\n"


def text_of_lines(kept: Sequence[Line], lang: str, left_out: int = 0) -> str:
    """Return lines as text with a heading above each part; a last line says how many were left out, if any."""
    made: list[str] = []
    before = ""
    for line in kept:
        if line.part != before:
            heading = words.text("push", line.part, lang)
            made += ["", words.text("push", "message.heading", lang, text=heading)]
            before = line.part
        made.append(line.text)
    if left_out:
        made += ["", _left_out(left_out, lang)]
    return "\n".join(made) + "\n"


def _left_out(count: int, lang: str) -> str:
    return words.text("push", "message.left_out", lang, count=count)


def _figure(card: Card, lang: str) -> str:
    key = "figure_target" if card.target else "figure"
    state = card.word.lower() if lang == "en" else card.word
    return words.text("push", f"message.{key}", lang, name=card.name, value=card.value, target=card.target, state=state)


def _problem(item: Item, lang: str) -> str:
    key = "part" if item.part else "problem_evidence" if item.evidence else "problem"
    told = {"confidence": item.confidence, "evidence": item.evidence}
    return words.text("push", f"message.{key}", lang, text=item.text, amount=item.amount, **told)


def _action(item: Item, lang: str) -> str:
    key = "action_amount" if item.amount else "action"
    return words.text(
        "push", f"message.{key}", lang, owner=item.owner, due=item.due, text=item.text, amount=item.amount
    )
