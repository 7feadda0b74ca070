"""How often somebody may try: counted in the memory of this process, as the service is one process."""

from __future__ import annotations

import hashlib
import math
import time
from threading import RLock
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from ovcf.errors import TooManyError

if TYPE_CHECKING:
    from fastapi import Request

ATTEMPTS_OF_ONE = RateLimitItemPerMinute(10, 15)
"""To sign in as one person; a success begins anew. Whether there is such a person makes no difference."""
FAILURES_FROM_ONE = RateLimitItemPerMinute(50, 15)
"""From one network address, whoever is meant: a hospital may share one."""
STRANGERS = RateLimitItemPerMinute(120)
"""Requests without a session, or with one or a token that is none, from one address."""
OF_A_SESSION = RateLimitItemPerMinute(1200)
"""Or of an access token."""


class Limits:
    """The counters."""

    def __init__(self) -> None:
        # The library starts a thread that clears its counters; two requests at the same moment start it twice.
        self._lock = RLock()
        self._attempts = MovingWindowRateLimiter(MemoryStorage())
        self._requests = FixedWindowRateLimiter(MemoryStorage())

    def before_attempt(self, code: str, address: str) -> None:
        """Count an attempt to sign in before it is looked at, so that many at the same time count, too.

        Raises:
            TooManyError: too many for this person or from this address; even the right password is refused then.
        """
        who = _key(code)
        with self._lock:
            # First: else it could lock out others still.
            if not self._attempts.test(FAILURES_FROM_ONE, "from", address):
                raise self._too_many(FAILURES_FROM_ONE, "from", address)
            if not self._attempts.hit(ATTEMPTS_OF_ONE, "person", who):
                raise self._too_many(ATTEMPTS_OF_ONE, "person", who)

    def failed(self, address: str) -> None:
        """An attempt from an address failed."""
        with self._lock:
            self._attempts.hit(FAILURES_FROM_ONE, "from", address)

    def succeeded(self, code: str) -> None:
        """A person signed in: earlier failures are forgotten."""
        with self._lock:
            self._attempts.clear(ATTEMPTS_OF_ONE, "person", _key(code))

    def stranger(self, address: str) -> None:
        """Count a request without a session.

        Raises:
            TooManyError: too many.
        """
        self._count(STRANGERS, "stranger", address)

    def session(self, secret: str) -> None:
        """Count a request of a session.

        Raises:
            TooManyError: too many.
        """
        self._count(OF_A_SESSION, "session", _key(secret))

    def _too_many(self, item: RateLimitItemPerMinute, *key: str) -> TooManyError:
        wait = self._attempts.get_window_stats(item, *key).reset_time - time.time()
        return TooManyError("signing in", "was tried too often", "Try again later.", max(1, math.ceil(wait)))

    def _count(self, item: RateLimitItemPerMinute, *key: str) -> None:
        with self._lock:
            counted = self._requests.hit(item, *key)
        if not counted:
            raise TooManyError("the service", "was asked too often", "Wait a minute, then try again.")


def came_from(request: Request) -> str:
    """The network address. Behind a proxy the server must be told which proxy to believe; no header is read here."""
    return request.client.host if request.client else "unknown"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
