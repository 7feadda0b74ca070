"""Headings in Chinese: wide signs, units and visits in the words that the rest of the mapping reads.

Chinese sets no spaces. What is left of a heading is one word for each stretch of Chinese letters, without those that
only fill: ``患者年龄（岁）`` is ``年龄 (years)``, ``术后3个月VAS评分`` is ``3 months vas``.
"""

from __future__ import annotations

import re
import unicodedata

_LETTER = "\u4e00-\u9fff"
HAS_CHINESE = re.compile(f"[{_LETTER}\uff00-\uffef]")
_UNITS = {
    "岁": "years",
    "周岁": "years",
    "年": "years",
    "月": "months",
    "个月": "months",
    "周": "weeks",
    "天": "days",
    "日": "days",
    "度": "deg",
    "米": "m",
    "厘米": "cm",
    "毫米": "mm",
    "公斤": "kg",
    "千克": "kg",
    "分": "",
}
_UNIT = re.compile(rf"[(\[/]\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})\s*(?:[)\]]|$)")
_NUMERALS = dict(zip("一二三四五六七八九十", map(str, range(1, 11)), strict=True)) | {"两": "2", "十二": "12"}
_SINCE = "(?:手术|治疗|术|伤|骨折|出院|入院)?后?(?:随访)?第?"
_AFTER = re.compile(
    rf"{_SINCE}(\d+(?:\.\d+)?|十二|[一二两三四五六七八九十])\s*(个月|月|周|星期|年|天|日)(?:后|时|随访)?"
)
_HALF_A_YEAR = re.compile(f"{_SINCE}半年(?:后|时|随访)?")
_BEFORE = re.compile("(?:手术|治疗|术)前|(?:入院|基线|初诊|就诊|伤后即刻)(?:时|期)?(?!时?年龄)")
_LENGTHS = {"个月": "months", "月": "months", "周": "weeks", "星期": "weeks", "年": "years", "天": "days", "日": "days"}
_FILLING = re.compile("患者|病人|评分|得分|分值|总分|测量值|数值|测量|情况|结果|指标|是否(?:发生|出现|有)?|有无|的")
_OTHER_THING = re.compile(
    "髋|股骨|家族|家属|母亲|父亲|日期|时间|变化|差值|改变量|既往|史$|备注|说明|治疗|手术|方式|药|医师|医生|读片|第二|绝经|初潮|术中|恢复率|改善率"
)
"""Letters beside a name that make it the name of something else."""


def in_known_words(heading: str) -> str:
    """A heading with its Chinese unit and visit in English, and a space between the scripts."""
    text = unicodedata.normalize("NFKC", heading)
    text = _UNIT.sub(lambda m: f" ({_UNITS[m[1]]}) " if _UNITS[m[1]] else " ", text)
    text = _HALF_A_YEAR.sub(" 6 months ", text)
    text = _AFTER.sub(lambda m: f" {_NUMERALS.get(m[1], m[1])} {_LENGTHS[m[2]]} ", text)
    text = _BEFORE.sub(" baseline ", text)
    bare = _FILLING.sub(" ", text)
    if not re.search(f"[{_LETTER}A-Za-z]", bare):  # nothing but filling words: they are the name
        bare = text
    return re.sub(f"(?<=[{_LETTER}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{_LETTER}])", " ", bare)


def is_another_thing(words: list[str]) -> bool:
    """Whether words beside a name make it the name of something else."""
    return any(_OTHER_THING.search(word) for word in words)


def says_more(heading: tuple[str, ...], name: str) -> bool:
    """Whether a heading holds a Chinese name within more letters, none of which make it something else."""
    said, wanted = "".join(heading), name.replace(" ", "")
    if len(wanted) < 2 or not HAS_CHINESE.search(wanted) or wanted not in said:
        return False
    return not _OTHER_THING.search(said.replace(wanted, "", 1))
