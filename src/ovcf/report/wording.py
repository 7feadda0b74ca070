"""The words of :mod:`ovcf.render.words.wording`, under the name by which the figures and the reading page know them."""

from ovcf.render.words.wording import (
    created,
    decimal,
    either,
    interval,
    moment,
    points,
    quantity,
    share,
    shares,
    size_of,
    spread,
    typeset,
    with_spread,
)

__all__ = [
    "created", "decimal", "either", "interval", "moment", "points", "quantity", "share",
    "shares", "size_of", "spread", "typeset", "with_spread",
]  # fmt: skip
