"""What a terminal shows of a batch."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from ovcf.cli.streams import say, say_json
from ovcf.render.words.batch_words import progress_words

if TYPE_CHECKING:
    from ovcf.batch.store.store import Store
    from ovcf.batch.work.progress import Progress
    from ovcf.batch.work.status import Status

_EVERY_S = 1.0
_EVERY_S_IN_A_LOG = 30.0
_SHOWN = 50


@dataclass(slots=True)
class Shown:
    """A line that is written over on a terminal, and now and then a new one in a log."""

    quiet: bool = False
    _next: float = field(default_factory=time.monotonic)
    _width: int = 0

    def progress(self, now: Progress) -> None:
        """How far it is, if it is time to say so."""
        if self.quiet or time.monotonic() < self._next:
            return
        live = sys.stderr is not None and sys.stderr.isatty()
        self._next = time.monotonic() + (_EVERY_S if live else _EVERY_S_IN_A_LOG)
        text = _words(now)
        if live:
            say(f"\r{text:<{self._width}}", error=True, end="")
            self._width = len(text)
        else:
            say(text, error=True)

    def end(self, now: Progress, store: Store) -> None:
        """How it ended."""
        if self.quiet:
            return
        if self._width:
            say("", error=True)
        say(f"{_words(now)}. Results: {store.url}")

    def status(self, found: Status, *, json: bool) -> None:
        """How far a batch is."""
        if json:
            from pydantic import TypeAdapter

            say_json(TypeAdapter(dict).dump_json(asdict(found), indent=2).decode())
            return
        said = ", ".join(f"{count:,} {outcome}" for outcome, count in found.outcomes.items()) or "none"
        say(f"{found.shards} of {found.of_shards} shards finished ({found.software})")
        say(f"Studies in them: {said}. Results in all: {found.results:,}.")
        for one in found.set_aside[:_SHOWN]:
            say(f"{one.outcome} {one.key[:12]}: {one.problem}. {one.remedy}")
        if len(found.set_aside) > _SHOWN:
            say(f"and {len(found.set_aside) - _SHOWN:,} more (--json shows all)")


def _words(now: Progress) -> str:
    return progress_words(
        done=now.done,
        total=now.total,
        outcomes={outcome.value: count for outcome, count in now.outcomes.items()},
        per_hour=now.per_hour,
        left_s=now.left_s,
    )
