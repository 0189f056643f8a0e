"""A team's start page: the memo's first screen, its pages, and what is missing and why."""

from __future__ import annotations

import re
from dataclasses import replace

from salesnb.report.proofs import Places
from salesnb.report.start import Start, start_page
from salesnb.report.told import Told

SCOPE = {"team": "South", "period": "2025-09", "as_of": "2025-09-22", "complete": False, "company": "Heng & Yu"}
LINK = (
    '<a class="snb-fact" data-fact="verdict/gap/">1M</a> <a class="snb-fact" data-fact="cards/actual/kpi=deals">2</a>'
)
HELD = Places({("verdict", "gap", ""): (-1e6, "verdict"), ("cards", "actual", "kpi=deals"): (2.0, "cards")})
PROOF = Places({}, {("deals", ""): [(2.0, "deals")]})
SAID = {"en": "Pumps −800K", "zh": "水泵少80万。"}
MEMO = Told([], HELD, SCOPE, dict.fromkeys(SAID, f"<p>Behind.</p>{LINK}"), SAID, 0)
DIAGNOSIS = Told([], PROOF, SCOPE, dict.fromkeys(SAID, "<p>the rest</p>"), SAID, 2)
FULL = Start("South", "2025-09", {"review": MEMO, "diagnosis": DIAGNOSIS}, ("en", "zh"))


def test_it_shows_the_memo_s_first_screen_with_links_into_the_memo() -> None:
    page = start_page(FULL, "en")
    assert "Behind." in page
    assert "the rest" not in page
    assert 'href="review.html#verdict">1M' in page
    assert 'href="diagnosis.html#deals">2' in page
    assert "Heng &amp; Yu" in page
    assert "as of 22 Sep 2025" in page
    assert "Provisional" in page
    assert page.count("<h1") == 1
    assert "<time" not in page


def test_it_lists_the_pages_in_order_with_what_each_says_and_does_not() -> None:
    page = start_page(FULL, "en")
    rows = re.findall(r"<li>(.*?)</li>", page[page.index('id="pages"') :], re.S)
    assert [re.search('href="([^"]+)"', row)[1] for row in rows] == ["diagnosis.html", "review.html"]  # type: ignore[index]
    assert "Pumps −800K" in rows[0]
    assert 'href="diagnosis.html#left-out">Not shown, and why: 2' in rows[0]
    assert "left-out" not in rows[1]


def test_it_says_what_is_missing_and_why() -> None:
    broken = replace(FULL, told={"diagnosis": DIAGNOSIS}, failed={"review": {"en": "Stopped <after> 60 s."}})
    page = start_page(broken, "en")
    assert "The memo of this team was not made" in page
    assert "Stopped &lt;after&gt; 60 s." in page
    assert "review.html" not in page
    nothing = start_page(Start("all", "2025-09", {}, ("en",), {"targets": {"en": "No data."}}), "en")
    assert "The whole company" in nothing
    assert "No data." in nothing


def test_it_leads_to_the_index_and_to_the_other_language() -> None:
    english, chinese = start_page(FULL, "en"), start_page(FULL, "zh")
    assert 'href="../index.html"' in english
    assert 'href="index.zh.html" lang="zh-CN"' in english
    assert 'href="../index.zh.html"' in chinese
    assert 'href="index.html" lang="en"' in chinese
    assert 'href="review.zh.html#verdict"' in chinese
    alone = start_page(replace(FULL, languages=("zh",)), "zh")
    assert 'href="../index.html"' in alone
    assert "hreflang" not in alone


def test_names_stay_text() -> None:
    memo = replace(MEMO, scope={**SCOPE, "company": "<i>"})
    evil = replace(FULL, team="<script>alert(1)</script>", told={"review": memo})
    page = start_page(evil, "en")
    assert "<script" not in page
    assert "<i>" not in page
