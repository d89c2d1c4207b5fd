"""Keep the libraries from calling home."""

from __future__ import annotations

import os

_SWITCHES = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "TRANSFORMERS_OFFLINE": "1",
}


def go_offline() -> None:
    """Switch off telemetry and downloads, whatever the environment says.

    Call it before gradio, transformers, langchain or chromadb is imported: gradio and huggingface_hub read theirs then.
    """
    os.environ.update(_SWITCHES)
