"""The PDF in Chinese, as pdftotext of poppler reads it: its letters are in it, its figures those of the English one."""

import re
import shutil
import subprocess
from collections import Counter

import pytest

from ovcf.language.spoken import speaking
from ovcf.report.pdf import to_pdf
from ovcf.report.write import write_report

TERMS = ("印象", "椎体骨折评估", "楔形骨折", "高度丢失", "局部后凸角", "骨髓水肿", "终板", "Genant", "T值", "NASOVCF")


def text_of(pdf, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs poppler-utils: make test-pdf")
    (tmp_path / "report.pdf").write_bytes(pdf)
    ran = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "report.pdf", "-"], capture_output=True, check=True, text=True
    )
    return ran.stdout


def figures_of(text):
    """Figures of the measurements: with decimals, so that numbers of pages and dates do not count."""
    return Counter(re.findall(r"[−-]?\d+\.\d+", text))


def test_the_pdf_reads_in_chinese_with_the_same_figures(states, tmp_path):
    english = text_of(to_pdf(states["recent"], ()), tmp_path)
    with speaking("zh"):
        chinese = text_of(to_pdf(states["recent"], ()), tmp_path)
    together = re.sub(r"\s", "", chinese)  # a letter of another script stands a little apart
    assert [term for term in TERMS if term not in together] == []
    assert "�" not in chinese
    assert "以方框显示" not in together
    assert figures_of(english) == figures_of(chinese)


def test_a_command_that_speaks_chinese_writes_chinese_pages_and_the_same_data(states, tmp_path):
    write_report(states["recent"], (), tmp_path / "en", formats=("json",))
    with speaking("zh"):
        write_report(states["recent"], (), tmp_path / "zh", formats=("json", "html"))
    assert (tmp_path / "en/assessment.json").read_bytes() == (tmp_path / "zh/assessment.json").read_bytes()
    page = (tmp_path / "zh/report.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page
    assert "椎体骨折评估" in page
