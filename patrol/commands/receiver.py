"""``patrol receiver``: a department's side, run where its alerts are wanted; and ``patrol receiver answer``, by hand."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from patrol.alerts import MqttError
from patrol.alerts import receiver as parts
from patrol.alerts.address import read_address
from patrol.alerts.envelope import ack_topic_of
from patrol.commands import _say
from patrol.commands._store import show

app = typer.Typer(name="receiver", invoke_without_command=True)

Department = Annotated[
    str | None, typer.Option(envvar="PATROL_DEPARTMENT", help="The department's id, as in the topics.")
]
County = Annotated[str | None, typer.Option(envvar="PATROL_COUNTY", help="The county, as in the topics.")]
Broker = Annotated[str, typer.Option(envvar="PATROL_BROKER", help="mqtt(s)://host[:port][?ca=FILE]")]
Credential = Annotated[
    str | None,
    typer.Option(envvar="PATROL_CREDENTIAL", help="Where user:password is kept: env:NAME or file:PATH."),
]
_BROKER = "mqtt://127.0.0.1:1883"
_LEVEL = re.compile(r"[^/+#\s\x00]{1,64}")
_STDOUT = 1
_LISTED = ("id", "seq", "type", "kind", "incident", "state", "taken_up_at", "handed_on_at", "problem")


@app.callback()
def receive(
    context: typer.Context,
    department: Department = None,
    county: County = None,
    broker: Broker = _BROKER,
    credential: Credential = None,
    book: Annotated[
        Path | None,
        typer.Option(help="File that remembers what was handed on; left out: in memory, forgotten at the end."),
    ] = None,
    ack: Annotated[
        str, typer.Option(help="Comma-separated, e.g. received,accepted; empty: answer nothing.")
    ] = "received",
    file: Annotated[Path | None, typer.Option(help="Append each alert to this file, one JSON line each.")] = None,
    command: Annotated[
        str | None, typer.Option(help="Run once an alert, its JSON on standard input; exit 0: handed on.")
    ] = None,
    command_timeout: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds a command may take.")] = 30.0,
    evidence: Annotated[
        Path | None, typer.Option(file_okay=False, help="Fetch each alert's evidence into this folder and check it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each alert as one JSON line.")] = False,
    list_book: Annotated[bool, typer.Option("--list", help="Show what is in the book, and end.")] = False,
) -> None:
    """Take a department's alerts, hand each on once, answer them. Runs until SIGTERM or Ctrl-C.

    Each alert is handed on to --file, then to --command, then printed; only then it is answered. Delivery is at least
    once; a duplicate is possible and harmless, because the book goes by the alert id.
    """
    if context.invoked_subcommand is not None:
        return
    if list_book:
        _list(book, department, as_json)
        return
    topic_county, topic_department = _levels(county, department)
    ways = _ways(file, command, command_timeout, as_json)
    if evidence is not None:
        try:
            evidence.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _say.stop(f"--evidence {evidence}: {error.strerror}", _say.USAGE)
    try:
        remembers = parts.Book(book)
    except parts.BookError as error:
        _say.stop(str(error))
    try:
        receiver = parts.Receiver(
            broker,
            county=topic_county,
            department=topic_department,
            credential=credential,
            acks=tuple(word.strip() for word in ack.split(",") if word.strip()),
            ways=ways,
            book=remembers,
            evidence=evidence,
        )
    except MqttError as error:
        _say.stop(str(error), _say.USAGE)
    except parts.AnswerError as error:
        _say.stop(f"--ack {ack}: {error}", _say.USAGE)
    _say.set_up_logging()
    if book is None:
        typer.echo("patrol: no --book: after a restart an alert that comes again is handed on again", err=True)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    receiver.start()
    done.wait()
    receiver.stop(command_timeout + 10)
    remembers.close()


@app.command()
def answer(
    alert: Annotated[str, typer.Argument(help="The alert's id.")],
    status: Annotated[str, typer.Argument(help="received, accepted, refused, phoned, on_scene or disposed.")],
    department: Department = None,
    county: County = None,
    broker: Broker = _BROKER,
    credential: Credential = None,
    note: Annotated[str | None, typer.Option(help="What there is to say.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is refused.")] = None,
    by: Annotated[str | None, typer.Option(help="Who answers.")] = None,
    phone: Annotated[str | None, typer.Option(help="The number that was called.")] = None,
    outcome: Annotated[str | None, typer.Option(help="How the call ended.")] = None,
    photo: Annotated[list[str] | None, typer.Option(help="SHA256=URL of a photo; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as it was published.")] = False,
) -> None:
    """Publish one answer to one alert, and wait until the broker has it."""
    topic = ack_topic_of(*_levels(county, department))
    if outcome is not None and phone is None:
        _say.stop("--outcome is of a call: name its number with --phone", _say.USAGE)
    photos = []
    for given in photo or []:
        sha256, _, url = given.partition("=")
        photos.append(parts.Photo(url, sha256.lower()))
    try:
        words = parts.Words(
            alert=alert,
            status=status,
            note=note,
            reason=reason,
            by=by,
            phone=None if phone is None else parts.Call(phone, outcome),
            photos=tuple(photos),
        )
    except parts.AnswerError as error:
        _say.stop(str(error), _say.USAGE)
    said = words.as_json(datetime.now(UTC))
    try:
        address = read_address(broker, credential)
    except MqttError as error:
        _say.stop(str(error), _say.USAGE)
    try:
        parts.publish_one(address, topic, said)
    except MqttError as error:
        _say.stop(str(error), _say.UNREACHABLE)
    typer.echo(said if as_json else f"{alert}: {status}")


def _list(book: Path | None, department: str | None, as_json: bool) -> None:
    if book is None:
        _say.stop("--list shows a book: name it with --book", _say.USAGE)
    try:
        reads = parts.Book.to_read(book)
        rows, holes = reads.rows(department), reads.holes(department)
        reads.close()
    except parts.BookError as error:
        _say.stop(str(error))
    if as_json:
        missing = [{"department": of, "first": h.first, "last": h.last, "since": since} for of, h, since in holes]
        _say.print_json({"alerts": rows, "still_to_come": missing})
        return
    show(rows, _LISTED, as_json=False)
    for of, hole, since in holes:
        typer.echo(f"{of}: {hole.sentence} (since {since})")


def _levels(county: str | None, department: str | None) -> tuple[str, str]:
    """Both as levels of a topic."""
    for name, value in (("--county", county), ("--department", department)):
        if value is None:
            _say.stop(f"{name} is missing", _say.USAGE)
        if not _LEVEL.fullmatch(value):
            _say.stop(f"{name} {value!r}: write it as in the topics, without / + # and spaces", _say.USAGE)
    return str(county), str(department)


def _ways(file: Path | None, command: str | None, timeout_s: float, as_json: bool) -> list[parts.Way]:
    ways: list[parts.Way] = []
    try:
        if file is not None:
            ways.append(parts.FileWay(file))
    except parts.HandOnError as error:
        _say.stop(f"--file {error}", _say.USAGE)
    if command is not None:
        try:
            words = shlex.split(command)
        except ValueError as error:
            _say.stop(f"--command cannot be read: {error}", _say.USAGE)
        if not words or shutil.which(words[0]) is None:
            _say.stop(f"--command: there is no program {words[0] if words else ''!r}", _say.USAGE)
        ways.append(parts.CommandWay(words, timeout_s=timeout_s))
    # Unbuffered and in bytes: whatever the terminal's encoding, an alert is never held up by it.
    out = os.fdopen(os.dup(_STDOUT), "wb", buffering=0)
    return [*ways, parts.PrintWay(out, as_json=as_json)]
