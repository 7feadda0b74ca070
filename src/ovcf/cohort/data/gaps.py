"""What stands for an unknown value in people's tables."""

from __future__ import annotations

_WORDS = "n/a na n.a. nd n.d. unknown missing #n/a #value! #div/0! #ref! #name? #num! #null!"
_SIGNS = "- -- . ? -99 -999 -9999 不详 未知 不明 缺失 未查 未做 未测"
GAPS = frozenset((*_WORDS.split(), *_SIGNS.split(), "not known", "not done"))
"""In lower case. ``无`` is none of them: it says that there is nothing."""
