"""Which currency a cell of a currency column names, and whether that is the company's."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from salesnb.data import headers, values

_ISO_4217 = """\
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
CODES = frozenset(_ISO_4217.split())
"""The three letters of each currency."""

_NAMES = {
    "CNY": "人民币 人民幣 元 圆 rmb yuan renminbi chinese_yuan ¥",
    "USD": "美元 美金 us_dollar u.s._dollar us_dollars dollar dollars us$ $",
    "EUR": "欧元 歐元 euro euros €",
    "GBP": "英镑 英鎊 pound_sterling british_pound pounds pound sterling £",
    "JPY": "日元 日圆 日圓 円 yen japanese_yen ¥",
    "HKD": "港币 港幣 港元 hong_kong_dollar hk$ $ 元",
    "TWD": "台币 臺幣 台幣 新台币 新台幣 new_taiwan_dollar nt$ ntd $ 元",
    "SGD": "新加坡元 新元 singapore_dollar s$ $",
    "AUD": "澳元 澳币 澳大利亚元 australian_dollar a$ au$ $",
    "CAD": "加元 加币 加拿大元 canadian_dollar c$ ca$ $",
    "NZD": "新西兰元 纽元 new_zealand_dollar nz$ $",
    "CHF": "瑞士法郎 swiss_franc sfr",
    "KRW": "韩元 韩币 韓元 korean_won south_korean_won won ₩",
    "INR": "卢比 印度卢比 indian_rupee rupee rupees rs rs. ₹",
    "RUB": "卢布 俄罗斯卢布 russian_ruble ruble rouble ₽",
    "THB": "泰铢 thai_baht baht ฿",
    "VND": "越南盾 vietnamese_dong dong ₫",
    "MYR": "马来西亚林吉特 林吉特 马币 malaysian_ringgit ringgit rm",
    "IDR": "印尼盾 印度尼西亚卢比 indonesian_rupiah rupiah rp",
    "BRL": "巴西雷亚尔 brazilian_real real r$",
    "MXN": "墨西哥比索 mexican_peso mx$",
    "PHP": "菲律宾比索 philippine_peso ₱",
    "TRY": "土耳其里拉 turkish_lira lira ₺",
    "PLN": "波兰兹罗提 zloty zł",
    "SEK": "瑞典克朗 swedish_krona", "NOK": "挪威克朗 norwegian_krone", "DKK": "丹麦克朗 danish_krone",
    "AED": "迪拉姆 阿联酋迪拉姆 uae_dirham dirham dhs",
    "ZAR": "南非兰特 south_african_rand rand",
}  # fmt: skip
_BY_NAME: dict[str, frozenset[str]] = {}
for _code, _words in _NAMES.items():
    for _word in _words.split():
        _key = _word.replace("_", " ")
        _BY_NAME[_key] = _BY_NAME.get(_key, frozenset()) | {_code}

_PARTS = re.compile(r"[^\W\d_]+|[^\w\s]+")
_UNSURE = frozenset({"isocode"})
"""Headers, in their normal form, that may also speak of countries: only codes of currencies count there."""


def currencies(written: str) -> frozenset[str]:
    """Return the codes that a cell such as ``USD``, ``EUR - Euro``, ``人民币`` or ``$`` may mean; none if unknown."""
    text = " ".join(values.plain(written).split())
    if text.upper() in CODES:
        return frozenset({text.upper()})
    if text in _BY_NAME:
        return _BY_NAME[text]
    coded = {p.upper() for p in _PARTS.findall(text)} & CODES
    if coded:
        return frozenset(coded)
    return frozenset().union(*(_BY_NAME.get(p.strip("()（）"), frozenset()) for p in _PARTS.findall(text)))


@dataclass
class CurrencyColumn:
    """The column of a file that names each row's currency; a blank cell is taken for the company's.

    Parameters
    ----------
    own
        The company's currency, as the settings write it.
    header
        The column's header.
    """

    own: str
    header: str
    rows: Counter[str] = field(default_factory=Counter)
    """Rows with a blank cell, and with a filled one, under ``blank`` and ``filled``."""

    def foreign(self, cells: pa.Array) -> dict[int, str]:
        """Return the positions of rows in another currency, with what their cells say."""
        coded = pc.utf8_trim(cells, values.BLANKS).dictionary_encode()
        words = coded.dictionary.to_pylist()
        codes = np.asarray(coded.indices)
        counts = np.bincount(codes, minlength=len(words))
        for word, count in zip(words, counts.tolist(), strict=True):
            self.rows["filled" if word else "blank"] += count
        other = [i for i, word in enumerate(words) if word and not self._is_own(word)]
        return {int(p): words[codes[p]] for p in np.flatnonzero(np.isin(codes, other))}

    def _is_own(self, word: str) -> bool:
        if values.plain(word) == values.plain(self.own):
            return True
        named = currencies(word)
        if not named and headers.normal(self.header) in _UNSURE:
            return True
        return bool(named & currencies(self.own))
