"""Fetches the scripts of others that the pages and their tests use, from npm packages: `python api/pages/vendor.py`.

Only the files named here are kept, with the licence and the version beside them, so that the pages load nothing from
outside. Run it again to move to the version written here.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

PAGES = Path(__file__).parent / "static" / "vendor"
TESTS = Path(__file__).parents[2] / "tests" / "vendor"

PACKAGES = {
    ("swagger-ui-dist", "5.35.0", PAGES): ("swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"),
    ("axe-core", "4.14.1", TESTS): ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt"),
}
"""Package, version and where it goes, and which of its files are needed."""


def fetch(name: str, version: str, folder: Path, wanted: tuple[str, ...]) -> None:
    """Unpacks the `wanted` files of an npm package into a folder of its own under `folder`."""
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as packed:
        command = ["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", packed]
        subprocess.run(command, check=True)
        with tarfile.open(next(Path(packed).glob("*.tgz"))) as archive:
            for file in wanted:
                content = archive.extractfile(f"package/{file}")
                if content is None:
                    raise FileNotFoundError(f"{name}@{version} has no {file}")
                (target / file).write_bytes(content.read())
    (target / "VERSION").write_text(f"{name} {version}\n", "utf-8")


if __name__ == "__main__":
    for package, files in PACKAGES.items():
        fetch(*package, files)
