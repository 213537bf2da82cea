"""What people install: a wheel built with `pip wheel .` holds the built console, the migrations and the model, and serves them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _shown(file: Path) -> bool:
    """What is served; the build's own notes (``.vite``) are not."""
    return file.is_file() and ".vite" not in file.parts


def test_a_wheel_contains_the_built_console_and_serves_it_from_where_it_is_installed(tmp_path: Path) -> None:
    source, out, place = tmp_path / "source", tmp_path / "out", tmp_path / "installed"
    source.mkdir()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    kept = [name for name in listed if name.startswith((b"api/", b"patrol/", b"detectors/")) or b"/" not in name]
    built = [str(file.relative_to(ROOT)).encode() for file in (ROOT / "api" / "static").rglob("[!.]*") if _shown(file)]
    assert built, "the console is not built: `make console`"
    for name in filter(None, [*kept, *built]):
        target = source / name.decode()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name.decode()).read_bytes())
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "--quiet", "-w", str(out)],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        packed.extractall(place)
    assert {name.decode() for name in built} <= names
    assert "patrol/store/migrations/versions/0007_accounts_and_audit.py" in names
    assert any(name.startswith("detectors/models/") for name in names)
    # Only what was unpacked is on the path, so that the checkout cannot stand in for what is missing.
    served = subprocess.run(
        [
            sys.executable,
            "-c",
            ("from api.console import STATIC; from pathlib import Path;"
            f"assert STATIC.is_relative_to({str(place)!r}), STATIC;"
            "page = (STATIC / 'index.html').read_text(); assert '/assets/' in page; print('served')"),
        ],
        cwd=place, env={"PYTHONPATH": str(place), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert served.stdout.strip() == "served", served.stderr
