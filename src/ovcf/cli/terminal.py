"""Tables and styled text on a terminal, with whatever comes from a file cleaned."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment

from ovcf.cli.streams import leave
from ovcf.plain_text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType


class Terminal(Console):
    """A console that prints clean text, its own colours aside, and works on when nobody reads any more."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Every piece of text that is printed comes through here."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else piece._replace(text=clean(piece.text))

    def on_broken_pipe(self) -> None:
        """Nobody reads: the work goes on, the printing ends."""
        self.quiet = True
        leave(sys.stderr if self.stderr else sys.stdout)
