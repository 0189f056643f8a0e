"""One form for names that look alike: what only differs by width, invisible characters, blanks or Unicode form is one.

Case and punctuation are left as written: names that differ in these only may be two, so they are named, not merged.
"""

import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_WIDE = {c: c - 0xFEE0 for first, last in ("09", "AZ", "az") for c in range(ord(first) + 0xFEE0, ord(last) + 0xFEE1)}
"""Letters and digits of double width; brackets of that width are the usual ones in Chinese, and stay."""

_INVISIBLE = ("Cf", "Cc")

_ODD = (
    r"[\p{Cf}\p{M}\x00-\x1f\x{85}\x{a0}\x{1100}-\x{11ff}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}"
    r"\x{2126}\x{212a}\x{212b}\x{3000}\x{f900}-\x{faff}\x{ff10}-\x{ff19}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}]|  "
)
"""What a name may hold that is not in the one form; all others are passed over."""


def one_form(name: str) -> str:
    """Return a name in Unicode's composed form, letters and digits half-width, single blanks, nothing invisible."""
    text = unicodedata.normalize("NFC", name).translate(_WIDE)
    return " ".join("".join(c for c in text if unicodedata.category(c) not in _INVISIBLE or c.isspace()).split())


def in_one_form(cells: pa.Array) -> pa.Array:
    """Return a column of trimmed names in their one form; null where nothing is left of one."""
    if _plain(cells):
        return cells
    coded = cells.dictionary_encode()
    odd = np.flatnonzero(np.asarray(pc.match_substring_regex(coded.dictionary, _ODD)))
    if not len(odd):
        return cells
    names = coded.dictionary.to_pylist()
    for place in odd.tolist():
        names[place] = one_form(names[place]) or None
    return pa.array(names, pa.string()).take(coded.indices)


def _plain(cells: pa.Array) -> bool:
    """Tell at a glance whether all names are of plain letters with single blanks."""
    written = cells.buffers()[2]
    if written is None:
        return True
    raw = written.to_pybytes()
    return raw.isascii() and b"  " not in raw and not (np.frombuffer(raw, np.uint8) < ord(" ")).any()


def alike(names: Mapping[str, int]) -> list[list[str]]:
    """Return the names, given with their rows, that differ in case, punctuation and blanks only; most rows first."""
    groups: dict[str, list[str]] = {}
    for name in names:
        if key := _bare(name):
            groups.setdefault(key, []).append(name)
    several = [group for group in groups.values() if len(group) > 1]
    return sorted(sorted(group, key=lambda n: (-names[n], n)) for group in several)


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNM")


def listed(names: Iterable[str], rows: Mapping[str, int]) -> str:
    """Return names with their rows, as a remark shows them."""
    return ", ".join(f"“{name}” ({rows[name]:,})" for name in names)


# -- traditional characters of words that stand in headers, made simplified: 訂單編號 and 订单编号 are one header


_PAIRS = (
    "業业丟丢爭争產产産产從从價价會会傳传優优體体側侧儲储關关內内冊册決决況况淨净減减湊凑劃划創创別别動动務务區区單单賣卖"
    "歷历曆历壓压廠厂參参雙双發发變变臺台號号後后啟启員员響响團团國国圖图場场塊块處处備备夠够頭头實实審审對对導导層层屬属"
    "師师帶带帳账賬账帐账幣币庫库應应開开異异張张錄录歸归當当徑径態态總总戶户戸户執执護护報报擔担擬拟擇择據据換换損损數数"
    "無无時时術术機机權权來来極极構构標标樣样檔档檢检歡欢殘残氣气匯汇彙汇沒没溝沟滿满點点熱热狀状環环現现電电監监盤盘確确"
    "碼码離离種种積积稱称稅税穩稳競竞筆笔簽签簡简類类係系繫系緊紧級级約约紀纪線线組组細细經经結结給给統统績绩維维綜综編编"
    "網网聯联職职節节範范薦荐獲获補补規规視视見见觀观覺觉計计訂订認认讓让訓训議议記记論论訪访證证評评識识訴诉話话詢询詳详"
    "語语說说請请讀读調调談谈負负財财責责敗败貨货質质購购貿贸費费資资贏赢贈赠車车轉转輪轮軟软載载輸输達达過过運运還还進进"
    "遠远違违連连遲迟選选遞递遺遗郵邮採采裏里裡里鐘钟錢钱銷销鍵键長长門门閉闭問问間间閱阅隊队階阶際际險险隨随難难項项顧顾"
    "順顺須须預预領领頻频題题額额風风饋馈驗验驟骤齡龄週周佔占爲为為为於于複复復复製制倉仓個个們们億亿萬万兩两幾几劑剂勞劳"
    "勢势協协卻却嚴严園园執执報报壞坏夾夹寫写專专將将屆届島岛幹干庫库廣广彌弥徵征慮虑戰战掛挂掃扫攤摊擴扩斷断暫暂書书條条"
    "櫃柜檯台歲岁殼壳毀毁準准潛潜灣湾為为營营獎奖療疗盡尽礎础禮礼紅红純纯紙纸終终紹绍絕绝絡络維维緒绪練练縣县縮缩繳缴罰罚"
    "聲声脫脱腦脑藥药蘇苏號号術术衛卫衝冲裝装覆复訊讯設设許许診诊詞词該该誌志誤误課课諮咨譽誉貢贡貴贵買买貸贷貼贴賃赁賓宾"
    "賠赔賴赖贊赞軍军軌轨較较輔辅輕轻農农遊游適适鄉乡醫医釋释鋪铺舖铺鎖锁鎮镇鐵铁鑑鉴陣阵陸陆隱隐雲云電电靜静頁页飲饮飛飞"
    "館馆駐驻騙骗麥麦黃黄點点齊齐龍龙貳贰"
)
_SIMPLIFIED = str.maketrans(_PAIRS[::2], _PAIRS[1::2])


def simplified(text: str) -> str:
    """Return a header or name of a file with simplified characters in place of traditional ones."""
    return text if text.isascii() else text.translate(_SIMPLIFIED)
