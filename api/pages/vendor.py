"""Fetches the scripts of others that the pages and their tests use, from npm packages: `python api/pages/vendor.py`.

Only the files named here are kept, with the licence and the version beside them, so that the pages load nothing from
outside. Run it again to move to the version written here.
"""

from __future__ import annotations

import json
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

BUNDLED = {
    "@codemirror/autocomplete": "6.20.4",
    "@codemirror/commands": "6.11.1",
    "@codemirror/language": "6.13.1",
    "@codemirror/legacy-modes": "6.5.5",
    "@codemirror/lint": "6.9.8",
    "@codemirror/state": "6.7.6",
    "@codemirror/view": "6.43.15",
    "@lezer/highlight": "1.2.5",
}
"""The editor's packages: what `codemirror.mjs` takes of them goes into one file."""
_BUNDLER = "esbuild@0.28.2"


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


def bundle() -> None:
    """Makes one module of what `codemirror.mjs` takes of the editor's packages and of those that they stand on."""
    target = PAGES / "codemirror"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text('{"private": true}', "utf-8")
        (folder / "codemirror.mjs").write_bytes((Path(__file__).parent / "codemirror.mjs").read_bytes())
        packages = [f"{package}@{version}" for package, version in BUNDLED.items()]
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--save-exact", *packages, _BUNDLER]
        subprocess.run(install, check=True, cwd=folder)
        command = ["npx", "esbuild", "codemirror.mjs", "--bundle", "--minify", "--format=esm", "--legal-comments=none"]
        subprocess.run([*command, f"--outfile={target / 'codemirror.js'}"], check=True, cwd=folder)
        modules = folder / "node_modules"
        (target / "LICENSE").write_bytes((modules / "@codemirror" / "view" / "LICENSE").read_bytes())
        told = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
        lines = [
            f"{path.removeprefix('node_modules/')} {about['version']}" for path, about in sorted(told.items()) if path
        ]
        (target / "VERSION").write_text("\n".join(line for line in lines if "esbuild" not in line) + "\n", "utf-8")


if __name__ == "__main__":
    bundle()
    for package, files in PACKAGES.items():
        fetch(*package, files)
