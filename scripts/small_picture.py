"""A picture of the documentation with few colours: a fraction of the bytes, and nothing that an eye would miss.

python -m scripts.small_picture docs/reading-page.png ...

Writes each file again, if that is smaller. Screenshots are taken by hand (``OVCF_SCREENSHOTS`` in tests/e2e) and passed
through this; pictures that a script makes are saved by it.
"""

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image

MOST_BYTES = 300_000
"""Of one picture under docs (tests/test_house.py)."""
FINE, COARSE = (128, 128), (40, 160)
"""Greys and other colours: those that hold an MR image without steps, and those that hold a page of text, or a picture
that would else be too large."""


def small_png(page: Image.Image, palette: tuple[int, int] = FINE) -> bytes:
    """The picture as PNG with a palette of greys and other colours, of fewer greys where it would be too large."""
    page, out = page.convert("RGB"), io.BytesIO()
    few = page.quantize(palette=palette_of(page, *palette), dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    fits = out.tell() <= MOST_BYTES or palette == COARSE
    return out.getvalue() if fits else small_png(page, COARSE)


def palette_of(page: Image.Image, greys: int, colours: int) -> Image.Image:
    """Greys, and colours of what is coloured: most of a page is grey, and one palette for all would lose the rest."""
    pixels = np.asarray(page).reshape(-1, 3)
    coloured = pixels[np.ptp(pixels.astype(int), axis=1) > 8]
    chosen = np.repeat(np.linspace(0, 255, greys).round().astype(np.uint8), 3).tolist()
    if len(coloured):
        few = Image.fromarray(coloured[None]).quantize(colours, dither=Image.Dither.NONE).getpalette() or []
        chosen += few[: 3 * colours]
    palette = Image.new("P", (1, 1))
    palette.putpalette(chosen)
    return palette


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pictures", type=Path, nargs="+")
    for path in parser.parse_args().pictures:
        before = path.stat().st_size
        made = small_png(Image.open(path))
        if len(made) < before:
            path.write_bytes(made)
        print(f"{path}: {before:,} bytes, now {path.stat().st_size:,}")


if __name__ == "__main__":
    main()
