"""The mail: short, whole in itself, plain text for hostile names, and saying what the memo says."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from salesnb import words
from salesnb.formats.email import body
from salesnb.formats.memo import Card, Item, Memo

MEMO = Memo(
    "South", "2025年9月", "截至2025年9月30日", "元", True, "销售额607万，差74.2万。", ("同比+8.9%。",),
    (Card("销售额", "607万", "682万", "missed", "未达标"), Card("赢单率", "40.9%", "", "none", "")),
    (Item("订单金额变小（泵）", "41.7万", "实测", confidence="高"),),
    (Item("拜访客户", "11.5万", owner="黄健", due="2025年10月21日"),),
    ("合计11.5万。",), ("无逾期。",),
)  # fmt: skip
HOSTILE = '<script>alert(1)</script>"\'&\u202e😀=HYPERLINK("http://x")' + "长" * 200


class Page(HTMLParser):
    """Tags with their attributes, the text, and whether all that is opened is closed."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self._open = [], "", []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "img", "link"}:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_mail_needs_nothing_but_itself(lang):
    page = body(MEMO, lang)
    found = Page(page)
    assert {tag for tag, _ in found.tags} <= {
        *("html", "head", "meta", "title", "body", "table", "thead", "tbody", "tr", "th", "td"),
        *("h1", "h2", "p", "div", "span", "b"),
    }
    assert not {name for _, attrs in found.tags for name in attrs} & {"href", "src", "class", "id", "onclick"}
    assert not re.search(r"//|url\(|@import|var\(", page.replace("<!DOCTYPE", ""))
    assert dict(found.tags)["html"]["lang"] == {"en": "en", "zh": "zh-CN"}[lang]
    assert [tag for tag, _ in found.tags].count("h1") == 1
    assert len(page.encode()) < 100_000


def test_a_mail_says_what_the_memo_says():
    said = Page(body(replace(MEMO, rests_on=("结论只依据部分数据。",)), "zh")).text
    for text in (
        *(
            "South 2025年9月",
            "截至2025年9月30日，金额单位：元",
            "期间未结束",
            MEMO.verdict,
            "同比+8.9%。",
            "607万",
            "682万",
            "结论只依据部分数据。",
        ),
        *("未达标", "赢单率", "40.9%", "无目标", "订单金额变小（泵）", "依据：实测", "41.7万", "拜访客户", "黄健"),
        *("2025年10月21日前", "11.5万", "合计11.5万。", "无逾期。"),
    ):
        assert text in said
    assert "■" in said


def test_hostile_names_stay_text():
    item = Item(HOSTILE, "1", owner=HOSTILE, due=HOSTILE)
    hostile = replace(
        MEMO, team=HOSTILE, verdict=HOSTILE, remarks=(HOSTILE,), problems=(item,), actions=(item,),
        outlook=(HOSTILE,), since=(HOSTILE,), cards=(Card(HOSTILE, "1", "1", "met", HOSTILE),),
    )  # fmt: skip
    found = Page(body(hostile, "en"))
    assert not [tag for tag, _ in found.tags if tag == "script"]
    assert found.text.count("<script>alert(1)</script>") >= 9
    assert "\u202e" not in found.text


def test_an_empty_memo_is_a_mail_too():
    bare = replace(MEMO, cards=(), problems=(), actions=(), outlook=(), since=())
    assert "<h2" not in body(bare, "zh")
    Page(body(bare, "zh"))
