"""A reading from before a section of the clinical file existed: it reads with that section empty."""

import io
import json
import zipfile
from dataclasses import is_dataclass, replace
from typing import get_type_hints

import pytest

from ovcf.clinical.case import ClinicalCase
from ovcf.reading.file import from_bytes, to_bytes
from tests.server.small_reading import small_reading

SECTIONS = {name: kind for name, kind in get_type_hints(ClinicalCase).items() if is_dataclass(kind)}


def without(data, section):
    """The archive, its clinical cases written by a program that did not know the section."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "reading.json":
                told = json.loads(content)
                for version in told["versions"]:
                    del version["case"][section]
                content = json.dumps(told).encode()
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("section", SECTIONS)
def test_it_reads_with_the_section_empty_and_everything_else_as_it_was(section):
    file = small_reading()
    read = from_bytes(without(to_bytes(file), section), "reading.ovcf")
    now = file.reading.current
    empty = replace(now, case=replace(now.case, **{section: SECTIONS[section]()}))
    assert read.reading.current == empty
    assert read.observations.keys() == file.observations.keys()
