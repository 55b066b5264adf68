"""One name in the forms in which lists write it: simplified characters, syllables, words.

What may live here: making names alike. What may not: comparing them (likeness), storage.

Traditional characters become simplified ones (OpenCC's tables), characters are read as syllables without tones (pypinyin's
dictionary), Latin letters lose their marks. What is not seen (zero-width characters) or only looks like a letter (full width) is
gone. Of a company's name the legal form is taken away.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import opencc
from pypinyin import Style, pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.style import convert as read_as

LONGEST = 80
"""More characters of a name are not looked at."""
MOST_READINGS = 4
_LONGEST_SYLLABLE = 6
_LONGEST_WORD = 24
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[a-z]+|[0-9]+")
_CODE = re.compile(r"[^0-9a-z]")
_UMLAUT = re.compile(r"(?<=[ln])[üǖǘǚǜ]")
_PASSPORT = {"lyu": "lv", "nyu": "nv"}
"""How passports write what a keyboard writes as lv and nv."""
_FORMS = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "有限合伙",
    "普通合伙",
    "个体工商户",
    "分公司",
    "集团",
    "公司",
)
_LATIN_FORMS = frozenset(
    {"co", "company", "ltd", "limited", "inc", "incorporated", "corp", "corporation", "llc", "plc"}
)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name in comparable forms. `han` its characters, simplified; `words` what is in Latin letters, in small ones.

    `readings` are the ways in which the whole name may be read, each as syllables or words in the order of the alphabet: lists
    write the surname first or last.
    """

    han: str
    words: tuple[str, ...]
    readings: tuple[tuple[str, ...], ...]

    @property
    def says_something(self) -> bool:
        """Whether there is a name at all."""
        return bool(self.han or self.words)


@functools.cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@functools.cache
def _syllables() -> frozenset[str]:
    """Every syllable of Mandarin without tones."""
    found: set[str] = set()
    for marked in PINYIN_DICT.values():
        found |= {str(read_as(each, Style.NORMAL, strict=True)).replace("ü", "v") for each in marked.split(",")}
    return frozenset(each for each in found if each.isascii() and each.isalpha() and _has_vowel(each))


def _has_vowel(syllable: str) -> bool:
    return any(letter in "aeiouv" for letter in syllable)


def plain(text: str) -> str:
    """A text as it is seen, in small letters without marks, in simplified characters, of at most 80 characters.

    >>> plain("ＺＨＡＮＧ\\u200b Wěi"), plain("張偉")
    ('zhang wei', '张伟')
    """
    whole = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    seen = "".join(letter for letter in whole if unicodedata.category(letter) != "Cf")
    told = _UMLAUT.sub("v", seen.casefold())
    bare = "".join(letter for letter in unicodedata.normalize("NFD", told) if not unicodedata.combining(letter))
    return str(_converter().convert(unicodedata.normalize("NFC", bare)[:LONGEST]))


def spell(text: str, *, company: bool = False) -> Spelled:
    """A name in its comparable forms.

    >>> spell("張偉").han, spell("ZHANG Wei").readings, spell("Zhangwei").readings
    ('张伟', (('wei', 'zhang'),), (('wei', 'zhang'),))
    """
    seen = plain(text)
    han = "".join(_HAN.findall(seen))
    words = tuple(_WORD.findall(_HAN.sub(" ", seen)))
    if company:
        han = _without_form(han)
        words = tuple(word for word in words if word not in _LATIN_FORMS)
    splits = product(*(split_syllables(word) for word in words))
    latin = [tuple(part for parts in split for part in parts) for split in islice(splits, MOST_READINGS)]
    readings = _readings(han, surname=not company) if han else ((),)
    found = dict.fromkeys(tuple(sorted((*reading, *parts))) for reading in readings for parts in latin)
    return Spelled(han, words, tuple(reading for reading in found if reading))


def spell_code(text: str) -> str:
    """The number of a document as it is compared: its letters and digits.

    >>> spell_code("310101 19900307-123x")
    '31010119900307123x'
    """
    return _CODE.sub("", plain(text))


def _without_form(han: str) -> str:
    form = next((form for form in _FORMS if han.endswith(form) and han not in _FORMS), "")
    return _without_form(han.removesuffix(form)) if form else han


def _readings(han: str, *, surname: bool) -> tuple[tuple[str, ...], ...]:
    """The ways in which characters are read: a surname may be read otherwise than the same character elsewhere."""
    options = [list(dict.fromkeys(each)) for each in pinyin(han, style=Style.NORMAL, heteronym=True, errors="ignore")]
    found: list[tuple[str, ...]] = [()]
    for place, each in enumerate(options):
        most = MOST_READINGS if surname and place == 0 else 1
        found = [(*before, syllable.replace("ü", "v")) for before in found for syllable in each[:most]]
    return tuple(found)


@functools.lru_cache(4096)
def split_syllables(word: str) -> tuple[tuple[str, ...], ...]:
    """The ways in which a word may be written from syllables, at most four; as it is when it is not made of such.

    >>> split_syllables("zhangwei"), split_syllables("nana"), split_syllables("smith")
    ((('zhang', 'wei'),), (('nan', 'a'), ('na', 'na')), (('smith',),))
    """
    if word in _PASSPORT:
        return ((_PASSPORT[word],),)
    found = list(islice(_splits(word), MOST_READINGS)) if len(word) <= _LONGEST_WORD else []
    return tuple(found) or ((word,),)


def _splits(word: str) -> Iterator[tuple[str, ...]]:
    """Every way, those with long syllables first."""
    if not word:
        yield ()
    for length in range(min(len(word), _LONGEST_SYLLABLE), 0, -1):
        if word[:length] in _syllables():
            for rest in _splits(word[length:]):
                yield (word[:length], *rest)
