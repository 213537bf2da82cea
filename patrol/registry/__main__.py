"""``python -m patrol.registry docs/schemas/registry.schema.json`` writes the schema that editors use."""

from __future__ import annotations

import sys
from pathlib import Path

from patrol.registry.schema import schema_text

if len(sys.argv) != 2:
    sys.exit("usage: python -m patrol.registry FILE")
Path(sys.argv[1]).write_text(schema_text(), "utf-8")
