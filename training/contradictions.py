"""Claims made by rule out of a sentence: the sentence itself, and the sentence with one fact turned.

Written contradictions are few and paraphrase much; these teach that one changed number is enough.
"""

from __future__ import annotations

import random
import re

MONTHS = ("januar februar mars april mai juni juli august september oktober november desember").split()
_NUMBER = re.compile(r"(?<![\w.,:/-])\d{1,4}(?:[ ,]\d{1,3})?(?![\w:/-]|[.,]\d)")
_WORDS = {
    "skal": "kan", "kan": "skal", "må": "kan", "plikter": "kan velge", "før": "etter", "etter": "før", "minst": "høyst",
    "høyst": "minst", "alle": "noen", "ingen": "alle", "over": "under", "under": "over", "øker": "minker", "økt": "redusert",
    "mer": "mindre", "mindre": "mer", "først": "sist", "bare": "ikke bare", "alltid": "aldri", "aldri": "alltid",
    "begge": "ingen av", "større": "mindre", "høyere": "lavere", "lavere": "høyere", "flere": "færre", "færre": "flere",
    "berre": "ikkje berre", "meir": "mindre", "fleire": "færre",
}  # fmt: skip
_NEGATED = re.compile(r"\b(?:ikke|ikkje) ")
_VERB = re.compile(r"\b(skal|kan|må|er|har|var|ble|blir|vil|bør|vart|vert) (?!ikke|ikkje|seg\b)", re.IGNORECASE)


_NAME = re.compile(r"(?<![.!?:«–] )(?<!^)\b[A-ZÆØÅ][\w-]+(?: (?:[A-ZÆØÅ][\w-]+|AS|RHF|HF))*")
"""A name inside a sentence; the first word may be one only for its place."""


def turned(sentence: str, source: random.Random, *, nynorsk: bool = False, around: str = "") -> str | None:
    """Return a sentence that says otherwise, or None if no rule fits.

    One of these, drawn among those that fit: another number, another month, one word for its opposite, negation put in
    or taken out, and a number or a name out of the text around it in the place of the sentence's own. The last is hardest
    to tell: all its words stand in the text.
    """
    ways = [way for way in (_number, _month, _opposite, _negation) if way(sentence, random.Random(0), nynorsk) is not None]
    exchanged = _exchanged(sentence, around, source)
    if exchanged is not None and (not ways or source.random() < _EXCHANGE_SHARE):
        return exchanged
    return source.choice(ways)(sentence, source, nynorsk) if ways else None


_EXCHANGE_SHARE = 0.4


def _exchanged(sentence: str, around: str, source: random.Random) -> str | None:
    choices = []
    for pattern in (_NUMBER, _NAME):
        own = list(pattern.finditer(sentence))
        present = {match[0] for match in own}
        others = sorted({match[0] for match in pattern.finditer(around)} - present)
        choices += [(match, other) for match in own for other in others if _alike(match[0], other)]
    if not choices:
        return None
    match, other = source.choice(choices)
    return sentence[: match.start()] + other + sentence[match.end() :]


def _alike(one: str, other: str) -> bool:
    """Tell whether one may stand where the other does: both years, both other numbers, or both names."""
    years = [bool(re.fullmatch(r"(?:19|20)\d\d", text)) for text in (one, other)]
    return years[0] == years[1] and not (set(one.split()) & set(other.split()))


def _number(sentence: str, source: random.Random, _nynorsk: bool) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    match = source.choice(found)
    digits = match[0]
    last = len(digits) - 1
    old = int(digits[last])
    if len(digits) == 4 and digits.isdigit() and digits[0] in "12":
        other = str(int(digits) + source.choice((-3, -2, -1, 1, 2, 3)))
    else:
        places = [place for place in range(len(digits)) if digits[place].isdigit()]
        place = source.choice(places[:2])
        choices = [value for value in "123456789" if value != digits[place]]
        other = digits[:place] + source.choice(choices) + digits[place + 1 :]
    if other == digits:
        other = digits[:last] + str((old + 3) % 10)
    return sentence[: match.start()] + other + sentence[match.end() :]


def _month(sentence: str, source: random.Random, _nynorsk: bool) -> str | None:
    found = list(re.finditer(r"\b(" + "|".join(MONTHS) + r")\b", sentence))
    if not found:
        return None
    match = source.choice(found)
    other = source.choice([month for month in MONTHS if month != match[0]])
    return sentence[: match.start()] + other + sentence[match.end() :]


def _opposite(sentence: str, source: random.Random, _nynorsk: bool) -> str | None:
    found = list(re.finditer(r"\b(" + "|".join(_WORDS) + r")\b", sentence))
    if not found:
        return None
    match = source.choice(found)
    return sentence[: match.start()] + _WORDS[match[0]] + sentence[match.end() :]


def _negation(sentence: str, source: random.Random, nynorsk: bool) -> str | None:
    if _NEGATED.search(sentence):
        return _NEGATED.sub("", sentence, count=1)
    found = list(_VERB.finditer(sentence))
    if not found:
        return None
    match = source.choice(found[:2])
    return sentence[: match.end()] + ("ikkje " if nynorsk else "ikke ") + sentence[match.end() :]
