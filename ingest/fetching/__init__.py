"""Documents from the web. Only `ingest fetch` and `ingest add URL` come here, and a person starts those."""

from ingest.fetching.client import Client
from ingest.fetching.entries import Outcome, fetch_entries, record_of
from ingest.fetching.fetcher import Download, Fetcher, Known
from ingest.fetching.pace import Pace

__all__ = ["Client", "Download", "Fetcher", "Known", "Outcome", "Pace", "fetch_entries", "record_of"]
