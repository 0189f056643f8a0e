"""Chains of steps: for each group its head and its steps in order, every step a sentence with what it rests on.

The first chain is shown, the others' heads open theirs; on paper all are.
"""

from salesnb import words
from salesnb.findings.finding import Finding, Say, number_of, text_of
from salesnb.show.charts.marks import chart_of, drawn, style_of
from salesnb.show.charts.ranking import where_of
from salesnb.show.numbers import figure
from salesnb.show.sentence import capitalised, member, sentence_text
from salesnb.show.text import escaped


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return one list a group, in the order of the rows; the rows of no group come under a head of their own."""
    column = chart_of(finding).columns["group"]
    groups: dict[str, list[int]] = {}
    for position in drawn(finding):
        groups.setdefault(text_of(finding.rows[column].iloc[position]), []).append(position)
    chains = enumerate(groups.items())
    lists = "".join(_list(finding, places, bool(name), lang, folded=at > 0) for at, (name, places) in chains)
    return f'<div class="snb-chains" role="group" aria-label="{escaped(label)}">{lists}</div>'


def _list(finding: Finding, places: list[int], grouped: bool, lang: str, *, folded: bool) -> str:
    if grouped:
        head = _head(finding, places[0], lang)
    else:
        head = f'<span class="snb-name">{words.text(finding.stage, f"{finding.word}.apart_head", lang)}</span>'
    steps = "".join(_step(finding, p, grouped, lang) for p in places)
    kind = "ol" if grouped else "ul"
    listed = f'<{kind} class="snb-list snb-steps">{steps}</{kind}>'
    if folded:
        return f'<details class="snb-apart"><summary class="snb-chain">{head}</summary>{listed}</details>'
    return f'<p class="snb-chain">{head}</p>{listed}'


def _head(finding: Finding, position: int, lang: str) -> str:
    """Return what the chain is about: its title, where in the business, and what it is worth."""
    columns, row = chart_of(finding).columns, finding.rows.iloc[position]
    name = escaped(capitalised(member(columns["title"], text_of(row[columns["title"]]), lang)))
    where, value = where_of(finding, position, lang), columns.get("value", "")
    number = number_of(row[value]) if value else None
    amount = figure(number, finding.unit(value, position), lang, style_of(value)) if number is not None else ""
    place = f' <span class="snb-where">{escaped(where)}</span>' if where else ""
    return f'<span class="snb-name">{name}{place}</span> <span class="snb-value">{amount}</span>'


def _step(finding: Finding, position: int, grouped: bool, lang: str) -> str:
    """Return one step; what rests on nothing is a question."""
    row = finding.rows.iloc[position]
    said = sentence_text(
        finding, Say(f"step_{text_of(row[chart_of(finding).columns['why']])}", {"step": position}), lang
    )
    code = text_of(row["evidence"])
    if code:
        note = escaped(capitalised(member("evidence", code, lang)))
        kind = "guess" if code == "hypothesis" else "quiet"
        basis = text_of(row["basis"])
        how = f' <span class="snb-quiet">{escaped(capitalised(member("basis", basis, lang)))}</span>' if basis else ""
        shown, own = f'<span class="snb-{kind}">{note}</span>{how}', ""
    else:
        shown, own = (f'<span class="snb-strong">{words.text("show", "ask_next", lang)}</span>', ' class="snb-ask"')
    return f'<li{own}><span class="snb-told">{escaped(said)}</span><span class="snb-note">{shown}</span></li>'
