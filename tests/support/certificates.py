"""Certificate authorities and what they sign, made with openssl as a county would make them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_NAMES = "DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its key."""

    cert: Path
    key: Path


class Authority:
    """A CA of its own in ``folder``; ``name`` is its subject."""

    def __init__(self, folder: Path, name: str = "County CA") -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self.cert, self._key = folder / "ca.crt", folder / "ca.key"
        openssl(
            *("req", "-x509", "-new", *_new_key(self._key), "-subj", f"/CN={name}", "-days", "30", "-out", self.cert),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )

    def server(self, name: str, *, names: str = _NAMES, days: int = 30) -> Signed:
        """For a broker. ``names`` are those it may be called by; with ``days`` below zero it has expired."""
        return self._sign(name, f"extendedKeyUsage=serverAuth\nsubjectAltName={names}", days)

    def client(self, name: str, *, days: int = 30) -> Signed:
        return self._sign(name, "extendedKeyUsage=clientAuth", days)

    def _sign(self, name: str, extensions: str, days: int) -> Signed:
        made = Signed(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        request, more = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        more.write_text(
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            f"subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n{extensions}\n"
        )
        openssl("req", "-new", *_new_key(made.key), "-subj", f"/CN={name}", "-out", request)
        openssl(
            *("x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self._key, "-CAcreateserial"),
            *("-days", str(days), "-extfile", more, "-out", made.cert),
        )
        return made


def openssl(*words: str | Path) -> None:
    done = subprocess.run(
        ["openssl", *map(str, words)], check=False, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"openssl {words[0]}: {done.stderr}"


def _new_key(file: Path) -> tuple[str | Path, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file)
