"""Tables, migrations, sessions: SQLite in the data folder by default, PostgreSQL by address."""

from patrol.store._errors import is_away, plain
from patrol.store._open import Store, StoreError, open_store

__all__ = ["Store", "StoreError", "is_away", "open_store", "plain"]
