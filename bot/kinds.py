"""The kind of value that a question asks for, and whether a sentence holds one."""

from __future__ import annotations

import re
from typing import Literal, get_args

Kind = Literal["date", "number", "money"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_DATE_ASKED = re.compile(
    # «når» is a conjunction inside a sentence: «… når Trondheim er pilot?» asks for no date.
    r"^\W*(?:(?:og|men|and|but) )?(?:når|nar|when)\b|\b(?:kor tid|kortid|korti|hvilken dato|kva dato|hvilket år|kva år|"
    r"what (?:date|year))\b",
    re.I,
)
_NUMBER_ASKED = re.compile(
    r"\b(?:hvor|kor|how) (?:mange|mang|mye|mykje|stor\w*|lenge|lang\w*|høy\w*|høg\w*|ofte|gammel\w*|many|much|long|"
    r"large|big|often|far|old)\b|\b(?:antall\w*|prosent\w*|andel\w*|percent)\b",
    re.I,
)
_MONEY_ASKED = re.compile(
    r"\b(?:hva|kva|ka|what|hvor mye|kor mykje|how much)\b.*\b(?:koste\w*|kostar|koste?r|costs?|prisen|price)\b|"
    r"\b(?:mange|mykje|mye) (?:penger|pengar|kroner|kr|million\w*|milliard\w*)\b",
    re.I,
)
_MONTH = (
    r"januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|january|february|march|may|june|"
    r"july|october|december"
)
_DATE = re.compile(
    rf"\b(?:19|20)\d\d\b|\b\d{{1,2}}\.\d{{1,2}}\.\d{{2,4}}\b|\b(?:{_MONTH})\b|\b(?:våren|høsten|hausten|sommeren|vinteren|"
    r"uke|veke|kvartal|halvår\w*|årsskifte\w*|måned\w*|månad\w*|dag|dager|dagar|uker|veker|år|kl)\b",
    re.I,
)
_NUMBER = re.compile(
    r"\d|\b(?:en|én|ett|ein|éin|eitt|to|tre|fire|fem|seks|sju|syv|åtte|ni|ti|elleve|tolv|tretten|femten|tjue|tretti|førti|"
    r"femti|hundre|tusen|million\w*|milliard\w*|prosent|halvparten|halve|annenhver|annakvar|tredjedel\w*|fjerdedel\w*|"
    r"flere|fleire|alle|ingen)\b",
    re.I,
)
_MONEY = re.compile(
    r"\b(?:kr|kroner|kroners|(?-i:NOK)|mill|mrd|million\w*|milliard\w*|øre|euro|dollar)\b|gratis|vederlagsfri", re.I
)


def asked_for(question: str) -> Kind | None:
    """Return the kind of value that a question asks for, by its words in bokmål, nynorsk and English."""
    if _MONEY_ASKED.search(question):
        return "money"
    if _NUMBER_ASKED.search(question):
        return "number"
    return "date" if _DATE_ASKED.search(question) else None


def holds(kind: Kind | None, text: str) -> bool:
    """Tell whether a text holds a point or length of time, a number in digits or words, or an amount of money."""
    pattern = {"date": _DATE, "number": _NUMBER, "money": _MONEY}
    return kind is not None and bool(pattern[kind].search(text))
