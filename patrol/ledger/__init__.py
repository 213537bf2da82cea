"""The ledger and its proof: what is written of every look, the chain that seals it, and what people do with it."""

from __future__ import annotations
