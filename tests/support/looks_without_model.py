"""A look whose worker dies while it starts, as long as it is given a model: a model that kills whoever loads it."""

from __future__ import annotations

import os
import sys

from tests.support.looks import act

__all__ = ["act"]

if "--model" in sys.argv:
    os.abort()
