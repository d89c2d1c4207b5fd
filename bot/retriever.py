"""The search as a langchain retriever."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bot.retrieval import Searcher


class HybridRetriever(BaseRetriever):
    """A search as a langchain retriever: documents best first, each with its `Hit` in the metadata.

    Attributes:
        searcher: What searches.
        sources: Search only these sources; None for all.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    searcher: Searcher
    sources: tuple[str, ...] | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.searcher.search(query, self.sources)
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata={"source": hit.passage.source, "hit": hit, "confidence": found.confidence},
            )
            for hit in found.hits
        ]
