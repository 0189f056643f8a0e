"""The names of a team's pages; nothing of how they are made, so that a batch can look for them without that."""

from salesnb import words


def page_name(stage: str, lang: str) -> str:
    """Return the file name of a stage's page: ``diagnosis.html``, ``diagnosis.zh.html``."""
    return f"{stage}.html" if lang == "en" else f"{stage}.{lang}.html"


def start_name(lang: str) -> str:
    """Return the file name of a team's start page: ``index.html``, ``index.zh.html``."""
    return page_name("index", lang)


START_FILES = frozenset(start_name(lang) for lang in words.LANGUAGES)
"""The start page in every language."""
