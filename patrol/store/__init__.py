"""Tables, migrations, sessions: SQLite in the data folder by default, PostgreSQL by address."""

from patrol.store._errors import is_away, plain
from patrol.store._open import Store, StoreError, knows, newest_revision, open_store, revision_of

__all__ = ["Store", "StoreError", "is_away", "knows", "newest_revision", "open_store", "plain", "revision_of"]
