"""How large names and letters on a panel are, and the room they take, in drawing units."""

from __future__ import annotations

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

TEXT, TEXT_SMALL = 27.0, 21.0
"""Size of names on a panel of three vertebrae, and on one of the whole spine."""
INDEX_SIZE = 1.12
"""How much larger the name of the index vertebra is."""
STRIP = 30.0
"""Height of the strip under a picture, for the scale."""
SMALL = 22.0
EM = 0.7
"""Width of a bold letter or digit over the size of the text, in the widest of the fonts that may be used."""
GAP = 9.0
EDGE = 12.0


def label_box(words: str, right: float, middle: float, size: float = TEXT) -> Box:
    """(left, top, right, bottom) of words that end at ``right`` and are centred at the height ``middle``."""
    return right - EM * size * len(words), middle - 0.55 * size, right, middle + 0.55 * size


def name_room(measured: bool, size: float) -> float:
    """Units that the name of a body takes in front of it: ``L1`` of the index vertebra, ``T12 ?`` if not measured."""
    return (3 if measured else 5) * EM * size * INDEX_SIZE + 2 * GAP


def letter_room() -> float:
    """Units that a letter takes at the border of the picture."""
    return EM * SMALL + EDGE + 4
