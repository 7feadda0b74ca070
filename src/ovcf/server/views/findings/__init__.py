"""Findings as the page shows them: what was read, what the reader may say instead, what asks to be confirmed."""
