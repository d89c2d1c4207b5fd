"""Web pages: three as municipalities and ministries publish them, and small ones for one behaviour each."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from ingest.documents import About, Block, Document, Link
from ingest.errors import EmptyDocumentError, UnreadableError
from ingest.reading import read_document

NEWS = """<!doctype html><html lang="nb"><head><meta charset="utf-8">
<title>Stenger Storgata i to uker - Fjordvik kommune</title>
<link rel="canonical" href="https://www.fjordvik.example/nyheter/stenger-storgata">
<meta property="og:title" content="Stenger Storgata i to uker">
<meta property="og:site_name" content="Fjordvik kommune">
<meta property="article:published_time" content="2024-03-12T07:30:00+01:00">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","datePublished":"2024-03-12T06:30:00Z","dateModified":"2024-05-02T22:00:00Z"}</script>
<style>.x{}</style></head><body>
<div id="cookie-banner" class="cookie-consent" role="dialog"><h2>Vi bruker informasjonskapsler</h2>
<p>Vi bruker informasjonskapsler for å gjøre nettstedet bedre.</p><button>Godta</button></div>
<a class="skip-link" href="#main">Hopp til hovedinnhold</a>
<header class="site-header"><a href="/">Fjordvik kommune</a><form><input name="q"><button>Søk</button></form>
<nav><ul><li><a href="/skole">Skole og barnehage</a></li><li><a href="/helse">Helse og omsorg</a></li><li>
<a href="/plan">Plan og bygg</a></li></ul></nav></header>
<nav aria-label="Brødsmuler"><ol><li><a href="/">Forside</a></li><li><a href="/nyheter">Nyheter</a></li></ol></nav>
<main id="main"><article>
<h1>Stenger Storgata i to uker</h1>
<p class="ingress">Storgata blir stengt mellom Torget og Elvegata fra 18. mars til 1. april 2024.</p>
<p class="meta">Publisert 12.03.2024 | Sist oppdatert 03.05.2024</p>
<figure><img src="/bilde.jpg" alt="Graving"><figcaption>Storgata sett fra Torget. Foto: Kari Nordmann</figcaption>
</figure>
<p>Kommunen skal skifte ut 120&nbsp;meter vannledning fra 1962. Arbeidet koster <strong>2,4&nbsp;millioner kroner</strong>.</p>
<h2>Slik kommer du deg fram</h2>
<ul><li>Biler kjører om <a href="/kart/elvegata">Elvegata</a>.</li>
<li>Gående kan bruke <b>fortauet</b> på nordsiden.<ul><li>Rampen er 1,2 meter bred.</li></ul></li></ul>
<h2>Bussruter</h2>
<table><caption>Ruter i perioden</caption><thead><tr><th>Rute</th><th>Holdeplass</th><th>Avgang</th></tr></thead>
<tbody><tr><td>12</td><td>Torget</td><td>hvert 20. minutt</td></tr><tr><td>15</td><td>Elvegata</td><td>hver time</td>
</tr></tbody></table>
<h2>Kontakt</h2>
<dl><dt>Prosjektleder</dt><dd>Ola Nordmann</dd><dt>Telefon</dt><dd>12 34 56 78</dd></dl>
<div class="share-buttons"><h3>Del denne siden</h3><a href="https://facebook.example/share">Facebook</a>
<a href="#">LinkedIn</a></div>
</article>
<aside class="related"><h2>Les også</h2><ul><li><a href="/nyheter/a">Nye åpningstider på servicetorget</a></li><li>
<a href="/nyheter/b">Budsjettet er vedtatt</a></li></ul></aside>
<div class="feedback"><h2>Fant du det du lette etter?</h2><button>Ja</button><button>Nei</button></div>
</main>
<footer><h2>Kontakt oss</h2><p>Rådhuset, Torget 1, 9999 Fjordvik</p><a href="/personvern">Personvern</a></footer>
<script>alert(1)</script><noscript>Slå på JavaScript</noscript></body></html>
"""

QUESTIONS = """<!doctype html><html lang="no"><head><meta charset="utf-8">
<title>Spørsmål og svar for kommunene | Helsefellesskapet</title>
<base href="https://www.helse.example/nyheter/"><meta property="og:site_name" content="Helsefellesskapet">
</head><body><div class="wrapper"><div class="topbar"><ul class="menu"><li><a href="/">Hjem</a></li><li>
<a href="/om">Om oss</a></li><li><a href="/kontakt">Kontakt</a></li></ul></div>
<div class="page-content"><h1>Spørsmål og svar for kommunene</h1><p>Sist oppdatert 3. mai 2024</p>
<p>Her finner du svar på de vanligste spørsmålene om innføringen.</p>
<h2>Økonomi</h2>
<details><summary>Hva koster det for kommunen?</summary><p>Kommunen betaler en andel etter folketall.</p>
<p>Satsen er 84 kroner per innbygger.</p></details>
<details><summary><h3>Kan kommunen vente?</h3></summary><div><p>Ja. Opsjonen gjelder ut 2026.</p></div></details>
<h2>Opplæring</h2>
<div class="accordion"><h3><button aria-expanded="false" aria-controls="a1">Hvor lang er opplæringen?</button></h3>
<div id="a1" class="accordion-panel" hidden><p>Opplæringen tar to dager.</p><ul><li>Første dag er digital.</li>
<li>Andre dag er på kurssenteret.</li></ul></div></div>
<div class="accordion-item">
<button class="accordion-button" aria-expanded="false" aria-controls="a2">Hvem får opplæring?</button>
<div id="a2" class="collapse" aria-hidden="true"><p>Alle som skal bruke journalen.</p></div></div>
<h2>Begreper</h2>
<dl><dt>Superbruker</dt><dd>En ansatt som hjelper kolleger.</dd><dt>Fagekspert</dt><dd>En som kjenner faget.</dd>
<dd>Utpekes av kommunen.</dd></dl>
<p>Se <a href="veileder.html">veilederen</a> og <a href="https://lovdata.example/lov">loven</a>.</p>
</div><div class="footer-menu"><p>Helsefellesskapet, postboks 1</p><ul><li><a href="/personvern">Personvern</a></li>
</ul></div></div></body></html>
"""

REPORT = """<!DOCTYPE html><html lang="no" class="no-js"><head><meta charset="utf-8">
<title>Meld. St. 99 (2012–2013) - regjering.example</title>
<link rel="canonical" href="https://www.regjering.example/no/dokumenter/meld-st-99/id1/">
<meta name="DC.Date.Issued" content="2012-11-30"><meta name="DC.Language" content="no">
<meta name="DC.Publisher" content="Helsedepartementet"></head>
<body><div class="outer-wrap"><header class="header"><a href="/no">Forsiden</a><div class="nav-main"><ul><li>
<a href="/a">Tema</a></li><li><a href="/b">Dokument</a></li></ul></div></header>
<div class="breadcrumbs"><a href="/">Du er her:</a> <a href="/x">Finn dokument</a></div>
<div class="content-row"><div class="content-col-1"><nav class="toc"><h2>Innhold</h2><ul><li>
<a href="#K1">1 Innledning</a></li><li><a href="#K1-1">1.1 Bakgrunn</a></li><li><a href="#K2">2 Økonomi</a></li></ul>
</nav></div>
<div class="content-col-2"><header class="article-header"><h1>Meld. St. 99 (2012–2013)</h1>
<p class="subtitle">Én innbygger – én journal</p><div class="article-info"><span class="date">Dato: 30.11.2012</span>
</div></header>
<div class="article-body" id="docbody"><section id="K1"><h2>1 Innledning</h2>
<p>Regjeringen vil at helsehjelpen skal henge sammen.<a href="#fn1" class="fotnote"><sup>1</sup></a></p>
<section id="K1-1"><h3>1.1 Bakgrunn</h3><p>Mange systemer snakker ikke sammen. Det gir tre utfordringer:</p><ol>
<li>Opplysninger følger ikke pasienten.</li><li>Leger skriver det samme flere ganger.</li></ol>
<section><h4>1.1.1 Kommunene</h4>
<p>Kommunene har ansvar etter <a href="/lov/hol">helse- og omsorgstjenesteloven</a>.</p><blockquote>
<p>«Kommunen skal sørge for nødvendige tjenester.»</p></blockquote></section></section></section>
<section id="K2"><h2>2 Økonomi</h2><div class="tabell">
<p class="tabelltittel">Tabell 2.1 Kostnader i millioner kroner</p><table><tr><th>Tiltak</th>
<th colspan="2">Kostnad</th></tr><tr><th scope="row">Utredning</th><td>50</td><td>60</td></tr><tr>
<th scope="row">Innføring</th><td>100</td><td>120</td></tr></table></div></section>
<section class="fotnoter"><h2>Fotnoter</h2><ol><li id="fn1">Se Prop. 1 S (2012–2013).</li></ol></section></div></div>
</div>
<div class="related-content"><h2>Tilhørende dokumenter</h2><ul><li><a href="/1">Høring</a></li><li>
<a href="/2">Pressemelding</a></li></ul></div>
<footer class="footer"><p>Ansvarlig redaktør: Nina Nordmann</p></footer></div></body></html>
"""


def read(tmp_path: Path, content: str | bytes, name: str = "side.html") -> Document:
    """Write a page and read it."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_document(path)


def of(tmp_path: Path, inside: str) -> list[tuple[str, int, str]]:
    """Read a page with this main content and return kind, level and text of each block."""
    return [(block.kind, block.level, block.text) for block in read(tmp_path, page(inside)).blocks]


def page(inside: str, head: str = "") -> str:
    """Return a page with this main content."""
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body><main>{inside}</main></body></html>"


def told(document: Document) -> list[tuple[str, int, str, str]]:
    """Return kind, level, marker and text of each block."""
    return [(block.kind, block.level, block.marker, block.text) for block in document.blocks]


def links_of(document: Document) -> list[tuple[str, str]]:
    """Return the words and the target of each link."""
    return [(block.text[link.start : link.end], link.url) for block in document.blocks for link in block.links]


# Whole pages


def test_a_news_page_of_a_municipality(tmp_path: Path) -> None:
    document = read(tmp_path, NEWS)
    header = ("Rute", "Holdeplass", "Avgang")
    assert list(document.blocks) == [
        Block("heading", "Stenger Storgata i to uker", level=1),
        Block("paragraph", "Storgata blir stengt mellom Torget og Elvegata fra 18. mars til 1. april 2024."),
        Block("paragraph", "Publisert 12.03.2024 | Sist oppdatert 03.05.2024"),
        Block("caption", "Storgata sett fra Torget. Foto: Kari Nordmann"),
        Block(
            "paragraph",
            "Kommunen skal skifte ut 120 meter vannledning fra 1962. Arbeidet koster 2,4 millioner kroner.",
        ),
        Block("heading", "Slik kommer du deg fram", level=2),
        Block(
            "list_item", "Biler kjører om Elvegata.", level=1, marker="•",
            links=(Link(16, 24, "https://www.fjordvik.example/kart/elvegata"),),
        ),
        Block("list_item", "Gående kan bruke fortauet på nordsiden.", level=1, marker="•"),
        Block("list_item", "Rampen er 1,2 meter bred.", level=2, marker="•"),
        Block("heading", "Bussruter", level=2),
        Block("caption", "Ruter i perioden"),
        Block("table_row", "12 | Torget | hvert 20. minutt", header=header),
        Block("table_row", "15 | Elvegata | hver time", header=header),
        Block("heading", "Kontakt", level=2),
        Block("table_row", "Prosjektleder | Ola Nordmann"),
        Block("table_row", "Telefon | 12 34 56 78"),
    ]  # fmt: skip
    assert document.about == About(
        title="Stenger Storgata i to uker",
        publisher="Fjordvik kommune",
        language="nb",
        url="https://www.fjordvik.example/nyheter/stenger-storgata",
        published=date(2024, 3, 12),
        updated=date(2024, 5, 3),
    )
    assert document.page_count is None
    assert document.reader == f"selectolax {version('selectolax')}"
    assert document.warnings == ()


def test_a_page_of_questions_and_answers(tmp_path: Path) -> None:
    document = read(tmp_path, QUESTIONS)
    assert told(document) == [
        ("heading", 1, "", "Spørsmål og svar for kommunene"),
        ("paragraph", 0, "", "Sist oppdatert 3. mai 2024"),
        ("paragraph", 0, "", "Her finner du svar på de vanligste spørsmålene om innføringen."),
        ("heading", 2, "", "Økonomi"),
        ("heading", 3, "", "Hva koster det for kommunen?"),
        ("paragraph", 0, "", "Kommunen betaler en andel etter folketall."),
        ("paragraph", 0, "", "Satsen er 84 kroner per innbygger."),
        ("heading", 3, "", "Kan kommunen vente?"),
        ("paragraph", 0, "", "Ja. Opsjonen gjelder ut 2026."),
        ("heading", 2, "", "Opplæring"),
        ("heading", 3, "", "Hvor lang er opplæringen?"),
        ("paragraph", 0, "", "Opplæringen tar to dager."),
        ("list_item", 1, "•", "Første dag er digital."),
        ("list_item", 1, "•", "Andre dag er på kurssenteret."),
        ("heading", 3, "", "Hvem får opplæring?"),
        ("paragraph", 0, "", "Alle som skal bruke journalen."),
        ("heading", 2, "", "Begreper"),
        ("table_row", 0, "", "Superbruker | En ansatt som hjelper kolleger."),
        ("table_row", 0, "", "Fagekspert | En som kjenner faget. | Utpekes av kommunen."),
        ("paragraph", 0, "", "Se veilederen og loven."),
    ]
    assert links_of(document) == [
        ("veilederen", "https://www.helse.example/nyheter/veileder.html"), ("loven", "https://lovdata.example/lov"),
    ]  # fmt: skip
    assert document.about == About(
        title="Spørsmål og svar for kommunene", publisher="Helsefellesskapet", language="nb", updated=date(2024, 5, 3)
    )


def test_a_report_with_sections_inside_each_other(tmp_path: Path) -> None:
    document = read(tmp_path, REPORT)
    header = ("Tiltak", "Kostnad")
    assert [(block.kind, block.level, block.text, block.header) for block in document.blocks] == [
        ("heading", 1, "Meld. St. 99 (2012–2013)", ()),
        ("paragraph", 0, "Én innbygger – én journal", ()),
        ("paragraph", 0, "Dato: 30.11.2012", ()),
        ("heading", 2, "1 Innledning", ()),
        ("paragraph", 0, "Regjeringen vil at helsehjelpen skal henge sammen.", ()),
        ("heading", 3, "1.1 Bakgrunn", ()),
        ("paragraph", 0, "Mange systemer snakker ikke sammen. Det gir tre utfordringer:", ()),
        ("list_item", 1, "Opplysninger følger ikke pasienten.", ()),
        ("list_item", 1, "Leger skriver det samme flere ganger.", ()),
        ("heading", 4, "1.1.1 Kommunene", ()),
        ("paragraph", 0, "Kommunene har ansvar etter helse- og omsorgstjenesteloven.", ()),
        ("paragraph", 0, "«Kommunen skal sørge for nødvendige tjenester.»", ()),
        ("heading", 2, "2 Økonomi", ()),
        ("caption", 0, "Tabell 2.1 Kostnader i millioner kroner", ()),
        ("table_row", 0, "Utredning | 50 | 60", header),
        ("table_row", 0, "Innføring | 100 | 120", header),
        ("heading", 2, "Fotnoter", ()),
        ("list_item", 1, "Se Prop. 1 S (2012–2013).", ()),
    ]
    assert document.about == About(
        title="Meld. St. 99 (2012–2013)",
        publisher="Helsedepartementet",
        language="nb",
        url="https://www.regjering.example/no/dokumenter/meld-st-99/id1/",
        published=date(2012, 11, 30),
    )


# What is part of the page, and what isn't


def test_what_cannot_be_seen_is_left_out(tmp_path: Path) -> None:
    inside = (
        "<p>Synlig.</p><script>a()</script><style>p{}</style><template><p>mal</p></template><!-- nei -->"
        "<noscript>nei</noscript>"
        '<p hidden>skjult</p><div aria-hidden="true">pynt</div><div style="color:red; display : none">borte</div>'
        '<p>Merk<span class="sr-only"> for skjermleser</span> dette.</p><select><option>valg</option></select>'
        "<textarea>skriv</textarea>"
    )
    assert of(tmp_path, inside) == [("paragraph", 0, "Synlig."), ("paragraph", 0, "Merk dette.")]


def test_taken_back_words_and_note_numbers_are_no_part_of_the_text(tmp_path: Path) -> None:
    inside = (
        '<p>Fristen er <del>1. mai</del><ins>2. juni</ins>.<sup><a href="#n1">1</a></sup> CO<sub>2</sub> og m<sup>2</sup>.'
        '<a href="#n2"><sup>[2]</sup></a></p><ol><li id="n1">Noten. <a href="#r1">↩</a></li></ol>'
    )
    assert of(tmp_path, inside) == [("paragraph", 0, "Fristen er 2. juni. CO2 og m2."), ("list_item", 1, "Noten.")]


def test_a_page_without_a_marked_main_part_loses_its_menus(tmp_path: Path) -> None:
    source = (
        '<body><div id="hovedmeny"><ul><li><a href=1>Skole</a><li><a href=2>Helse</a><li><a href=3>Plan</a></ul></div>'
        '<div class="cookieConsent">Vi bruker informasjonskapsler på nettsiden.</div><aside>Vedlikehold i helgen</aside>'
        "<p>Kommunestyret vedtok planen 3. mai. Planen gjelder fra 1. juni og skal rulleres hvert fjerde år.</p>"
        "<h2>Les også</h2><ul><li><a href=4>Ny skole åpnet</a></li></ul><div><a href=5>Budsjett</a></div>"
        "<h2>Frist</h2><p>Fristen er 1. juni.</p><footer>Rådhuset</footer></body>"
    )
    assert told(read(tmp_path, source)) == [
        (
            "paragraph",
            0,
            "",
            "Kommunestyret vedtok planen 3. mai. Planen gjelder fra 1. juni og skal rulleres hvert fjerde år.",
        ),
        ("heading", 2, "", "Frist"),
        ("paragraph", 0, "", "Fristen er 1. juni."),
    ]


def test_facts_beside_an_article_are_kept_and_lists_of_documents_too(tmp_path: Path) -> None:
    inside = (
        "<p>Saken.</p><aside><h2>Fakta</h2><p>Kommunen har 12 skoler.</p></aside>"
        "<aside><a href=/a>En annen sak</a></aside>"
        "<ul><li><a href=a.pdf>Vedtak</a><li><a href=b.pdf>Plan</a><li><a href=c.pdf>Kart</a></ul>"
        '<div role="alert">Vannet må kokes.</div>'
    )
    assert [text for _, _, text in of(tmp_path, inside)] == [
        "Saken.", "Fakta", "Kommunen har 12 skoler.", "Vedtak", "Plan", "Kart", "Vannet må kokes.",
    ]  # fmt: skip


def test_a_name_that_was_misread_costs_nothing_that_matters(tmp_path: Path) -> None:
    inside = (
        '<div class="page-with-sidebar menu-open"><h1>Sosiale tjenester</h1><div class="social-services">'
        "<p>Tjenestene i kommunen er gratis, og alle kan ta kontakt med servicekontoret for å få vite mer om dem.</p>"
        "</div></div>"
    )
    assert [text for _, _, text in of(tmp_path, inside)] == [
        "Sosiale tjenester",
        "Tjenestene i kommunen er gratis, og alle kan ta kontakt med servicekontoret for å få vite mer om dem.",
    ]


def test_the_heading_of_the_page_is_kept_where_it_stands_outside_the_main_part(tmp_path: Path) -> None:
    source = (
        "<body><header><h1><a href=/>Kommunen</a></h1></header><div><h1>Planen</h1></div><main><p>Den gjelder nå.</p></main>"
    )
    assert told(read(tmp_path, source)) == [("heading", 1, "", "Planen"), ("paragraph", 0, "", "Den gjelder nå.")]


def test_an_empty_main_part_is_not_believed(tmp_path: Path) -> None:
    source = "<body><main><p>Søk</p></main><div><p>Her står alt som kommunen har skrevet om saken.</p></div>"
    assert "Her står alt" in read(tmp_path, source).text


# Blocks


def test_line_breaks_part_lines_and_two_part_paragraphs(tmp_path: Path) -> None:
    inside = "<div>Rådhuset<br>Torget 1<br><br>Åpent 9–15.</div>løs tekst<p>avsnitt"
    assert of(tmp_path, inside) == [
        ("paragraph", 0, "Rådhuset Torget 1"), ("paragraph", 0, "Åpent 9–15."), ("paragraph", 0, "løs tekst"),
        ("paragraph", 0, "avsnitt"),
    ]  # fmt: skip


def test_words_are_cleaned_and_kept_together_across_elements(tmp_path: Path) -> None:
    assert of(tmp_path, "<p>kom<b>mu</b>ne&shy;styret&nbsp;&nbsp; sa\n  ja&#8203; &amp; <i>nei</i></p>") == [
        ("paragraph", 0, "kommunestyret sa ja & nei")
    ]


def test_lists_have_levels_and_markers(tmp_path: Path) -> None:
    inside = (
        '<ul><li>en<ol start="3"><li>tre<li value="7">sju<li>åtte</ol></li><li><p>to</p><p>mer</p></li></ul>'
        '<ol type="a"><li>a<li>b</ol><ol type="I"><li>romersk</ol>'
    )
    assert told(read(tmp_path, page(inside))) == [
        ("list_item", 1, "•", "en"), ("list_item", 2, "3.", "tre"), ("list_item", 2, "7.", "sju"),
        ("list_item", 2, "8.", "åtte"),
        ("list_item", 1, "•", "to"), ("paragraph", 0, "", "mer"),
        ("list_item", 1, "a.", "a"), ("list_item", 1, "b.", "b"), ("list_item", 1, "I.", "romersk"),
    ]  # fmt: skip


def test_tables_keep_their_header_and_merged_cells_stand_once(tmp_path: Path) -> None:
    inside = (
        "<table><thead><tr><th rowspan=2>Kommune<th colspan=2>Innbyggere</tr><tr><th>2023<th>2024</tr></thead>"
        "<tbody><tr><td rowspan=2>Vestby<td>10<td>11</tr><tr><td>12<td><a href=/x>13</a></tr></tbody></table>"
    )
    document = read(tmp_path, page(inside, '<link rel=canonical href="https://a.example/b/">'))
    header = ("Kommune", "Innbyggere 2023", "Innbyggere 2024")
    assert [(block.text, block.header) for block in document.blocks] == [("Vestby | 10 | 11", header), ("12 | 13", header)]
    assert links_of(document) == [("13", "https://a.example/x")]


def test_a_table_without_header_cells_keeps_its_first_row(tmp_path: Path) -> None:
    inside = "<table><tr><td>Tiltak<td>Sum</tr><tr><td>Kurs<td>10</tr></table><table><tr><td>Telefon<td>Kari</tr></table>"
    assert [(block.text, block.header) for block in read(tmp_path, page(inside)).blocks] == [
        ("Tiltak | Sum", ()), ("Kurs | 10", ("Tiltak", "Sum")), ("Telefon | Kari", ()),
    ]  # fmt: skip


def test_a_table_in_a_table_follows_its_row_and_one_that_places_text_is_text(tmp_path: Path) -> None:
    inner = "<table><tr><th>C<th>D</tr><tr><td>1<td>2</tr></table>"
    nested = f"<table><tr><th>A<th>B</tr><tr><td>x<td>y{inner}</tr><tr><td>z<td>w</table>"
    assert [text for _, _, text in of(tmp_path, nested)] == ["x | y", "1 | 2", "z | w"]
    placed = (
        '<table role="presentation"><tr><td>En.<td>To.</table><table><tr><td><h2>Overskrift</h2><p>Tekst.</p><td>Mer.</table>'
    )
    assert of(tmp_path, placed) == [
        ("paragraph", 0, "En."), ("paragraph", 0, "To."), ("heading", 2, "Overskrift"), ("paragraph", 0, "Tekst."),
        ("paragraph", 0, "Mer."),
    ]  # fmt: skip


def test_what_follows_an_answer_stands_under_the_heading_above_the_question(tmp_path: Path) -> None:
    inside = (
        "<h2>Økonomi</h2><details><summary>Hva koster det?</summary><h2>Kort</h2><p>84 kroner.</p></details>"
        "<p>Se budsjettet.</p>"
        "<details><summary>Les mer</summary><p>Bakgrunn.</p></details>"
    )
    assert of(tmp_path, inside) == [
        ("heading", 2, "Økonomi"), ("heading", 3, "Hva koster det?"), ("heading", 4, "Kort"), ("paragraph", 0, "84 kroner."),
        ("heading", 2, "Økonomi"), ("paragraph", 0, "Se budsjettet."), ("paragraph", 0, "Bakgrunn."),
    ]  # fmt: skip


def test_answers_that_a_link_opens_are_read_and_menus_that_a_button_opens_are_not(tmp_path: Path) -> None:
    inside = (
        '<h2>Spørsmål</h2><h3><a href="#s1" data-toggle="collapse">Når starter vi?</a></h3>'
        '<div id="s1" style="display:none"><p>I mai.</p></div>'
        '<button aria-haspopup="true" aria-expanded="false">Velg språk</button><button>Send inn</button>'
    )
    assert of(tmp_path, inside) == [("heading", 2, "Spørsmål"), ("heading", 3, "Når starter vi?"), ("paragraph", 0, "I mai.")]


def test_a_definition_that_answers_a_question_is_a_text_under_it(tmp_path: Path) -> None:
    inside = "<h2>Svar</h2><dl><div><dt>Hvem betaler?</dt><dd><p>Kommunen.</p><p>Og staten.</p></dd></div></dl>"
    assert of(tmp_path, inside) == [
        ("heading", 2, "Svar"), ("heading", 3, "Hvem betaler?"), ("paragraph", 0, "Kommunen."), ("paragraph", 0, "Og staten."),
    ]  # fmt: skip


def test_links_are_absolute(tmp_path: Path) -> None:
    inside = (
        '<p><a href="b.html">en</a> <a href="#del">to</a> <a href="javascript:x()">tre</a> <a href="//c.example/d">fire</a> '
        '<a href="mailto:post@k.example">fem</a> <a href="http://[x">seks</a> <a name="her">sju</a></p>'
    )
    head = '<link rel="canonical" href="https://a.example/mappe/side"><base href="/filer/">'
    assert links_of(read(tmp_path, page(inside, head))) == [
        ("en", "https://a.example/filer/b.html"), ("to", "https://a.example/mappe/side#del"), ("tre", ""),
        ("fire", "https://c.example/d"), ("fem", "mailto:post@k.example"), ("seks", ""),
    ]  # fmt: skip
    assert links_of(read(tmp_path, page('<p><a href="b.html">en</a> <a href="#del">to</a>'))) == [
        ("en", "b.html"),
        ("to", "#del"),
    ]


# What the page says of itself


@pytest.mark.parametrize(
    ("head", "inside", "published", "updated"),
    [
        ('<meta property="article:modified_time" content="2024-05-02T23:30:00+02:00">', "", None, date(2024, 5, 2)),
        ('<script type="application/ld+json">{"@graph":[{"dateModified":"2024-05-02T22:00:00Z"}]}</script>', "",
         None, date(2024, 5, 3)),
        ('<script type="application/ld+json">{"datePublished": ødelagt</script>', "", None, None),
        ('<meta name="DCTERMS.issued" content="ikke en dato"><meta name="date" content="20240503">', "",
         date(2024, 5, 3), None),
        ("", "<p>Publisert: 12.03.2024 kl. 10. Sist endret <time datetime='2024-05-03T08:00'>i går</time></p>",
         date(2024, 3, 12), date(2024, 5, 3)),
        ("", "<p>Sist oppdatert av Kari 3. mai 2024</p>", None, date(2024, 5, 3)),
        ("", "<p>Møtet er <time datetime='2024-05-03'>fredag</time></p>", None, None),
        ("", "<p class=byline>Kari, <time datetime='2024-05-03'>fredag</time></p>", date(2024, 5, 3), None),
        ("", "<p>Fristen er 3. mai 2024.</p>", None, None),
        ('<meta name="date" content="0001-01-01">', "", None, None),
    ],
)  # fmt: skip
def test_dates_are_found_where_pages_have_them(
    tmp_path: Path, head: str, inside: str, published: date | None, updated: date | None
) -> None:
    about = read(tmp_path, page(f"<p>Tekst.</p>{inside}", head)).about
    assert (about.published, about.updated) == (published, updated)


@pytest.mark.parametrize(
    ("head", "inside", "title"),
    [
        ("<title>Planen - Fjordvik kommune</title>", "", "Planen"),
        ("<title>Planen for 2024 – 2027 | kommunen.no</title>", "", "Planen for 2024 – 2027"),
        ("<title>Vann - avløp</title><meta property=og:site_name content=Fjordvik>", "", "Vann - avløp"),
        ("<title>Noe annet</title>", "<h1>Det som står øverst</h1>", "Det som står øverst"),
        (
            '<meta property="og:title" content="Delt tittel | Fjordvik"><meta property="og:site_name" content="Fjordvik">',
            "",
            "Delt tittel",
        ),
        ("", "", ""),
    ],
)
def test_the_title_has_no_name_of_the_site(tmp_path: Path, head: str, inside: str, title: str) -> None:
    assert read(tmp_path, page(f"{inside}<p>Tekst.</p>", head)).about.title == title


@pytest.mark.parametrize(("tag", "code"), [("no", "nb"), ("nb-NO", "nb"), ("nn", "nn"), ("en-GB", "en"), ("se", ""), ("", "")])
def test_the_language_is_one_that_the_catalogue_knows(tmp_path: Path, tag: str, code: str) -> None:
    assert read(tmp_path, f'<html lang="{tag}"><body><p>Tekst.</p>').about.language == code


def test_the_address_is_a_whole_one_or_none(tmp_path: Path) -> None:
    for href, url in [("https://a.example/b", "https://a.example/b"), ("/b", ""), ("javascript:x", "")]:
        assert read(tmp_path, page("<p>Tekst.</p>", f'<link rel="canonical" href="{href}">')).about.url == url


# Characters


WORDS = "<p>Blåbær på øya.</p>"


@pytest.mark.parametrize(
    ("data", "warned"),
    [
        (WORDS.encode("utf-16"), False),
        (WORDS.encode("utf-8-sig"), False),
        (WORDS.encode(), False),
        (b"<meta charset=iso-8859-1>" + WORDS.encode("latin-1"), False),
        (b'<meta http-equiv=Content-Type content="text/html; charset=windows-1252">' + WORDS.encode("cp1252"), False),
        (b"<meta charset=iso-8859-15>" + WORDS.encode("iso-8859-15"), False),
        (WORDS.encode("cp1252"), True),
        (b"<meta charset=utf-8>" + WORDS.encode("cp1252"), True),
        (b"<meta charset=iso-8859-1>" + WORDS.encode(), True),
        (b"<meta charset=finnes-ikke>" + WORDS.encode(), True),
    ],
    ids=["utf-16", "utf-8 with mark", "utf-8", "latin-1 said", "cp1252 said", "latin-9 said", "cp1252", "said wrongly",
         "said wrongly too", "unknown"],
)  # fmt: skip
def test_encodings_are_told_apart(tmp_path: Path, data: bytes, warned: bool) -> None:
    document = read(tmp_path, data)
    assert document.text == "Blåbær på øya."
    assert bool(document.warnings) is warned


# Pages that would harm


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"<div>" * 200_000 + b"hei", "inside each other"),
        (b"<font size=1>" * 200_000 + b"hei", "inside each other"),
        (b"<div><table><td></div>" * 50_000, "inside each other"),
        (b"<p>hei" * 300_001, "elements"),
        (b"<p " + b"a=1 " * 1_000_000 + b">hei</p>", "attributes"),
        (b"<p " + b" ".join(b"a%d=1" % at for at in range(1_000_000)) + b">hei</p>", "attributes"),
        ((b"<p " + b" ".join(b"a%d" % at for at in range(400)) + b">") * 2_600, "attributes"),
        (b"x" * 20_000_001, "characters"),
        (b"%PDF-1.7\n" + bytes(range(256)), "binary"),
    ],
    ids=["nested", "open", "hidden in tables", "many", "attributes", "other attributes", "all attributes", "long", "binary"],
)
def test_a_page_that_would_keep_the_parser_busy_is_refused(tmp_path: Path, source: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read(tmp_path, source)


def test_what_only_looks_nested_is_read(tmp_path: Path) -> None:
    script = "<script>var a = '" + "<div>" * 1_000 + "';</script><!--" + "<div>" * 1_000 + "-->"
    picture = f'<img src="data:image/png;base64,{"a=b " * 5_000}" alt="">'
    assert of(tmp_path, script + "<p>avsnitt" * 1_000 + picture) == [("paragraph", 0, "avsnitt")] * 1_000


def test_a_page_with_deep_elements_loses_no_text(tmp_path: Path) -> None:
    assert of(tmp_path, "<div>" * 400 + "<p>innerst</p>" + "</div>" * 400 + "<p>etter</p>") == [
        ("paragraph", 0, "innerst"), ("paragraph", 0, "etter"),
    ]  # fmt: skip


def test_cells_that_claim_the_whole_table_are_bounded(tmp_path: Path) -> None:
    row = "<tr><td colspan=1000 rowspan=65534>x<td>y</tr>"
    assert len(of(tmp_path, f"<table>{row * 500}</table>")) > 0


def test_a_page_without_text_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocumentError):
        read(tmp_path, "<html><body><nav>meny</nav><script>x</script></body></html>")


@pytest.mark.parametrize("name", ["side.htm", "SIDE.HTML", "side.xhtml"])
def test_every_ending_of_a_page_is_known(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, '<?xml version="1.0"?><html><body><p>Tekst.</p></body></html>', name).text == "Tekst."
