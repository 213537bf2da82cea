"""The database's part of a backup: a consistent copy while others write, a session on that very state, and the way back.

SQLite by its online backup, PostgreSQL by ``pg_dump`` on an exported snapshot. Passwords go by environment, never by argument.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import MetaData, create_engine, func, inspect, select, text
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from patrol.store import Store, plain
from patrol.store.tables import Base

SQLITE, POSTGRES = "database.sqlite", "database.dump"
_SENT = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


class DatabaseError(Exception):
    """The database cannot be copied or brought back; the message says why, without credentials."""


@contextmanager
def snapshot(store: Store, folder: Path) -> Iterator[Session]:
    """Copy the database into a folder of a backup, and give a session that reads exactly what was copied.

    Raises:
        DatabaseError: it is away, a program is missing, or the copy is not sound.
    """
    try:
        if store.engine.dialect.name == "sqlite":
            file = folder / SQLITE
            _copy_sqlite(Path(str(store.engine.url.database)), file)
            with reading_sqlite(file) as session:
                yield session
            return
        with store.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            exported = connection.scalar(text("SELECT pg_export_snapshot()"))
            words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={exported}"]
            _program("pg_dump", [*words, f"--file={folder / POSTGRES}"], store.engine.url)
            with Session(connection) as session:
                yield session
    except SQLAlchemyError as error:
        raise DatabaseError(f"{store.name}: {plain(error)}") from error


@contextmanager
def reading_sqlite(file: Path) -> Iterator[Session]:
    """Read a SQLite file of a backup without changing it or leaving anything beside it."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(_address(file), uri=True), poolclass=NullPool)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def integrity(file: Path) -> str | None:
    """What SQLite finds wrong with a file, None: nothing."""
    try:
        with closing(sqlite3.connect(_address(file), uri=True)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else str(found)


def dump_problem(file: Path) -> str | None:
    """What PostgreSQL finds wrong with the table of contents of a dump, None: nothing.

    Raises:
        DatabaseError: ``pg_restore`` is missing.
    """
    try:
        _program("pg_restore", ["--list", str(file)], None)
    except DatabaseError as error:
        if shutil.which("pg_restore") is None:
            raise
        return str(error)
    return None


def counts_of(session: Session) -> dict[str, int]:
    """Rows by table, of the tables that are there."""
    connection = session.connection()
    there = set(inspect(connection).get_table_names())
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in sorted(Base.metadata.tables.items())
        if name in there
    }


def is_empty(engine: Engine) -> bool:
    """Whether a PostgreSQL database has no table yet.

    Raises:
        DatabaseError: it is away.
    """
    try:
        with engine.connect() as connection:
            return not inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise DatabaseError(plain(error)) from error


def bring_back(dump: Path, store: Store) -> None:
    """Restore a dump into an empty PostgreSQL database: whole or not at all.

    Raises:
        DatabaseError: it cannot be.
    """
    words = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _program("pg_restore", [*words, f"--dbname={store.engine.url.database}", str(dump)], store.engine.url)


def empty(engine: Engine) -> None:
    """Take back what was brought into a database that was empty before."""
    metadata = MetaData()
    with engine.begin() as connection:
        metadata.reflect(connection)
        metadata.drop_all(connection)
        functions = text(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = current_schema() AND p.prokind = 'f'"
        )
        for name in connection.scalars(functions).all():
            connection.execute(text(f"DROP FUNCTION {name}"))


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=60)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            # In one file, with no log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise DatabaseError(f"{source}: cannot be copied: {error}") from error
    found = integrity(target)
    if found is not None:
        raise DatabaseError(f"{source}: its copy is not sound: {found}")


def _address(file: Path) -> str:
    return f"file:{quote(str(file))}?mode=ro&immutable=1"


def _program(name: str, words: list[str], url: URL | None) -> None:
    program = shutil.which(name)
    if program is None:
        raise DatabaseError(
            f"{name} is not on the PATH; it comes with PostgreSQL's client programs (Debian: apt install postgresql-client) "
            "and must not be older than the server"
        )
    done = subprocess.run(
        [program, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(_environment(url) if url is not None else {})},
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise DatabaseError(f"{name}: {told[0]}")


def _environment(url: URL) -> Mapping[str, str]:
    """How PostgreSQL's programs reach the database: by environment, which no list of processes shows to others."""
    found = {
        "PGHOST": url.host, "PGPORT": str(url.port or 5432), "PGUSER": url.username, "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        **{variable: str(url.query[key]) for key, variable in _SENT.items() if key in url.query},
    }  # fmt: skip
    return {key: str(value) for key, value in found.items() if value is not None}
