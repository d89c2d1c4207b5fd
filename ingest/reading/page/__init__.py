"""What a web page says, as blocks: its own text without menus, banners and footers; knows nothing of the parser."""

from ingest.reading.page.about import Head, about_page
from ingest.reading.page.main import main_content
from ingest.reading.page.tree import Node
from ingest.reading.page.walk import page_blocks

__all__ = ["Head", "Node", "about_page", "main_content", "page_blocks"]
