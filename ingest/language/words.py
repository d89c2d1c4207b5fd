"""Function words and abbreviations of bokmål, nynorsk and English: closed word classes, written out by hand."""

from __future__ import annotations

NB_ONLY = frozenset(
    "jeg ikke hva hvem hvor hvordan hvorfor hvilken hvilke hvilket hvis en noe noen mye fra være ble gjøre gjør "
    "dere deres hun hennes ett bare nå hverandre siden kommer hver".split()
)
"""Forms that bokmål has and nynorsk has not (or very seldom)."""

NN_ONLY = frozenset(
    "eg ikkje kva kven kor korleis kvifor kvar ein eit noko nokon nokre mykje frå vere vera vart vorte gjere gjer dykk "
    "dykkar ho hennar berre båe kvarandre sidan òg me dei sjølv kjem kvart einaste meir fleire desse heiter".split()
)
"""Forms that nynorsk has and bokmål has not."""

DIALECT = frozenset("æ e ka kem koffer korsn dokker dæ mæ".split())
"""Function words of the commonest dialects as people write them: neither form, answered in bokmål."""

ENGLISH = frozenset(
    "the a an of to in on at by for with from and or is are was were be been being do does did has have had what who whom "
    "whose which when where why how that this these those it its they them their there we us our you your he she his her "
    "not no must shall should will would can could may might if than then so as about into over before after any all many "
    "much long some such only also i me my".split()
)
"""English function words."""

NORWEGIAN = (
    NB_ONLY
    | NN_ONLY
    | frozenset(
        "blir og i å det som på er av for til med at de den har om et vi kan men så seg sin sitt sine eller var skal når der "
        "her da du han min mitt mine din ditt dine vår vårt våre oss dem ham man opp ut inn over under mellom mot ved hos "
        "uten utan før må vil ville skulle kunne måtte bør burde blitt vært la få får fikk gå går slik samme alle alt annet "
        "andre denne dette disse enda ennå jo nok vel altså igjen selv sjøl jer ja nei sitt ifølge gjennom blant hvilket "
        "me".split()
    )
    | DIALECT
)
"""Norwegian function words of both forms and of the dialects."""

STOP_WORDS = NORWEGIAN | ENGLISH
"""What a search leaves out: it stands in every text and says nothing of what the text is about."""

PARTICLES = frozenset(
    "opp ut inn over under av til for fra frå med mot ved om etter før inne ute oppe nede hver alle ende sett gang ting".split()
)
"""Never a part of a compound here: «oppretter» is not «opp» and «retter»."""

ABBREVIATIONS = frozenset(
    "nr kl ca bl pkt jf jfr art avd tlf evt mv m.m m.v f.eks bl.a dvs d.v.s o.l osv o.s.v mill mrd st sa kap s str pst "
    "pr inkl ekskl eks tidl nåv div maks min mnd gnr bnr fnr org prof dr lic vs red utg bd jan feb mar apr jun jul aug "
    "sep sept okt nov des kr adm dir mht m.h.t ift i.f.t pga p.g.a mfl m.fl t.o.m f.o.m fom tom el e.l obs ref res reg "
    "kgl kst vedr adr rev hhv h.h.v likn tilsv ang iht i.h.t nedenst ovenst alm jfr meld prop innst dok ot forskr "
    "e.kr f.kr fig tab ill vol no e.g i.e etc approx dept mr mrs ms".split()
)
"""Written with a full stop that ends no sentence, lower case, without the last stop.

Written out by hand, not taken from a published list.
«st» covers both «stortingsmelding» and the saint of «St. Olavs hospital».
"""

MAY_END_SENTENCE = frozenset("m.m m.v mv o.l osv o.s.v m.fl mfl e.l etc kr mill mrd mnd pst fnr adm tom no s".split())
"""Abbreviations after which a new sentence may begin, if what follows begins as one does."""
