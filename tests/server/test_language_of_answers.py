"""What the service words follows the page's language, else the browser's; codes and numbers are the same in both."""

import pytest
from starlette.datastructures import Headers

from ovcf.server.speaking import language_of

pytest.importorskip("fastapi", reason="needs the extra `server`")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"cookie": "ovcf-language=zh", "accept-language": "en"}, "zh"),
        ({"cookie": "a=b; ovcf-language=en", "accept-language": "zh-CN"}, "en"),
        ({"cookie": "ovcf-language=xx", "accept-language": "zh-CN"}, "zh"),
        ({"cookie": "\x00=;;", "accept-language": "zh"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_page_goes_before_the_browser(headers, code):
    assert language_of(Headers(headers)) == code


def numbers(part):
    if isinstance(part, dict):
        return [x for key in sorted(part) for x in numbers(part[key])]
    if isinstance(part, list):
        return [x for one in part for x in numbers(one)]
    return [part] if isinstance(part, (int, float, type(None))) else []


def test_a_reading_is_worded_in_chinese_with_the_same_numbers_and_codes(client):
    english, chinese = (client.get("/api/reading", headers={"accept-language": code}).json() for code in ("en", "zh"))
    assert numbers(english) == numbers(chinese)
    assert english["reading"]["status"] == chinese["reading"]["status"] == "draft"
    assert list(english["measurements"]) == list(chinese["measurements"])
    assert [g["title"] for g in chinese["clinical"]][:3] == ["患者", "本次骨折", "神经学"]
    fields = [[f["field"] for g in view["clinical"] for f in g["facts"]] for view in (english, chinese)]
    assert fields[0] == fields[1]
    assert "研究软件" in chinese["reading"]["notice"]


def test_a_problem_is_worded_too_and_keeps_its_type(client):
    told = [client.post("/api/undo", headers={"accept-language": code}).json() for code in ("en", "zh")]
    assert told[0]["type"] == told[1]["type"]
    assert told[0]["remedy"] == "Load the page again."
    assert told[1]["remedy"] == "请重新加载页面。"
