"""``ovcf reading``: look at a reading and edit it."""

from __future__ import annotations

from cyclopts import App

from ovcf.cli.reading_open import open_

app = App(name="reading", help="Look at a reading and edit it: every number follows.")
app.command(open_, name="open")
