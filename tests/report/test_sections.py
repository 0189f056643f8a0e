"""A heading that an analyst types over the catalogue's is the page's heading."""

from nbformat import v4

from salesnb import words
from salesnb.report.sections import arrange


def cell(source: str, word: str):
    return v4.new_markdown_cell(source, metadata={"salesnb": {"words": f"diagnosis.{word}"}})


def asked(word: str, lang: str = "en") -> str:
    return words.text("diagnosis", f"{word}.question", lang)


def test_a_typed_heading_stands_in_both_languages():
    copied = cell(f"## Who sells what to whom?\n\n{words.text('diagnosis', 'attainment.prose', 'en')}", "attainment")
    notebook = v4.new_notebook(cells=[cell(f"## {asked('attainment')}\n\nprose", "attainment"), copied])
    for lang in words.LANGUAGES:
        first, second = arrange(notebook, lang).sections
        assert first.question == asked("attainment", lang)
        assert second.question == "Who sells what to whom?"
        assert second.anchor != first.anchor


def test_the_catalogues_heading_in_any_language_is_given_in_the_pages():
    notebook = v4.new_notebook(cells=[cell(f"## {asked('attainment', 'zh')}", "attainment")])
    assert arrange(notebook, "en").sections[0].question == asked("attainment")


def test_a_typed_title_is_the_pages_and_the_stage_stays():
    notebook = v4.new_notebook(cells=[cell("# Channels of the East\n\nAsked by Wu Min.", "stage")])
    sheet = arrange(notebook, "zh")
    assert (sheet.title, sheet.intro, sheet.stage) == ("Channels of the East", "Asked by Wu Min.", "diagnosis")
