"""The main content of a page: what is left without menus, banners, footers and lists of other pages.

A page is trusted to say what is its main part (`main`, `role="main"`), and otherwise all of it is looked through. What
goes is known by its element or role, or by the words of its class and id. Nothing goes that holds the page's own heading,
and by its name nothing that holds half of the text, so that a name that was misread costs little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.reading.page.tree import HEADINGS, Node, words_of

MIN_MAIN = 0.2
"""Part of the page's text that the marked main part must hold to be believed. Source: a page that marks its search box
or an empty frame as main has less; the pages in the tests have 0.5 and more."""

MOST = 0.5
"""Part of the main content that nothing may hold and still be taken for furniture by its name."""

LINKS = 0.8
"""Part of a list's text in links from which it is a menu, where the page does not mark its main part."""

_TAGS = frozenset({"nav", "footer", "menu"})
_ROLES = frozenset("navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar".split())
_NAMES = frozenset(
    "cookie cookies cookiebar consent gdpr samtykke informasjonskapsler breadcrumb breadcrumbs brodsmule "
    "brodsmuler brodsmulesti menu meny submenu nav navbar navigation navigasjon topbar footer bunn bunntekst "
    "sidebar sidefelt related relatert relaterte relaterteartikler recommended sharebuttons socialmedia "
    "skiplink feedback tilbakemelding newsletter nyhetsbrev pagination pager paginering toolbar chatbot "
    "readspeaker languageselector".split()
)
_WEAK = frozenset("share sharing social deling skip search sok login chat tags".split())
"""Names that a text may have too: what has them goes only if it is short or mostly links."""

SHORT = 100
"""Characters of something with such a name."""

_WORD = re.compile(r"[A-ZÆØÅ]?[a-zæøå]+|[A-ZÆØÅ]+(?![a-zæøå])")
_OTHER_PAGES = re.compile(
    r"(?:les også|les mer om|se også|sjå også|relatert|aktuelt nå|flere nyheter|siste nytt|siste nyheter|mest lest"
    r"|del (?:denne |på |siden)|fant du |tilhørende dok|tilhøyrande dok|andre har også|vi bruker informasjonskapsl"
    r"|vi bruker cookies|share this|related)",
    re.IGNORECASE,
)


def main_content(body: Node) -> Node:
    """Return the main content of a page, with its first-level heading first where that stands outside."""
    title = _title(body)
    marked = [node for node in body.walk() if node.tag == "main" or node.get("role").lower() == "main"]
    root = max(marked, key=lambda node: node.size, default=body)
    if root.size < MIN_MAIN * body.size:
        root, marked = body, []
    kept = _kept(root, title, root.size, marked=bool(marked))
    if title is not None and kept.find("h1") is None:
        kept.children.insert(0, title)
    return kept


def _title(body: Node) -> Node | None:
    """Return the heading of the page: the first of the first level that is not the name of the site in its menu."""
    found = [node for node in body.walk() if node.tag == "h1" and node.size]
    return next((node for node in found if node.linked < node.size), found[0] if found else None)


def _kept(node: Node, title: Node | None, whole: int, *, marked: bool) -> Node:
    """Return an element without the furniture below it."""
    children: list[Node | str] = []
    for child in _without_other_pages(node):
        if isinstance(child, str):
            children.append(child)
        elif _holds(child, title) or not (_is_furniture(child, marked) or (child.size <= MOST * whole and _is_named(child))):
            children.append(_kept(child, title, whole, marked=marked))
    return replace(node, children=children)


def _holds(node: Node, title: Node | None) -> bool:
    return title is not None and any(each is title for each in node.walk() if each.tag == "h1")


def _is_furniture(node: Node, marked: bool) -> bool:
    if node.tag in _TAGS or node.get("role").lower() in _ROLES:
        return True
    links = node.linked > node.size / 2
    if node.tag == "aside":
        # Beside an article stand facts, or other pages.
        return links or not marked
    if node.tag == "header":
        # The header of an article is part of it; that of the page stands outside its main part.
        return not marked
    if node.tag in ("ul", "ol") and not marked:
        items = list(node.elements())
        return len(items) > 2 and node.linked >= LINKS * node.size > 0
    return False


def _is_named(node: Node) -> bool:
    """Tell whether an element has the name of furniture."""
    if node.tag in ("p", "span", "a", "li", "td", "th", "tr", *HEADINGS):
        return False
    names = {word.lower() for word in _WORD.findall(f"{node.get('class')} {node.get('id')}".replace("ø", "o"))}
    weak = node.linked > node.size / 2 or node.size < SHORT
    return not names.isdisjoint(_NAMES) or (weak and not names.isdisjoint(_WEAK))


def _without_other_pages(node: Node) -> Iterator[Node | str]:
    """Yield the children without a heading like «Les også» and what follows it, as far as that is nothing but links."""
    skipping = False
    for at, child in enumerate(node.children):
        if isinstance(child, str):
            yield child
            continue
        if child.tag in HEADINGS and _OTHER_PAGES.match(words_of(child)):
            after = next((each for each in node.children[at + 1 :] if isinstance(each, Node) and each.size), None)
            skipping = after is None or _only_links(after)
        elif child.size:
            skipping = skipping and child.tag not in HEADINGS and _only_links(child)
        if not skipping:
            yield child


def _only_links(node: Node) -> bool:
    return node.linked >= LINKS * node.size
