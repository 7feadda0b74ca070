"""The assessment as JSON, a self-contained HTML page and a PDF."""
