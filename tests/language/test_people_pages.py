"""The pages of signing in: each word has its Chinese, and they are spoken as the browser asks."""

import json
import re
from importlib.resources import files

import pytest

from ovcf.language.spoken import speaking

CHINESE = json.loads(files("ovcf.language").joinpath("zh/people.json").read_text("utf-8"))
#: What scripts say through a table: roles, what a token may, and why it ended.
TOLD = {"reader", "researcher", "monitor", "coordinator", "admin"}
_SAID = re.compile(r'\bt\(\s*(?:\w+ \? )?"([^"]+)"(?:\s*:\s*"([^"]+)")?')


@pytest.fixture(scope="module")
def pages():
    pytest.importorskip("fastapi", reason="needs the extra `server`")
    from ovcf.server.people.page_files import PAGES

    return PAGES


def said_by(script):
    return {text for found in _SAID.findall(script.read_text("utf-8")) for text in found if text}


def test_every_word_of_the_scripts_has_its_chinese(pages):
    said = set().union(*(said_by(script) for script in pages.glob("*.js")))
    assert {"Signed in as {role}, for every site.", "Copied", "The two are not the same."} <= said
    assert (said | TOLD) - CHINESE.keys() == set()


def test_no_english_stands_on_a_chinese_page(pages):
    from ovcf.server.people.page_files import worded

    for page in pages.glob("*.html"):
        with speaking("zh"):
            shown = worded(page.read_text("utf-8"))
        assert 'lang="zh-CN"' in shown
        text = re.sub(r"<script.*?</script>|<[^>]+>|\bovcf\b|3D Slicer|DICOMweb|JavaScript|English", " ", shown)
        assert re.findall("[A-Za-z]{2,}", text) == [], page.name
        english = worded(page.read_text("utf-8"))
        assert "{{" not in english
        assert not re.search("[\u4e00-\u9fff]", english.replace("简体中文", "")), page.name
