"""What happens to a film between the detector and the file that a reader is sent: window, screenshot, writing, borders.

Everything here changes the picture only, never where anything lies.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

_WORDS = ("L", "R", "LAT", "LATERAL", "STEHEND", "STANDING", "SUPINE", "71 kV", "12:41", "1/2", "F 068Y", "2019-04-11")


def printed(rng: np.random.Generator, image: Image, inside: NDArray[np.bool_] | None = None) -> Image:
    """A picture from about 0 to 1 as it may be sent on: window burnt in, eight bits, compressed, written upon.

    ``inside`` is what the shutters leave; borders drawn here lie outside of it.
    """
    out = np.clip(np.asarray(image, np.float32), 0, 1.4)
    if rng.random() < 0.5:  # the window someone chose: what is beyond it is gone
        seen = out[inside] if inside is not None and inside.any() else out
        low, high = np.percentile(seen, (rng.uniform(0, 14), rng.uniform(88, 100)))
        out = np.clip((out - low) / max(float(high - low), 0.05), 0, 1)
    out = np.clip(out / max(float(out.max()), 1e-3), 0, 1) ** np.float32(np.exp(rng.normal(0, 0.25)))
    picture = Picture.fromarray(np.uint8(np.round(255 * out)))
    _write(rng, picture)
    if rng.random() < 0.6:
        if rng.random() < 0.4:  # shown smaller or larger on a screen
            size, share = picture.size, rng.uniform(0.6, 1.6)
            small = picture.resize([max(16, round(n * share)) for n in size], Picture.Resampling.BILINEAR)
            picture = small.resize(size, Picture.Resampling.BICUBIC)
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(20, 92)))
        picture = Picture.open(file)
    return np.asarray(picture, np.float32) / 255


def _write(rng: np.random.Generator, picture: Picture.Image) -> None:
    """Side marker, words in the corners, a scale, and a border, each now and then."""
    pen, (width, height) = ImageDraw.Draw(picture), picture.size
    grey = int(rng.choice([255, 255, 230, 0]))
    if rng.random() < 0.5:
        at = rng.uniform(0.03, 0.92, 2) * (width, height)
        mark = ImageFont.load_default(float(rng.uniform(12, 30)))
        letter = str(rng.choice(["L", "R"]))
        if rng.random() < 0.4:
            box = pen.textbbox(tuple(at), letter, font=mark)
            pen.rectangle([box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3], fill=255 - grey, outline=grey)
        pen.text(tuple(at), letter, fill=grey, font=mark)
    if rng.random() < 0.35:
        font = ImageFont.load_default(float(rng.uniform(7, 13)))
        for _ in range(int(rng.integers(1, 4))):
            lines = "\n".join(str(w) for w in rng.choice(_WORDS, int(rng.integers(1, 5))))
            corner = rng.choice([0.02, 0.75]), rng.choice([0.02, 0.82])
            pen.multiline_text((corner[0] * width, corner[1] * height), lines, fill=grey, font=font)
    if rng.random() < 0.15:
        x, top, step = rng.choice([0.03, 0.96]) * width, rng.uniform(0.1, 0.5) * height, rng.uniform(6, 14)
        for k in range(11):
            pen.line([(x, top + k * step), (x + (8 if k % 5 == 0 else 4), top + k * step)], fill=grey)
    if rng.random() < 0.3:
        value = int(rng.choice([0, 0, 255, 40]))
        for side, share in enumerate(rng.uniform(0, 0.1, 4) * (rng.random(4) < 0.6)):
            box = [
                (0, 0, share * width, height),
                ((1 - share) * width, 0, width, height),
                (0, 0, width, share * height),
                (0, (1 - share) * height, width, height),
            ][side]
            if share > 0:
                pen.rectangle(box, fill=value)
