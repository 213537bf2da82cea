"""How commands speak: results on standard output, everything else on standard error, exit codes of DESIGN.md part 6."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any, NoReturn

import structlog
import typer

OK, FAILED, USAGE, UNREACHABLE, UNUSABLE = 0, 1, 2, 3, 4


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """Exactly one JSON value on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=indent, default=str))


def stop(message: str, code: int = FAILED) -> NoReturn:
    """End the command with one clear line on standard error."""
    typer.echo(f"patrol: {message}", err=True)
    raise typer.Exit(code)


def set_up_logging(*, as_json: bool | None = None, level: int = logging.INFO, file: Path | None = None) -> None:
    """Send structlog and the libraries' logging to standard error, as lines for people or as JSON.

    Args:
        as_json: None: JSON unless standard error is a terminal.
        level: the least severe level shown.
        file: gets everything from INFO on, as JSON lines, whatever is shown.
    """
    if as_json is None:
        as_json = not sys.stderr.isatty()
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(min(level, logging.INFO) if file else level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    handler.setLevel(level)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    if file is not None:
        kept = logging.FileHandler(file, encoding="utf-8")
        plain = structlog.processors.JSONRenderer(ensure_ascii=False)
        kept.setFormatter(structlog.stdlib.ProcessorFormatter(processor=plain, foreign_pre_chain=shared))
        root.addHandler(kept)
        root.setLevel(min(level, logging.INFO))
    for noisy in ("apscheduler", "amqtt", "transitions", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
