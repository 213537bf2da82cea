"""Tables, migrations, sessions: SQLite in the data folder by default, PostgreSQL by address."""

from patrol.store._open import Store, StoreError, open_store

__all__ = ["Store", "StoreError", "open_store"]
