"""Pages made ready for paper: ids apart, links within, and everything else as it stood."""

import re

import pytest

from salesnb.formats.binding import bound, single

PAGE = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>South &amp; Co</title>
<style>a > b { content: "</x>" }</style><link rel="icon" href="data:,"></head>
<body id="top"><a class="skip" href="#findings">skip</a><main id="findings"><h1>South</h1>
<table><tr><th id="c0">&lt;b&gt; &#x4e00;</th><td headers="c0 c1">5 &lt; 6</td></tr></table>
<svg viewBox="0 0 1 1"><linearGradient id="g"/><path fill="url(#g)" aria-labelledby="c0"/></svg>
<a href="strategy.html#actions">actions</a> <a href="targets.html">targets</a> <a href="../index.html">index</a>
<a href="https://example.org/">out</a> <a href="#c0">here</a> <a href="#top">top</a>
<details><summary>More</summary><p>inside</p></details>
<script>alert("x")</script></main></body></html>"""
FILES = {"diagnosis.html": "diagnosis", "strategy.html": "strategy", "strategy.zh.html": "strategy"}
OTHER = '<html><head><style>b {}</style></head><body><h1>Two</h1><p id="actions">A</p></body></html>'


def hrefs(page):
    return re.findall(r'href="([^"]*)"', page)


def test_a_page_by_itself_has_no_links_that_paper_cannot_follow_and_no_script():
    page = single(PAGE)
    assert hrefs(page) == ["#findings", "https://example.org/", "#c0", "#top"]
    assert ">actions</a>" in page
    assert "alert" not in page
    assert '<html lang="zh-CN">' in page
    assert "<title>South &amp; Co</title>" in page
    assert '<style>a > b { content: "</x>" }</style>' in page


@pytest.fixture
def whole():
    return bound({"diagnosis": PAGE, "strategy": OTHER}, FILES, {"diagnosis": "Diagnosis", "strategy": "<Strategy>"})


def test_pages_are_bound_in_order_each_in_a_part_of_its_own(whole):
    assert re.findall(r'<article id="(\w+)"', whole) == ["diagnosis", "strategy"]
    assert whole.count("<html") == whole.count("<body") == whole.count("<title") == 1
    assert re.findall(r"<style>(.*?)</style>", whole) == ['a > b { content: "</x>" }', "b {}"]


def test_no_two_elements_have_one_id_and_every_reference_is_to_one_that_is_there(whole):
    ids = re.findall(r' id="([^"]+)"', whole)
    assert len(ids) == len(set(ids))
    named = [*re.findall(r'href="#([^"]+)"', whole), *re.findall(r"url\(#([^)]+)\)", whole)]
    named += [name for found in re.findall(r'aria-labelledby="([^"]+)"', whole) for name in found.split()]
    assert set(named) <= set(ids)
    assert 'headers="diagnosis-c0 diagnosis-c1"' in whole


def test_links_lead_to_the_other_parts_and_nowhere_where_those_are_missing(whole):
    assert hrefs(whole) == [
        "#diagnosis-findings", "#strategy-actions", "https://example.org/", "#diagnosis-c0", "#diagnosis-top",
    ]  # fmt: skip
    assert "<a>targets</a>" in whole


def test_each_heading_tells_which_part_begins(whole):
    assert "<h1>South <span>Diagnosis</span></h1>" in whole
    assert "<h1>Two <span>&lt;Strategy&gt;</span></h1>" in whole


def test_text_stays_as_it_was_escaped(whole):
    assert "&lt;b&gt; &#x4e00;" in whole
    assert "5 &lt; 6" in whole
