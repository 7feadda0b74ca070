"""A model file that is damaged, exchanged or not there is never used."""

import hashlib
import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from ovcf.errors import MissingFileError, UnreadableFileError
from ovcf.segmentation.network import model_files
from ovcf.segmentation.network.builtin_model import MODEL, builtin_network, model_card
from ovcf.segmentation.network.model_files import DIGESTS, digests, model_file


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the model files that may be damaged."""
    copy = tmp_path / "model"
    shutil.copytree(str(files("ovcf.segmentation").joinpath("model")), copy)
    monkeypatch.setattr(model_files, "folder", lambda: copy)
    for kept in (digests, model_card, builtin_network):
        kept.cache_clear()
    yield copy
    for kept in (digests, model_card, builtin_network):
        kept.cache_clear()


def test_every_model_file_has_its_digest_and_no_other():
    names = {p.name for p in Path(str(model_files.folder())).iterdir()} - {DIGESTS}
    assert names == digests().keys()
    for name in names:
        assert hashlib.sha256(model_file(name)).hexdigest() == digests()[name]


@pytest.mark.parametrize("name", sorted(digests()))
def test_one_changed_bit_is_seen(folder, name):
    damaged = bytearray((folder / name).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / name).write_bytes(damaged)
    with pytest.raises(UnreadableFileError, match="not the file that was released"):
        model_file(name)


def test_a_damaged_network_does_not_run(folder):
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:-1])
    with pytest.raises(UnreadableFileError):
        builtin_network()


def test_a_file_without_a_digest_is_not_used(folder):
    (folder / "other.json").write_text("{}")
    with pytest.raises(UnreadableFileError):
        model_file("other.json")


def test_a_missing_model_is_named(folder):
    (folder / MODEL).unlink()
    with pytest.raises(MissingFileError, match=MODEL):
        builtin_network()


@pytest.mark.parametrize("card", ["model_card.json", "radiograph_card.json"])
def test_whose_images_taught_a_model_stands_in_its_card_the_notice_and_the_page_about_it(card):
    """CC BY asks for the name, the source, the licence and what was changed."""
    sources = json.loads(model_file(card))["sources_of_real_images"]
    assert sources
    pages = [
        Path(__file__).parents[2].joinpath(*name).read_text(encoding="utf-8")
        for name in (["NOTICE"], ["docs", "model.md"])
    ]
    for source in sources:
        assert "CC BY 4.0" in source
        (author, *_), found = source.split(), re.findall(r"10\.\d{4,}/[\w.]+\w", source)
        assert found
        for page in pages:
            assert author in page
            assert all(doi in page for doi in found)
            assert "creativecommons.org/licenses/by/4.0" in page
