"""What stands in the cells of a table, from rows as plain values."""

from __future__ import annotations

from typing import Any

from salesnb.show.cells import Cell, Table


def rows(columns: list[tuple[str, str, Any]], values: list[list[Any]], **more: Any) -> dict[str, Any]:
    made = [{"name": n, "kind": k, **({"unit": unit} if unit else {})} for n, k, unit in columns]
    return {"columns": made, "rows": values, "absent": [], "shown": [n for n, _, _ in columns], **more}


MADE = rows(
    [("team", "dimension", ""), ("rep", "dimension", ""), ("due", "label", ""), ("light", "label", ""),
     ("gap", "figure", "money"), ("attainment", "figure", "rate"), ("orders", "figure", "count")],
    [["", "", "", "", -2.5e6, 0.8, 12.0], ["South", "", "", "met", 1e6, None, 2.5],
     ["", "Wu Min", "2025-10-01", "", None, None, None]],
    absent=[[1, 5, "no_target"], [2, 5, 3]],
)  # fmt: skip


def body(lang: str, made: dict[str, Any] = MADE) -> list[list[Cell]]:
    return [cells for _, cells in Table(made, "CNY", lang).body(range(len(made["rows"])))]


def test_money_of_a_table_has_one_unit_in_its_heads_and_every_figure_its_number() -> None:
    table = Table(MADE, "CNY", "en")
    assert [table.head(c)[1] for c in table.columns] == ["", "", "", "", "K CNY", "%", ""]
    assert [c.text for c in body("en")[0]] == ["Total", "", "", "", "−2,500", "80.0", "12.0"]
    assert [c.text for c in body("zh")[1]] == ["South", "", "", "达标", "+100.0", "–", "2.5"]
    assert [(c.value, c.unit) for c in body("zh")[0][4:]] == [(-2.5e6, "money"), (0.8, "rate"), (12.0, "count")]


def test_what_is_not_shown_has_its_reason_and_what_was_not_asked_for_none() -> None:
    _, south, wu = body("en")
    assert (south[5].kind, south[5].text) == ("absent", "–")
    assert south[5].why
    assert (wu[5].kind, wu[5].text) == ("few", "n 3")
    assert (wu[4].text, wu[4].why, wu[4].value) == ("", "", None)


def test_blank_heads_are_the_total_or_all_of_it_and_days_are_days() -> None:
    assert [cells[0].text for cells in body("en")] == ["Total", "South", "All"]
    assert [cells[0].kind for cells in body("en")] == ["text", "text", "whole"]
    assert (body("en")[2][2].kind, body("en")[2][2].text) == ("day", "1 Oct 2025")


def test_a_heading_that_names_its_unit_does_not_say_it_twice() -> None:
    made = rows(
        [("rep", "dimension", ""), ("days_overdue", "figure", "days"), ("open_age", "figure", "days")],
        [["A", 3.0, 4.5]],
    )
    for lang, unit in (("en", "days"), ("zh", "\u5929")):
        table = Table(made, "CNY", lang)
        assert [table.head(c)[1] for c in table.columns[1:]] == ["", unit if lang == "en" else ""]


def test_what_is_no_month_is_not_called_one() -> None:
    for values, name in ((["2025-08", ""], "Month"), (["2025-Q2", ""], "Period"), (["2025-W36"], "Period")):
        made = rows([("kpi", "dimension", ""), ("month", "dimension", "")], [["sales", v] for v in values])
        table = Table(made, "CNY", "en")
        assert table.head(table.columns[1])[0] == name


def test_rows_and_columns_that_say_nothing_are_left_out() -> None:
    made = rows([("rep", "dimension", ""), ("part", "dimension", ""), ("gap", "figure", "money")],
                [["A", "", 1.0], ["B", "", None]])  # fmt: skip
    assert [c.name for c in Table(made, "CNY", "en").columns] == ["rep", "gap"]
    assert [[c.text for c in cells] for cells in body("en", made)] == [["A", "+1.00"]]


def test_figures_of_several_units_are_written_each_with_its_own() -> None:
    made = rows(
        [("kpi", "dimension", ""), ("actual", "figure", ["money", "rate"])], [["sales", 2e6], ["win_rate", 0.31]]
    )
    assert [cells[1].text for cells in body("en", made)] == ["2M", "31.0%"]
    assert Table(made, "CNY", "en").head(Table(made, "CNY", "en").columns[1])[1] == ""
