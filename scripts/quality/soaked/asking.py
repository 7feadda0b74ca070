"""How a client asks a service that is killed meanwhile: again, until it is answered."""

import time

import httpx2

_AGAIN_S = 0.2


class LostError(Exception):
    """A line broke: whether what was asked was done is not known."""


class StoppedAskingError(Exception):
    """The soak is over."""


class Asking:
    """One person's client. ``promised`` counts what answers are none."""

    def __init__(self, address, cookie, promised, stop):
        self.promised, self.stop = promised, stop
        self._client = httpx2.Client(
            base_url=f"{address}/api/v1/", headers={"Origin": address, "Cookie": cookie}, timeout=150
        )

    def once(self, method, path, **more):
        """Ask once.

        Raises:
            LostError: there was no answer.
        """
        try:
            answer = self._client.request(method, path, **more)
        except (httpx2.TransportError, httpx2.StreamError) as error:
            if self.stop.is_set():
                raise StoppedAskingError from error
            raise LostError from error
        if answer.status_code >= 500:
            # A reading whose process was killed twice while it was asked is refused, and nothing of it is lost.
            self.promised.count(f"answers {answer.status_code}")
            if answer.status_code != 503:
                self.promised.fault(f"{method} {path.split('/')[0]}: {answer.status_code} {answer.text[:300]}")
        return answer

    def ask(self, method, path, **more):
        """Ask until there is an answer: for what may be asked twice.

        Raises:
            StoppedAskingError: there is none before the soak is over.
        """
        while True:
            try:
                answer = self.once(method, path, **more)
                if answer.status_code not in (429, 503):
                    return answer
            except LostError:
                pass
            if self.stop.wait(_AGAIN_S):
                raise StoppedAskingError

    def lines(self):
        """The worklist, whole."""
        found, cursor = [], None
        while True:
            page = self.ask("GET", "worklist", params={"limit": 200} | ({"cursor": cursor} if cursor else {})).json()
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    def ready(self, seconds=60.0):
        """Whether the service answers within so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if self._client.get("me", timeout=5).status_code == 200:
                    return True
            except httpx2.TransportError:
                time.sleep(_AGAIN_S)
        return False
