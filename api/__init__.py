"""HTTP over a running service: what is due, what was seen, what was told; live events; the built console."""

from api.app import create_app
from api.server import make_server

__all__ = ["create_app", "make_server"]
