"""The picture of docs/how-to/dicom.md: what a viewer draws of our objects, made from their files alone.

python -m scripts.dicom_picture OBJECTS STUDY docs/dicom.png
"""

import sys
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont

from scripts.small_picture import small_png

HEIGHT = 560
LINE, POINT = (255, 210, 60), (90, 200, 255)


def items(item, value_type=None):
    """Every content item below one."""
    for below in item.get("ContentSequence", ()):
        if value_type is None or below.ValueType == value_type:
            yield below
        yield from items(below, value_type)


def drawn_on(report, uid):
    """The points and lines of a report on one image."""
    for scoord in items(report, "SCOORD"):
        if scoord.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == uid:
            yield scoord.GraphicType, np.reshape(list(scoord.GraphicData), (-1, 2))


def bodies_on(segmentation, uid):
    """The number of the segment of each pixel of one image."""
    found = np.zeros((segmentation.Rows, segmentation.Columns), np.uint8)
    for frame, group in zip(segmentation.pixel_array, segmentation.PerFrameFunctionalGroupsSequence, strict=True):
        source = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        if source == uid:
            found[frame > 0] = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
    return found


def grey(ds):
    """The stored pixels as a viewer shows them."""
    low, width = float(ds.WindowCenter) - float(ds.WindowWidth) / 2, float(ds.WindowWidth)
    return np.repeat((255 * np.clip((ds.pixel_array - low) / width, 0, 1)).astype(np.uint8)[..., None], 3, axis=-1)


def coloured(pixels, bodies):
    """Bodies laid over in the colours of a wheel."""
    import colorsys

    for n in np.unique(bodies[bodies > 0]):
        colour = 255 * np.array(colorsys.hsv_to_rgb(5 * int(n) % 12 / 12, 0.75, 1))
        pixels[bodies == n] = 0.62 * pixels[bodies == n] + 0.38 * colour
    return pixels


def panel(ds, report, bodies, title):
    """One image with everything that stands on it."""
    pixels = grey(ds) if bodies is None else coloured(grey(ds), bodies)
    marks = list(drawn_on(report, ds.SOPInstanceUID))
    every = np.concatenate([points for _, points in marks])
    (left, top), (right, bottom) = every.min(axis=0), every.max(axis=0)
    margin = 0.12 * (bottom - top)
    box = [int(v) for v in (left - 2.5 * margin, top - margin, right + 2.5 * margin, bottom + margin)]
    scale = HEIGHT / (box[3] - box[1])
    picture = (
        Image.fromarray(pixels).crop(box).resize((round(scale * (box[2] - box[0])), HEIGHT), Image.Resampling.BICUBIC)
    )
    draw = ImageDraw.Draw(picture)
    for kind, points in marks:
        at = [tuple(scale * (p - box[:2])) for p in points]
        if kind == "POINT":
            draw.ellipse([(at[0][0] - 3, at[0][1] - 3), (at[0][0] + 3, at[0][1] + 3)], outline=POINT, width=2)
        for a, b in zip(at[::2], at[1::2], strict=False):
            draw.line([a, b], fill=LINE, width=3)
    draw.rectangle([(0, HEIGHT - 30), (picture.width, HEIGHT)], fill=(0, 0, 0))
    draw.text((10, HEIGHT - 26), title, fill=(230, 230, 230), font=ImageFont.load_default(15))
    return picture


def main(objects, study, out):
    """Both images side by side."""
    report = pydicom.dcmread(objects / "report.sr.dcm")
    segmentation = pydicom.dcmread(objects / "vertebrae.seg.dcm")
    images = [pydicom.dcmread(f) for f in sorted(study.rglob("*.dcm"))]
    film = next(ds for ds in images if ds.Modality == "DX")
    counts = {ds.SOPInstanceUID: sum(len(p) for _, p in drawn_on(report, ds.SOPInstanceUID)) for ds in images}
    slice_ = max((ds for ds in images if ds.Modality == "MR"), key=lambda ds: counts[ds.SOPInstanceUID])
    panels = [
        panel(film, report, None, "Radiograph: landmarks, heights, kyphosis (SR)"),
        panel(slice_, report, bodies_on(segmentation, slice_.SOPInstanceUID), "T2: the same, and the bodies (SEG)"),
    ]
    whole = Image.new("RGB", (sum(p.width for p in panels) + 12, HEIGHT), (255, 255, 255))
    x = 0
    for one in panels:
        whole.paste(one, (x, 0))
        x += one.width + 12
    Path(out).write_bytes(small_png(whole))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
