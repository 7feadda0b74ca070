"""Build the packages of a release and use each as a stranger would: installed alone, away from the checkout.

For every Python named, the wheel goes into an empty environment; ovcf then scores findings, makes a digital patient and
assesses it. The source archive is built into a wheel and must hold the same files.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
_USE = (
    ("--version",),
    (
        "score",
        "nasovcf",
        "--type",
        "compression",
        "--vhl",
        "17.8",
        "--ka",
        "19.6",
        "--t2",
        "diffuse low",
        "--t-score=-3.6",
    ),
    ("phantom", "phantom.toml", "--out", "patient"),
    ("assess", "patient/visit-1/study", "--clinical", "patient/visit-1/case.toml", "--out", "report"),
)
_LEFT = ("report.html", "report.pdf", "assessment.json", "reading.ovcf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("pythons", nargs="+", help="interpreters, by name or path: 3.11 /opt/python3.13")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--uv", default="uv", help="the uv command")
    args = parser.parse_args()
    wheel, archive = built(args.uv, args.out)
    subprocess.run([args.uv, "tool", "run", "--quiet", "twine", "check", "--strict", wheel, archive], check=True)
    for python in args.pythons:
        used(args.uv, wheel, python)
        print(f"{python}: installed and used", flush=True)


def built(uv: str, out: Path) -> tuple[Path, Path]:
    """The wheel and the source archive; a wheel made of the archive holds what the other holds."""
    with tempfile.TemporaryDirectory() as here:
        subprocess.run([uv, "build", "--quiet", "--out-dir", here, ROOT], check=True)
        (archive,) = Path(here).glob("*.tar.gz")
        (wheel,) = Path(here).glob("*.whl")
        subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", Path(here, "again"), archive], check=True)
        (again,) = Path(here, "again").glob("*.whl")
        with ZipFile(wheel) as one, ZipFile(again) as other:
            if one.namelist() != other.namelist():
                raise SystemExit(f"{archive.name} lacks or adds {sorted({*one.namelist()} ^ {*other.namelist()})[:5]}")
            if not any(name.endswith("page/index.html") for name in one.namelist()):
                raise SystemExit(f"{wheel.name} holds no page: run `make web` first")
        out.mkdir(parents=True, exist_ok=True)
        return wheel.replace(out / wheel.name), archive.replace(out / archive.name)


def used(uv: str, wheel: Path, python: str) -> None:
    """Install the wheel for one Python and assess a digital patient with it."""
    with tempfile.TemporaryDirectory() as here:
        subprocess.run([uv, "venv", "--quiet", "--python", python, Path(here, "venv")], check=True)
        command = Path(here, "venv", "bin", "ovcf")
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", Path(here, "venv"), str(wheel.resolve())], check=True
        )
        Path(here, "phantom.toml").write_bytes((ROOT / "examples" / "phantom.toml").read_bytes())
        for words in _USE:
            subprocess.run([command, *words], check=True, cwd=here, stdout=subprocess.DEVNULL)
        if missing := [name for name in _LEFT if not Path(here, "report", name).is_file()]:
            raise SystemExit(f"{python}: the assessment left no {', '.join(missing)}")


if __name__ == "__main__":
    main()
