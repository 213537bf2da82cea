"""Opens the database, SQLite or PostgreSQL, so that what was committed survives a power cut and writers never deadlock."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from patrol.store._errors import plain

_FILE = "patrol.sqlite"
_BUSY_S = 20.0
"""How long a SQLite writer waits for another one. The longest transaction here writes one look."""


class StoreError(Exception):
    """The store cannot be opened or used; the message says why, without credentials."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open database.

    Attributes:
        engine: the SQLAlchemy engine.
        sessions: ``with store.sessions.begin() as session`` writes one transaction.
        reading: ``with store.reading() as session`` only reads, and never waits for a writer.
        still: the same at one moment: what others commit between two of its statements is not seen. For whatever holds rows
            against each other while the service writes.
    """

    engine: Engine
    sessions: sessionmaker[Session]
    reading: sessionmaker[Session]
    still: sessionmaker[Session]

    def upgrade(self) -> None:
        """Bring the schema to this version.

        Raises:
            StoreError: the database is away, or a newer version of the service has written it.
        """
        try:
            with self.engine.connect() as connection:
                _refuse_newer(connection)
                config = alembic_config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except (SQLAlchemyError, CommandError) as error:
            raise StoreError(f"{self.name}: {plain(error)}") from error

    def ping(self) -> None:
        """Ask the database something.

        Raises:
            StoreError: it does not answer.
        """
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise StoreError(f"{self.name}: {plain(error)}") from error

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @property
    def name(self) -> str:
        """The database for messages, without credentials."""
        return self.engine.url.render_as_string(hide_password=True)


def open_store(url: str | None, data_dir: Path) -> Store:
    """Open a database without touching its schema.

    Args:
        url: ``postgresql://…`` or ``sqlite:///…``; None: a SQLite file in ``data_dir``.
        data_dir: the service's data folder.

    Raises:
        StoreError: the address is of no known kind.
    """
    address = _address(url, data_dir)
    if address.get_backend_name() == "sqlite":
        engine = _sqlite(address)
    else:
        # A server that was away for a moment must not fail the first statement after it: pre_ping replaces dead connections.
        engine = create_engine(
            address, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args={"connect_timeout": 10}
        )
    reading = engine.execution_options(patrol_reading=True)
    # A transaction of SQLite sees one moment anyway.
    still = (
        reading
        if address.get_backend_name() == "sqlite"
        else reading.execution_options(isolation_level="REPEATABLE READ")
    )
    return Store(engine, *(sessionmaker(each, expire_on_commit=False) for each in (engine, reading, still)))


def alembic_config() -> Config:
    """Alembic's configuration: the migrations beside this file, wherever it is installed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def revision_of(session: Session) -> str | None:
    """The schema that a database has, None: none yet."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def newest_revision() -> str | None:
    """The schema that this version writes."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def knows(revision: str) -> bool:
    """Whether this version can bring a schema up to date, or has it."""
    return revision in _known()


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def _address(url: str | None, data_dir: Path) -> URL:
    if url is None:
        return URL.create("sqlite", database=str(data_dir / _FILE))
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreError(
            "the database address cannot be read; write postgresql://user:password@host/name or sqlite:///file"
        ) from None
    backend = address.get_backend_name()
    if backend == "sqlite":
        if not address.database or address.database == ":memory:":
            raise StoreError("a SQLite store needs a file: sqlite:///file")
        return address
    if backend in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    raise StoreError(f"no store on {backend!r}; there are postgresql:// and sqlite:///")


def _sqlite(address: URL) -> Engine:
    _private(Path(address.database or ""))
    engine = create_engine(address, connect_args={"timeout": _BUSY_S, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver must not begin transactions by itself: _begin below does, with the right kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit is on the disk when it returns, also after a power cut; NORMAL would lose the last ones.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE takes the writer's place at once: a reader that turns writer in mid-transaction could only fail.
        reads = connection.get_execution_options().get("patrol_reading", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _private(file: Path) -> None:
    """Make a new database readable by its owner alone; SQLite gives its side files the same mode."""
    if file.parent.is_dir() and not file.exists():
        with contextlib.suppress(OSError):
            file.touch(mode=0o600)


def _refuse_newer(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    if current is not None and not knows(current):
        raise StoreError(
            f"the database was written by a newer version of the service (its schema is {current}); install that version"
        )
