"""Nothing that only POSIX has is needed to import or to write."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ovcf

WITHOUT_POSIX = """
import sys
for name in ("fcntl", "pwd", "grp", "resource", "termios"):
    sys.modules[name] = None
import ovcf.cli, ovcf.cli.streams, ovcf.files.workspace
from ovcf.files import swap, result_folder
import {more}
"""


@pytest.mark.parametrize("more", ["ovcf.files.result_file", "ovcf.cli.terminal", "ovcf.imaging.files.pixels"])
def test_imports_without_what_only_posix_has(more):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX.format(more=more)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


PACKAGE = Path(ovcf.__file__).parent
POSIX_MODULES = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "posix", "spwd", "nis", "crypt"}
POSIX_NAMES = {
    "os": {
        "fork",
        "forkpty",
        "killpg",
        "getpgid",
        "setpgid",
        "setsid",
        "getuid",
        "geteuid",
        "getgid",
        "chown",
        "fchown",
        "fchmod",
        "chroot",
        "mkfifo",
        "mknod",
        "nice",
        "wait",
        "wait4",
        "WIFEXITED",
        "getloadavg",
        "statvfs",
        "uname",
        "sched_getaffinity",
        "sysconf",
        "O_NOFOLLOW",
        "O_DIRECTORY",
        "O_CLOEXEC",
        "O_NONBLOCK",
        "posix_fallocate",
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGALRM", "SIGCHLD", "SIGUSR1", "SIGUSR2", "alarm", "setitimer", "pause"},
}


def guarded(node, parents):
    """Whether a test of the system, or a handler of what is missing, stands around a piece of code."""
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, (ast.If, ast.IfExp, ast.BoolOp)):
            test = parent.test if isinstance(parent, (ast.If, ast.IfExp)) else parent
            if {"os.name", "sys.platform"} & {ast.unparse(x) for x in ast.walk(test) if isinstance(x, ast.Attribute)}:
                return True
        if isinstance(parent, ast.Try) and node not in parent.handlers:
            caught = " ".join(ast.unparse(h.type) for h in parent.handlers if h.type is not None)
            if ("ImportError" if isinstance(node, (ast.Import, ast.ImportFrom)) else "AttributeError") in caught:
                return True
        node = parent
    return False


def unguarded(tree):
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = POSIX_MODULES & {a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = POSIX_MODULES & {node.module or ""}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = {node.attr} & POSIX_NAMES.get(node.value.id, set())
        else:
            continue
        if names and not guarded(node, parents):
            yield node.lineno, names.pop()


def test_what_only_posix_has_is_always_asked_for_with_care():
    files = sorted(PACKAGE.rglob("*.py"))
    found = {str(f.relative_to(PACKAGE)): list(unguarded(ast.parse(f.read_text("utf-8")))) for f in files}
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize(
    ("code", "sound"),
    [
        ("import fcntl", False),
        ("import os\nos.killpg(1, 9)", False),
        ("import os\nif os.name == 'posix':\n    os.killpg(1, 9)", True),
        ("try:\n    import resource\nexcept ImportError:\n    pass", True),
        ("import signal\nsignal.SIGKILL", False),
        ("import signal\ngetattr(signal, 'SIGKILL', 9)", True),
    ],
)
def test_the_check_finds_what_it_looks_for(code, sound):
    assert (list(unguarded(ast.parse(code))) == []) is sound


EVERY_MODULE = """
import sys
{first}
for name in {blocked!r}:
    sys.modules[name] = None
from importlib import import_module
for name in sys.argv[1:]:
    import_module(name)
"""


def test_every_module_is_imported_where_no_posix_module_is():
    names = [
        ".".join(("ovcf", *f.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for f in sorted(PACKAGE.rglob("*.py"))
        if f.name != "__main__.py" and "migrations" not in f.parts
    ]  # the scripts of a migration run within Alembic only
    # What others wrote brings its own care for other systems: it is imported before anything is blocked.
    others = "import asyncio, fastapi, uvicorn, pandas, lifelines, statsmodels.api, matplotlib.pyplot, nibabel, skimage"
    code = EVERY_MODULE.format(first=others, blocked=sorted(POSIX_MODULES))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *names],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
