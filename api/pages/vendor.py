"""Fetches the scripts of others that the pages use, from their npm packages: `python api/pages/vendor.py`.

Only the files named here are kept, with the licence and the version beside them, so that the pages load nothing from
outside. Run it again to move to the version written here.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "vendor"

PACKAGES = {
    ("swagger-ui-dist", "5.35.0"): ("swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"),
}
"""Package and version, and which of its files are needed."""


def fetch(name: str, version: str, wanted: tuple[str, ...]) -> None:
    """Unpacks the `wanted` files of an npm package into a folder of its own under `static/vendor`."""
    target = FOLDER / name
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            for file in wanted:
                content = archive.extractfile(f"package/{file}")
                if content is None:
                    raise FileNotFoundError(f"{name}@{version} has no {file}")
                (target / file).write_bytes(content.read())
    (target / "VERSION").write_text(f"{name} {version}\n", "utf-8")


if __name__ == "__main__":
    for (package, number), files in PACKAGES.items():
        fetch(package, number, files)
