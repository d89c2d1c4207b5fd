"""The web page: Gradio in FastAPI, behind a guard of its own."""
