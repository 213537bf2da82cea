"""Fresh databases: a SQLite file, or a database on a real PostgreSQL started once for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from patrol.store import Store, open_store
from tests.support.county import free_port, wait_for

_INSTALL = "no PostgreSQL server program found; Debian: apt install postgresql (make test does it)"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        assert places, _INSTALL
        found = str(places[-1])
    return found


class Postgres:
    """A cluster in a temporary folder, on loopback. The server refuses root, so root lends it to ``nobody``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._as: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            self._as = [shutil.which("setpriv") or "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        self._run(
            "initdb",
            "-D",
            str(folder / "data"),
            "-U",
            "patrol",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        )
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=50"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    @property
    def pid(self) -> int:
        """Of the process whose children are all others."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def start_again(self) -> None:
        """After it was killed: the last of its processes may hold the shared memory for a moment yet."""
        wait_for("the database starts", self._starts, 30, every_s=0.2)

    def _starts(self) -> bool:
        try:
            self.start()
        except AssertionError:
            return False
        return True

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def new(self, template: str = "template1") -> str:
        """A database of its own, as ``template`` is."""
        name = f"t{uuid.uuid4().hex[:12]}"
        with psycopg.connect(f"postgresql://patrol@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql://patrol@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [*self._as, _program(program), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Beside pytest's own folders, which only root may enter.
    folder = Path(tempfile.mkdtemp(prefix="patrol-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder)
    yield server
    server.stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with all tables: copied for each test, because fourteen migrations a test are minutes a run."""
    folder = tmp_path_factory.mktemp("migrated")
    opened = open_store(None, folder)
    opened.upgrade()
    # The last one who leaves a database writes what stands in its log into the file.
    opened.close()
    assert not (folder / "patrol.sqlite-wal").exists()
    return folder / "patrol.sqlite"


@pytest.fixture(scope="session")
def migrated_database(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same on PostgreSQL; its name."""
    url = postgres.new()
    opened = open_store(url, tmp_path_factory.mktemp("none"))
    opened.upgrade()
    opened.close()
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables and no rows."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "test.sqlite")
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new(request.getfixturevalue("migrated_database"))


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(migrated_file, tmp_path / "patrol.sqlite")
    opened = open_store(None, tmp_path)
    yield opened
    opened.close()
