"""Makes the Chinese letters of the PDF from Noto Sans: only those that a report may need; the wheel stays small.

    python -m scripts.chinese_fonts NotoSansSC-Regular.otf NotoSansCJKjp-Bold.otf src/ovcf/report/fonts

Run once, by hand; its results are part of the repository. The sources are those of the packages of PyPI
pylopdf-fonts-zh-cn 0.1.1 and rinoh-typeface-notosanscjk 0.0.1 (both SIL Open Font Licence 1.1). The Bold is that
of the family for all of East Asia: its letters are exchanged for those that it has for mainland China.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
FAMILY = "Noto Sans SC"


def level_one() -> set[int]:
    """The 3755 most used characters (first level of GB 2312) and all punctuation of that standard."""
    pairs = [(row, cell) for row in (*range(0xA1, 0xA4), *range(0xB0, 0xD8)) for cell in range(0xA1, 0xFF)]
    found = set()
    for pair in pairs:
        try:
            found.add(ord(bytes(pair).decode("gb2312")))
        except UnicodeDecodeError:
            continue
    return found


def in_catalogues() -> set[int]:
    """Every character of the catalogues."""
    found = set()
    for file in (ROOT / "src" / "ovcf" / "language" / "zh").glob("*.json"):
        found |= {ord(c) for text in json.loads(file.read_text("utf-8")).values() for c in text}
    return {c for c in found if c > 0x7F}


def for_mainland(font: TTFont) -> None:
    """Point every character at the letter of the feature ``locl`` for simplified Chinese."""
    table = font["GSUB"].table
    script = next(r.Script for r in table.ScriptList.ScriptRecord if r.ScriptTag == "hani")
    speech = next(r.LangSys for r in script.LangSysRecord if r.LangSysTag == "ZHS ")
    exchanged: dict[str, str] = {}
    for index in speech.FeatureIndex:
        record = table.FeatureList.FeatureRecord[index]
        for lookup in record.Feature.LookupListIndex if record.FeatureTag == "locl" else ():
            for part in table.LookupList.Lookup[lookup].SubTable:
                exchanged |= getattr(getattr(part, "ExtSubTable", part), "mapping", {})
    for cmap in font["cmap"].tables:
        if hasattr(cmap, "cmap"):
            cmap.cmap = {code: exchanged.get(glyph, glyph) for code, glyph in cmap.cmap.items()}


def subset(source: str, target: Path, wanted: set[int]) -> None:
    """One font of the wanted characters alone, under one family name."""
    font = TTFont(source, recalcTimestamp=False)
    if "JP" in str(font["name"].getDebugName(1)):
        for_mainland(font)
    options = Options()
    options.layout_features, options.hinting, options.desubroutinize = [], False, False
    options.name_IDs, options.notdef_outline = [0, 1, 2, 4, 5, 6, 13, 14], True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    style = "Bold" if font["OS/2"].usWeightClass > 500 else "Regular"
    for place, text in {1: FAMILY, 2: style, 4: f"{FAMILY} {style}", 6: f"NotoSansSC-{style}"}.items():
        font["name"].setName(text, place, 3, 1, 0x409)
    font.save(target)


if __name__ == "__main__":
    regular, bold, folder = sys.argv[1:]
    subset(regular, Path(folder) / "NotoSansSC-Regular.otf", level_one() | in_catalogues())
    subset(bold, Path(folder) / "NotoSansSC-Bold.otf", level_one() | in_catalogues())
