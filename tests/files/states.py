"""What a result folder holds, and one to write."""

from ovcf.files.result_manifest import MANIFEST, recorded, strange


def report(word, files=2):
    """A report in which every file says the same word."""
    return {name: word.encode() * 2000 for name in ["report.html", "report.pdf", *(f"t/{i}.csv" for i in range(files))]}


def state(out):
    """``"old"`` or ``"new"`` for a whole report of that word, None for nothing or an empty folder."""
    if not out.exists() or not list(out.iterdir()):
        return None
    files = [p for p in out.rglob("*") if p.is_file() and p.name != MANIFEST]
    words = {p.read_bytes()[:3] for p in files}
    assert len(words) == 1, f"a mixture of {words}"
    assert {p.relative_to(out).as_posix() for p in files} == set(recorded(out)) == set(report(""))
    assert strange(out) == []
    return words.pop().decode()


def beside(out):
    """What lies in the same folder."""
    return sorted(p.name for p in out.parent.iterdir() if p != out)
