"""Write the table of declared engines: ``python -m scripts.engine_page docs/engines.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from ovcf.segmentation.engine import published

_HEAD = """# Engines

What can look for vertebral bodies (`ovcf assess --engine ID`). Made from the declarations in
`src/ovcf/segmentation/engines/` by `python -m scripts.engine_page docs/engines.md`; `ovcf engines --json` prints the
same for a program. Everything after the bodies is the same for all. A new engine is one file there that ends with
`ENGINE = DeclaredEngine(...)` and gives an object with `name` and `segment`.
"""


def page() -> str:
    """The whole page."""
    lines = [_HEAD]
    for e in published().values():
        lines += [f"## {e.title} (`{e.id}`)", "", f"- Reads: {', '.join(e.reads)}", f"- Gives: {', '.join(e.gives)}"]
        lines += [f"- Licence: {e.licence}"]
        lines += [f"- Needs: {e.needs}"] if e.needs else []
        lines += [f"- Cite: {e.citation}"] if e.citation else []
        lines += [f"- Model `{file}`, SHA-256 `{digest}`" for file, digest in e.models]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
