"""``python -m patrol.alerts docs`` writes the contract with departments: schemas and AsyncAPI."""

from __future__ import annotations

import sys
from pathlib import Path

from patrol.alerts.contract import contract_files

if len(sys.argv) != 2:
    sys.exit("usage: python -m patrol.alerts FOLDER")
for name, text in contract_files().items():
    file = Path(sys.argv[1]) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
