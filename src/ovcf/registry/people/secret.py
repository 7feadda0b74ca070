"""What is kept of a secret that is itself random: of sessions, links and access tokens."""

from __future__ import annotations

import hashlib


def digest(secret: str) -> str:
    """SHA-256, in hexadecimal. Whoever holds the secret has 256 random bits: nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
