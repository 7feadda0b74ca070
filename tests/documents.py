"""The commands of a page of documentation, as a reader would type them one after the other."""

import os
import re
import shlex
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    """The code blocks of one language, in order."""
    return [text for kind, text in _BLOCK.findall(page) if kind == language]


def commands(page):
    """Every ``ovcf`` command of the shell blocks as a list of words, variables of the page put in."""
    known = dict(os.environ)
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            if (given := re.fullmatch(r"([A-Z]+)=(\S+)", line.strip())) is not None:
                known[given[1]] = given[2]
                continue
            words = shlex.split(Template(line).safe_substitute(known), comments=True)
            if words[:1] == ["ovcf"]:
                yield words[1:]
