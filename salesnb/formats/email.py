"""A memo's first screen as the body of a mail: one short HTML file that mail programs understand, and its plain text.

Mail programs drop style sheets, scripts and drawings: every style stands in its element, the layout is tables of one
column, a light is a sign and a word. Nothing is fetched; nothing links out.
"""

from collections.abc import Iterable, Sequence

from salesnb import words
from salesnb.formats.memo import Card, Item, Memo, memo_of
from salesnb.formats.message import lines, text_of_lines
from salesnb.formats.team_report import TeamReport, file_name
from salesnb.report.style import HTML_LANG
from salesnb.show.palette import GRID, INK, MUTED, PAPER
from salesnb.show.text import escaped, whole_clauses

_RED, _AMBER, _GREEN = "#b3261e", "#8f5b00", "#1d7544"
_SIGNS = {
    "met": ("●", _GREEN), "green": ("●", _GREEN), "amber": ("▲", _AMBER), "missed": ("■", _RED), "red": ("■", _RED),
}  # fmt: skip
_FONT = (
    "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'PingFang SC','Microsoft YaHei',"
    "'Noto Sans CJK SC',sans-serif"
)
_ROW = f"border-bottom:1px solid {GRID};vertical-align:top"
_CELL = f"padding:6px 12px 6px 0;text-align:left;{_ROW}"
_NUMBER = f"padding:6px 0 6px 12px;text-align:right;white-space:nowrap;{_ROW}"
_STATE = f"padding:6px 0 6px 24px;text-align:left;{_ROW}"
_HEAD = f"color:{MUTED};font-size:13px;font-weight:400"


def email(report: TeamReport, lang: str) -> dict[str, bytes]:
    """Return a team's mail as two files, HTML and plain text; none where the team has no memo."""
    memo = memo_of(report, lang)
    if memo is None:
        return {}
    return {
        file_name("email", lang, "html"): body(memo, lang).encode(),
        file_name("email", lang, "txt"): text_of_lines(list(lines(memo, lang)), lang).encode(),
    }


def body(memo: Memo, lang: str) -> str:
    """Return a memo as a whole HTML document that stands by itself."""
    subject = escaped(_word("subject", lang, team=memo.team, period=memo.period))
    rows = "".join(f'<tr><td style="padding:0 0 24px">{part}</td></tr>' for part in _parts(memo, lang))
    return (
        f'<!DOCTYPE html>\n<html lang="{HTML_LANG[lang]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light">\n'
        f"<title>{subject}</title>\n</head>\n"
        f'<body style="margin:0;padding:0;background:{PAPER};color:{INK}">\n'
        '<div role="main"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        '<td align="center" style="padding:24px 16px">\n'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:640px;'
        f'font-family:{_FONT};font-size:16px;line-height:1.5;color:{INK};text-align:left;overflow-wrap:anywhere">\n{rows}\n'
        "</table>\n</td></tr></table></div>\n</body>\n</html>\n"
    )


def _parts(memo: Memo, lang: str) -> Iterable[str]:
    yield _top(memo, lang)
    if memo.cards:
        yield _heading("figures", lang) + _figures(memo.cards, lang)
    if memo.problems:
        yield _heading("problems", lang) + _problems(memo.problems, lang)
    if memo.actions or memo.outlook:
        listed = _actions(memo.actions, lang) if memo.actions else ""
        yield _heading("actions", lang) + listed + _notes(memo.outlook)
    if memo.since:
        yield _heading("since", lang) + _notes(memo.since)


def _top(memo: Memo, lang: str) -> str:
    under = [_word("under_head", lang, as_of=memo.as_of, currency=memo.currency)]
    if memo.provisional:
        under.append(_word("provisional", lang))
    name = escaped(_word("head", lang, team=memo.team, period=memo.period))
    return (
        f'<h1 style="margin:0;font-size:20px;font-weight:600;line-height:1.35">{name}</h1>'
        f"{_notes(under)}"
        f'<p style="margin:16px 0 8px;font-size:22px;font-weight:600;line-height:1.35">{_clauses(memo.verdict)}</p>'
        f"{_notes((*memo.rests_on, *memo.remarks))}"
    )


def _figures(cards: Sequence[Card], lang: str) -> str:
    made = [_name(c.name) + _number(c.value, strong=True) + _target(c, lang) + _state(c) for c in cards]
    return _table("figures", ("figure", "value", "target", "state"), made, lang)


def _problems(items: Sequence[Item], lang: str) -> str:
    made = [_name(item.text, _evidence(item, lang)) + _number(item.amount, strong=True) for item in items]
    return _table("problems", ("problem", "loss"), made, lang)


def _evidence(item: Item, lang: str) -> str:
    """Return how well a problem is shown: measured is not the same as supposed."""
    return escaped(_word("shown_by", lang, confidence=item.confidence, evidence=item.evidence)) if item.evidence else ""


def _actions(items: Sequence[Item], lang: str) -> str:
    made = [
        _name(i.text, f"<b>{escaped(i.owner)}</b> {escaped(words.text('show', 'due', lang, day=i.due))}")
        + _number(i.amount, strong=True)
        for i in items
    ]
    return _table("actions", ("action", "expected"), made, lang)


_STYLES = {"value": _NUMBER, "target": _NUMBER, "loss": _NUMBER, "expected": _NUMBER, "state": _STATE}


def _table(label: str, heads: Sequence[str], rows: Sequence[str], lang: str) -> str:
    head = "".join(
        f'<th scope="col" style="{_STYLES.get(key, _CELL)};{_HEAD}">{_word(key, lang)}</th>' for key in heads
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        '<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;font-size:15px"'
        f' aria-label="{_word(label, lang)}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )


def _heading(key: str, lang: str) -> str:
    return (
        f'<h2 style="margin:0 0 4px;padding-top:12px;border-top:1px solid {INK};font-size:17px;font-weight:600">'
        f"{_word(key, lang)}</h2>"
    )


def _notes(texts: Iterable[str]) -> str:
    return "".join(f'<p style="margin:8px 0 0;font-size:14px;color:{MUTED}">{_clauses(text)}</p>' for text in texts)


def _name(text: str, beneath: str = "") -> str:
    note = f'<div style="font-size:14px;color:{MUTED}">{beneath}</div>' if beneath else ""
    return f'<th scope="row" style="{_CELL};font-weight:400">{escaped(text)}{note}</th>'


def _number(text: str, *, strong: bool = False) -> str:
    return f'<td style="{_NUMBER}{";font-weight:600" if strong else ""}">{escaped(text)}</td>'


def _target(card: Card, lang: str) -> str:
    if card.target:
        return _number(card.target)
    return f'<td style="{_NUMBER};color:{MUTED};font-size:14px">{words.text("show", "no_target", lang)}</td>'


def _state(card: Card) -> str:
    sign, colour = _SIGNS.get(card.light, ("–", MUTED))
    text = f'<span aria-hidden="true">{sign}</span> {escaped(card.word)}' if card.word else ""
    return f'<td style="{_STATE};color:{colour};white-space:nowrap">{text}</td>'


def _clauses(text: str) -> str:
    """Return text whose figures and short Chinese clauses stay whole, without a style sheet."""
    return whole_clauses(text).replace('class="snb-whole"', 'style="white-space:nowrap"')


def _word(key: str, lang: str, **fields: object) -> str:
    return words.text("push", key, lang, **fields)
