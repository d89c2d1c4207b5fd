"""The same said in other words, by rule: what a claim that is borne out looks like when it is no copy.

Rules, not a language model: each keeps the meaning wherever it fits, and the reader is to learn to look past the words.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_NUMBER_WORDS = ("to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti", "elleve", "tolv")
_MONTHS = ("januar februar mars april mai juni juli august september oktober november desember").split()

_SAME = {
    "skal ikke": ("må ikke", "har ikke lov til å"), "kan ikke": ("har ikke lov til å", "har ikke anledning til å"),
    "skal": ("må",), "må": ("er nødt til å",), "plikter å": ("må", "skal"), "har rett til å": ("kan",),
    "har plikt til å": ("må",), "kan": ("har anledning til å", "har mulighet til å"),
    "prosent": ("%",), "kroner": ("kr",), "millioner kroner": ("mill. kr", "millionar kroner"), "milliarder": ("mrd.",),
    "minst": ("ikke mindre enn", "i det minste"), "høyst": ("ikke mer enn", "maksimalt"), "maksimalt": ("høyst",),
    "mer enn": ("over",), "mindre enn": ("under",), "over": ("mer enn",), "senest": ("innen",), "innen": ("senest",),
    "årlig": ("hvert år",), "hvert år": ("årlig",), "månedlig": ("hver måned",), "ukentlig": ("hver uke",),
    "dersom": ("hvis", "om"), "hvis": ("dersom", "om"), "fordi": ("siden", "ettersom"), "ettersom": ("fordi",),
    "ansatte": ("medarbeidere", "folk som jobber der"), "medarbeidere": ("ansatte",), "innbyggere": ("folk som bor der",),
    "starter": ("begynner",), "begynner": ("starter",), "starte": ("begynne",), "avsluttes": ("tar slutt",),
    "mottar": ("får",), "får": ("mottar",), "vedtar": ("bestemmer",), "vedtok": ("bestemte",), "vedtatt": ("bestemt",),
    "besluttet": ("bestemte",), "beslutter": ("bestemmer",), "avgjør": ("bestemmer",), "benytte": ("bruke",),
    "benyttes": ("brukes",), "anvendes": ("brukes",), "anvende": ("bruke",), "foreta": ("gjøre",), "foretas": ("gjøres",),
    "vederlag": ("betaling",), "vederlagsfritt": ("gratis",), "gratis": ("uten å betale",), "samt": ("og",),
    "herunder": ("blant annet",), "imidlertid": ("likevel",), "derfor": ("av den grunn",), "omtrent": ("om lag",),
    "cirka": ("rundt",), "om lag": ("rundt",), "ca.": ("omtrent",), "bare": ("kun",), "kun": ("bare",),
    "alle": ("samtlige",), "samtlige": ("alle",), "flere": ("mer enn én",), "i dag": ("nå",), "nå": ("for tiden",),
    "gjelder": ("har virkning",), "trer i kraft": ("begynner å gjelde",), "opphører": ("slutter å gjelde",),
    "øker": ("stiger", "går opp"), "økte": ("steg",), "reduseres": ("blir mindre",), "økes": ("blir større",),
    "har ansvar for": ("er ansvarlig for", "har ansvaret for"), "er ansvarlig for": ("har ansvar for",),
    "leder": ("sjef",), "kostnader": ("utgifter",), "utgifter": ("kostnader",), "inntekter": ("penger inn",),
    "tilbake": ("attende",), "forlenges": ("gjøres lengre",), "anskaffe": ("kjøpe",), "anskaffelse": ("innkjøp",),
    "ca": ("omtrent",), "også": ("i tillegg",), "i tillegg": ("dessuten",), "unntatt": ("bortsett fra",),
    "med unntak av": ("bortsett fra",), "skriftlig": ("på papir eller skjerm",), "søknad": ("det å søke",),
    "halvparten": ("50 prosent",), "50 prosent": ("halvparten",), "dobbelt så": ("to ganger så",),
}  # fmt: skip

_NYNORSK = {
    "ikke": "ikkje", "en": "ein", "et": "eit", "fra": "frå", "hva": "kva", "hvis": "viss", "være": "vere", "gjøre": "gjere",
    "kommer": "kjem", "noe": "noko", "noen": "nokon", "mye": "mykje", "bare": "berre", "også": "òg", "uke": "veke",
    "uker": "veker", "måned": "månad", "måneder": "månader", "dager": "dagar", "timer": "timar", "personer": "personar",
    "mellom": "mellom", "hver": "kvar", "hvert": "kvart", "selv": "sjølv", "skole": "skule", "skolen": "skulen", "se": "sjå",
    "gi": "gje", "gir": "gjev", "sier": "seier", "ble": "vart", "blir": "vert", "de": "dei", "dem": "dei", "sin": "sin",
    "flere": "fleire", "mer": "meir", "mest": "mest", "egen": "eigen", "eget": "eige", "egne": "eigne", "høyere": "høgare",
    "større": "større", "første": "fyrste", "melding": "melding", "endring": "endring", "virksomhet": "verksemd",
    "innbyggere": "innbyggjarar", "ansatte": "tilsette", "spørsmål": "spørsmål", "hvor": "kvar", "hvordan": "korleis",
    "hvem": "kven", "kommuner": "kommunar", "penger": "pengar", "kostnader": "kostnader", "tjenester": "tenester",
    "tjenesten": "tenesta", "helsetjenesten": "helsetenesta", "bruker": "brukar", "brukere": "brukarar", "vedtar": "vedtek",
    "tar": "tek", "skriver": "skriv", "skriftlig": "skriftleg", "årlig": "årleg", "endelig": "endeleg", "viktig": "viktig",
    "nødvendig": "nødvendig", "offentlig": "offentleg", "ansvarlig": "ansvarleg", "tidligere": "tidlegare", "senere": "seinare",
    "senest": "seinast", "forskjellig": "ulik", "begge": "begge", "uten": "utan", "under": "under", "etter": "etter",
}  # fmt: skip
_BOKMÅL = {other: one for one, other in _NYNORSK.items() if one != other}

_PLAIN_SHARE = 0.15
"""Share of the sentences that are left as they are: a quote is borne out too."""


def reworded(sentence: str, source: random.Random, *, nynorsk: bool = False) -> str:
    """Return a sentence that says the same: one to three rules, drawn among those that fit.

    Args:
        sentence: In bokmål or nynorsk.
        source: Of what is drawn.
        nynorsk: Whether it is in nynorsk; the other form is one of the rules.
    """
    if source.random() < _PLAIN_SHARE:
        return sentence
    other: Callable[[str, random.Random], str] = _as_bokmål if nynorsk else _as_nynorsk
    rules: list[Callable[[str, random.Random], str]] = [_synonym, _synonym, _number, _date, _framed, other]
    for rule in source.sample(rules, source.randint(2, 4)):
        sentence = rule(sentence, source)
    return sentence


def _synonym(sentence: str, source: random.Random) -> str:
    found = [words for words in _SAME if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", sentence)]
    if not found:
        return sentence
    words = source.choice(found)
    return re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", lambda _: source.choice(_SAME[words]), sentence, count=1)


def _number(sentence: str, source: random.Random) -> str:
    """Write small numbers as words, or words as numbers."""

    def as_word(match: re.Match[str]) -> str:
        return _NUMBER_WORDS[int(match[0]) - 2]

    def as_digits(match: re.Match[str]) -> str:
        return str(_NUMBER_WORDS.index(match[0]) + 2)

    if source.random() < 0.5:
        return re.sub(r"(?<![\w.,:/§–-] )(?<![\w.,:/§–-])(?:[2-9]|1[0-2])(?= [a-zæøå]{3})", as_word, sentence)
    return re.sub(r"\b(?:" + "|".join(_NUMBER_WORDS[1:]) + r")\b(?= [a-zæøå]{3})", as_digits, sentence)


def _date(sentence: str, source: random.Random) -> str:
    def as_digits(match: re.Match[str]) -> str:
        form = source.choice(("{}.{}.{}", "{:0>2}.{:0>2}.{}"))
        return form.format(match[1], _MONTHS.index(match[2]) + 1, match[3])

    return re.sub(r"\b(\d{1,2})\. (" + "|".join(_MONTHS) + r") (\d{4})\b", as_digits, sentence)


def _framed(sentence: str, source: random.Random) -> str:
    """Put a few words before the sentence, as a speech or a news story would; one that begins with a name is left alone."""
    first = sentence.split(" ", 1)[0]
    if first.lower() not in _OPENERS:
        return sentence
    frame = source.choice(("Det er slik at ", "Vi vet at ", "Det stemmer at ", "Husk at ", "Som kjent: "))
    return frame + sentence[0].lower() + sentence[1:]


_OPENERS = frozenset(
    "det den de alle ingen kommunen kommunestyret rådet styret planen loven departementet fylket regjeringen ansatte "
    "foreldre barn søknaden søknader prosjektet tilbudet avtalen kontrakten leverandøren brukere innbyggere fristen".split()
)


def _swapped(sentence: str, words: dict[str, str], source: random.Random) -> str:
    share = source.uniform(0.5, 1.0)

    def other(match: re.Match[str]) -> str:
        new = words.get(match[0])
        return new if new is not None and source.random() < share else match[0]

    return re.sub(r"[a-zæøåò]+", other, sentence)


def _as_nynorsk(sentence: str, source: random.Random) -> str:
    return _swapped(sentence, _NYNORSK, source)


def _as_bokmål(sentence: str, source: random.Random) -> str:
    return _swapped(sentence, _BOKMÅL, source)
