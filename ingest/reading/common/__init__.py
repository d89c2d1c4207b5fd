"""What several readers need: tables as rows, zip files with XML inside, dates, and what documents say of themselves."""
