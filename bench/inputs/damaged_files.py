"""Sound inputs of every kind, and what can happen to them: the material of ``fuzz.py``."""

from __future__ import annotations

import gzip
import io
import json
import math
import random
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    MRImageStorage,
    RLELossless,
    generate_uid,
)

CASE = """index_level = "L1"
age_years = 72
sex = "female"
t_score = "-2.9"
other_fractures = ["T12"]
[neurology]
gait_change = false
[red_flags]
fever = false
"""
DICTIONARY = """missing_codes = ["-99"]
[id]
type = "text"
role = "id"
[age]
type = "number"
unit = "years"
range = [18, 110]
[group]
type = "category"
levels = {a = "A", b = "B"}
role = "group"
"""
REDCAP = """Variable / Field Name,Form Name,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"
id,f,text,Id,
age,f,text,Age,
sex,f,radio,Sex,"1, female | 2, male"
pain,f,checkbox,Pain,"1, back | 2, leg"
"""
TABLE = "id,age,group\n1,70,a\n2,81.5,b\n3,-99,a\n4,,b\n"
RECIPE = 'seed = 7\nsex = "female"\nage_years = 70\n[[fractures]]\nlevel = "L1"\nshape = "wedge"\nvhl_percent = 25\n'
NASTY = [
    b"1_0",
    b"1e999",
    b"-1e999",
    b"nan",
    b"NaN",
    b"Infinity",
    b"9" * 5000,
    b"0x" + b"F" * 9000,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"a." * 3000,
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbc\x91",
    b'"',
    b"'''",
    b'"""',
    b"\\",
    b"\\ud800",
    b"\r",
    b"\n",
    b"\x0b",
    b"\x1b[31m",
    b"\xe2\x80\xae",
    b",",
    b";",
    b"\t",
    b"|",
    b"=1+1|cmd",
    b"$\\frac{1$",
    b"#",
    b"{}",
    b"[]",
    b"null",
    b"true",
    b"a" * 140_000,
    b"-0",
    b"1,5",
    b"T99",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\xff\xff",
    b"\x00\x00",
]
ABSENT_TAGS = (
    "PerFrameFunctionalGroupsSequence",
    "SharedFunctionalGroupsSequence",
    "AnatomicRegionSequence",
    "NumberOfFrames",
    "PatientBirthDate",
    "SpacingBetweenSlices",
)
Maker = Callable[[], bytes]


def landmarks(scale: float = 1.0) -> list[dict[str, object]]:
    """Three ordinary bodies, millimetres times ``scale``."""
    names = ("superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior")
    corners = ((10, 10), (44, 10), (10, 36), (44, 36))
    return [
        {"level": level, **{n: [x * scale, (y + 37 * i) * scale] for n, (x, y) in zip(names, corners, strict=True)}}
        for i, level in enumerate(("T12", "L1", "L2"))
    ]


def landmark_json() -> bytes:
    """A landmark file."""
    return json.dumps({"unit": "mm", "modality": "MR", "vertebrae": landmarks()}).encode()


def landmark_csv() -> bytes:
    """The same as a table."""
    lines = ["# modality: MR", "level,point,x_mm,y_mm,sd"]
    for entry in landmarks():
        lines += [f"{entry['level']},{k},{v[0]},{v[1]},0.5" for k, v in entry.items() if isinstance(v, list)]
    return "\n".join(lines).encode()


def dicom(syntax: str = ExplicitVRLittleEndian) -> bytes:
    """One sagittal MR slice."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = MRImageStorage, generate_uid(entropy_srcs=["fuzz"])
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
    ds.SeriesInstanceUID = ds.StudyInstanceUID = generate_uid(entropy_srcs=["series"])
    ds.Modality, ds.PatientID, ds.PatientSex, ds.PatientAge, ds.StudyDate = "MR", "P1", "F", "072Y", "20240131"
    ds.SeriesDescription, ds.RepetitionTime, ds.EchoTime = "SAG T2 TSE", 3500.0, 100.0
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 0], [0, 1, 0, 0, 0, -1]
    ds.PixelSpacing, ds.SliceThickness, ds.RescaleSlope, ds.RescaleIntercept = [1, 1], 4, 1, 0
    ds.Rows = ds.Columns = 24
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = (np.arange(576) % 400).astype("<u2").tobytes()
    if syntax in (RLELossless, JPEGLSLossless):
        ds.compress(syntax)
    elif syntax != ExplicitVRLittleEndian:
        meta.TransferSyntaxUID = syntax
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def nifti(labels: bool = False) -> bytes:
    """A small volume, or a label map of two bodies."""
    voxels = (np.arange(12 * 40 * 30) % 997).reshape(12, 40, 30).astype(np.int16)
    if labels:
        voxels[:] = 0
        voxels[2:10, 4:28, 3:17], voxels[2:10, 4:28, 21:29] = 20, 21
    image = nibabel.Nifti1Image(voxels, np.diag([3.0, 1.5, 1.5, 1]))
    image.set_qform(image.affine, 1)
    return bytes(image.to_bytes())


def picture(kind: str, **how: str) -> bytes:
    """A film as a picture."""
    file = io.BytesIO()
    Image.fromarray(np.add.outer(np.arange(90), np.arange(70)).astype(np.uint8)).save(file, kind, **how)
    return file.getvalue()


def zipped(name: str = "a.dcm", method: int = zipfile.ZIP_DEFLATED, inner: bytes | None = None) -> bytes:
    """An archive of one slice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), inner or dicom(), method)
    return out.getvalue()


def workbook() -> bytes:
    """The table on the first sheet of an Excel workbook."""
    import csv

    import openpyxl

    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(TABLE)):
        book.active.append([float(cell) if re.fullmatch(r"[\d.-]+", cell) else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _with_a_wrong_part(content: bytes, rng: random.Random) -> bytes:
    """A workbook with the XML of one part damaged, the archive around it whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        spoiled = rng.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, damaged("part.toml", part, rng) if name == spoiled else part)
    return out.getvalue()


SOUND: dict[str, Maker] = {
    "case.toml": CASE.encode,
    "case.json": lambda: json.dumps({"index_level": "L1", "vas": 7, "neurology": {"gait_change": False}}).encode(),
    "landmarks.json": landmark_json,
    "landmarks.csv": landmark_csv,
    "table.csv": TABLE.encode,
    "dictionary.toml": DICTIONARY.encode,
    "redcap.csv": REDCAP.encode,
    "recipe.toml": RECIPE.encode,
    "plain.dcm": dicom,
    "rle.dcm": lambda: dicom(RLELossless),
    "jpegls.dcm": lambda: dicom(JPEGLSLossless),
    "deflated.dcm": lambda: dicom(DeflatedExplicitVRLittleEndian),
    "image.nii": nifti,
    "image.nii.gz": lambda: gzip.compress(nifti(), mtime=0),
    "labels.nii": lambda: nifti(labels=True),
    "labels.nii.gz": lambda: gzip.compress(nifti(labels=True), mtime=0),
    "film.png": lambda: picture("PNG"),
    "film.jpg": lambda: picture("JPEG"),
    "film.tif": lambda: picture("TIFF", compression="tiff_lzw"),
    "study.zip": zipped,
    "lzma.zip": lambda: zipped(method=zipfile.ZIP_LZMA),
    "workbook.xlsx": workbook,
}


def spoilt(name: str, rng: random.Random) -> bytes:
    """One sound input with something wrong in it: half keep their form and have one wrong value, half are damaged."""
    if rng.random() < 0.5:
        return damaged(name, SOUND[name](), rng)
    kind = name.rpartition(".")[2]
    if kind in ("png", "jpg", "tif"):
        return damaged(name, SOUND[name](), rng)
    if kind in ("toml", "json", "csv"):
        content = SOUND[name]()
        words = list(re.finditer(rb'"[^"]*"|[\w.+-]+', content))
        at = rng.choice(words)
        return content[: at.start()] + rng.choice((*NASTY, rng.choice(words)[0])) + content[at.end() :]
    if kind == "xlsx":
        return _with_a_wrong_part(SOUND[name](), rng)
    if kind == "dcm":
        return _with_a_wrong_tag(SOUND[name](), rng)
    if kind == "zip":
        inner = _with_a_wrong_tag(dicom(), rng) if rng.random() < 0.5 else dicom()
        odd = (
            "",
            ".",
            "..",
            "/a",
            "C:a",
            "a" * 300,
            "\u202e.dcm",
            "a/",
            "./a.dcm",
            "a\\b.dcm",
            "\ud7ff",
            "con",
            "a\nb",
        )
        return zipped(rng.choice(odd), rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)), inner)
    wrong = _with_a_wrong_field(nifti(labels=name.startswith("labels")), rng)
    return gzip.compress(wrong, 1, mtime=0) if kind == "gz" else wrong


def _with_a_wrong_tag(content: bytes, rng: random.Random) -> bytes:
    """A DICOM file with the value of one element replaced, whatever its type says."""
    ds = pydicom.dcmread(io.BytesIO(content))
    odd = (
        "",
        "nan",
        "1e300",
        "-1",
        "0",
        "65535",
        "1_0",
        "1\\2",
        "L\\P",
        "9" * 16,
        "\x1b[0m",
        "MONOCHROME1",
        "\u00e9" * 40,
    )
    names = [*(e.keyword for e in ds if e.keyword != "PixelData"), *ABSENT_TAGS]
    tag = pydicom.datadict.tag_for_keyword(rng.choice(names))
    if rng.random() < 0.2:
        ds.pop(tag, None)
    else:
        value = rng.choice(odd).encode("latin-1")
        usual = pydicom.datadict.dictionary_VR(tag)
        vr = rng.choice(("LO", "UN", "DS", "US", "SH", usual, usual))
        vr = "LO" if vr in ("SQ", "OB or OW", "US or SS") else vr
        if vr in ("US", "SS", "UL", "FD", "FL"):
            value = bytes(rng.choice((0, 255, 127)) for _ in range({"US": 2, "SS": 2, "FD": 8}.get(vr, 4)))
        ds[tag] = pydicom.dataelem.RawDataElement(
            pydicom.tag.Tag(tag), vr, len(value) + len(value) % 2, value + b" " * (len(value) % 2), 0, False, True
        )
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=False)
    return out.getvalue()


def _with_a_wrong_field(content: bytes, rng: random.Random) -> bytes:
    """A NIfTI file with one number of its header replaced by one that it cannot be."""
    data = bytearray(content)
    floats = [76 + 4 * i for i in range(8)] + [108, 112, 116] + [256 + 4 * i for i in range(18)]
    if rng.random() < 0.6:
        struct.pack_into("<f", data, rng.choice(floats), rng.choice((0, -1, math.nan, math.inf, 1e30, 1e-30, 100.0)))
    else:
        at = rng.choice([*range(40, 56, 2), 70, 72, 252, 254])
        struct.pack_into("<h", data, at, rng.choice((0, -1, 32767, 2, 4, 64, 128, 1)))
    return bytes(data)


def damaged(name: str, content: bytes, rng: random.Random) -> bytes:
    """The content after one to three accidents; half of those to packed files happen to what is packed."""
    if name.endswith(".gz") and rng.random() < 0.5:
        return gzip.compress(damaged(name[:-3], gzip.decompress(content), rng), 1, mtime=0)
    data = bytearray(content)
    text = name.endswith((".toml", ".json", ".csv"))
    for _ in range(rng.randint(1, 3)):
        # Headers are hit most: there damage does most.
        at = rng.randrange(min(len(data), 700) if rng.random() < 0.7 else len(data)) if data else 0
        kind = rng.randrange(6 if text else 5)
        if kind == 0 and data:
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at:at] = rng.choice(NASTY)
        elif kind == 2 and data:
            wide = rng.choice((1, 2, 4, 8, 60))
            data[at : at + wide] = rng.choice((b"\xff", b"\x00", b"\x80", b"\x7f")) * wide
        elif kind == 3:
            del data[at : at + rng.choice((1, 2, 4, 100))]
        elif kind == 4 and data:
            other = rng.randrange(len(data))
            data[at:at] = data[other : other + rng.choice((1, 8, 64))]
        elif kind == 5:
            end = at + rng.randint(1, 6)
            data[at:end] = rng.choice(NASTY)
    return bytes(data)


def written(folder: Path, name: str, content: bytes) -> Path:
    """The file, under its own name so that the reader chosen by name is the one meant."""
    path = folder / name
    path.write_bytes(content)
    return path
