"""Reading a drawing back: words with the place they take, lines, dots and the pixels inside."""

import base64
import io
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageFont

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
INDEX, ANGLE = "#ffc34d", "#f0e442"
_WIDEST = str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf")
"""The widest font that a viewer may fall back to."""


@dataclass(frozen=True)
class Word:
    """Words of a drawing with the box that they take in the widest font."""

    text: str
    colour: str
    box: tuple[float, float, float, float]


class Drawn:
    """The parts of an SVG, in its own units."""

    def __init__(self, svg):
        self.root = ET.fromstring(svg)

    @cached_property
    def words(self):
        """Each text once: the halo repeats it."""
        return [_word(e) for e in self.root.iter(f"{SVG}text") if e.attrib["fill"] != "none"]

    def word(self, text):
        (found,) = [w for w in self.words if w.text == text]
        return found

    @property
    def texts(self):
        return [w.text for w in self.words]

    def lines(self, colour):
        """The points ``(n, 2)`` of every line of a colour."""
        return [_points(e) for e in self.root.iter(f"{SVG}polyline") if e.attrib["stroke"] == colour]

    @property
    def dots(self):
        """Centres of the corner dots, ``(n, 2)``."""
        return np.array([[float(e.attrib["cx"]), float(e.attrib["cy"])] for e in self.root.iter(f"{SVG}circle")])

    @property
    def paths(self):
        return list(self.root.iter(f"{SVG}path"))

    def grey(self, points):
        """Grey levels 0 to 1 of the first picture at points ``(n, 2)`` of the drawing."""
        e = next(self.root.iter(f"{SVG}image"))
        x, y, width, height = (float(e.attrib[k]) for k in ("x", "y", "width", "height"))
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(e.attrib[HREF].partition(",")[2]))), float) / 255
        at = (np.asarray(points) - [x, y]) * [pixels.shape[1] / width, pixels.shape[0] / height]
        column, row = np.clip(at.astype(int), 0, np.array(pixels.shape[::-1]) - 1).T
        return pixels[row, column]


def _word(e):
    x, y, size = (float(e.attrib[k]) for k in ("x", "y", "font-size"))
    _, top, right, bottom = ImageFont.truetype(_WIDEST, 100).getbbox(e.text, anchor="ls")
    width = right * size / 100
    x -= {"start": 0.0, "middle": width / 2, "end": width}[e.attrib["text-anchor"]]
    return Word(e.text, e.attrib["fill"], (x, y + top * size / 100, x + width, y + bottom * size / 100))


def _points(e):
    return np.array([[float(n) for n in pair.split(",")] for pair in e.attrib["points"].split()])


def grid_in(box, n=9):
    """Points ``(n * n, 2)`` spread over a box (left, top, right, bottom)."""
    x, y = np.meshgrid(np.linspace(box[0], box[2], n), np.linspace(box[1], box[3], n))
    return np.column_stack([x.ravel(), y.ravel()])
