"""The commands of ``patrol``, one module for each thing a person wants to do."""

from __future__ import annotations
