"""The configuration of the county's own Mosquitto, written from the registry: who may read and write what, and nobody else.

Nobody edits rights by hand: a department that comes or goes in the registry comes or goes in both files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from patrol.registry import Registry

SERVICE = "patrol"
"""The service's own account."""
CONFIG, RIGHTS = "mosquitto.conf", "acl"
KEPT = "autosave_interval 5\nautosave_on_changes false\npersistent_client_expiration 30d\n"
FLOW = (
    "max_queued_bytes 268435456\n"
    "# Alerts are small packets: sent at once, not held for the acknowledgement of the one before.\n"
    "set_tcp_nodelay true\n"
    "max_inflight_messages 100\n"
)
"""What the embedded Mosquitto and the county's own have in common."""
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")


class BrokerConfigError(Exception):
    """The files cannot be made or written; the message names what is in the way."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the broker runs.

    Attributes:
        host: the name that departments and service call it by; it stands in its certificate.
        port: that it takes encrypted connections at.
        folder: of its configuration, passwords and certificates on its machine.
        state: folder that it keeps sessions and queued messages in.
        require_certificate: whether a client shows a certificate of the CA besides its password.
    """

    host: str = "mqtt.county.example"
    port: int = 8883
    folder: str = "/etc/mosquitto"
    state: str = "/var/lib/mosquitto"
    require_certificate: bool = False


def accounts(registry: Registry) -> tuple[str, ...]:
    """Who signs in to the broker: the service first, then each department under its id.

    Raises:
        BrokerConfigError: a department has the service's name, or there is none.
    """
    departments = tuple(department.id for department in registry.departments)
    if not departments:
        raise BrokerConfigError("the registry names no department: nobody could read an alert")
    if SERVICE in departments:
        raise BrokerConfigError(
            f"the registry has a department {SERVICE!r}: that is the account of the service; give the department another id"
        )
    return (SERVICE, *departments)


def render(registry: Registry, place: Place) -> dict[str, str]:
    """The files' texts by their names.

    Raises:
        BrokerConfigError: see :func:`accounts`; or the place is none that can stand in Mosquitto's configuration.
    """
    everybody = accounts(registry)
    if not _HOST.fullmatch(place.host):
        raise BrokerConfigError(f"{place.host!r} is not a host name or an address")
    for folder in (place.folder, place.state):
        if not folder.startswith("/") or not folder.isprintable():
            raise BrokerConfigError(f"{folder!r} is not a folder's whole path, like /etc/mosquitto")
    return {
        CONFIG: _config(registry, everybody, place),
        RIGHTS: _rights(registry),
    }


def write(files: dict[str, str], folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write all of the files, or none where one stands already; returns where.

    Raises:
        BrokerConfigError: a file is there and ``force`` is not set, or the folder cannot be written.
    """
    paths = tuple(folder / name for name in files)
    if not force and (there := [str(path) for path in paths if path.exists()]):
        raise BrokerConfigError(f"{' and '.join(there)} would be overwritten; say --force, or name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, files.values(), strict=True):
            # Whole or not at all: a broker may read it again at any moment.
            part = path.with_name(f".{path.name}.part")
            part.write_text(text, "utf-8")
            part.replace(path)
    except OSError as error:
        raise BrokerConfigError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    return paths


def _config(registry: Registry, everybody: tuple[str, ...], place: Place) -> str:
    at, passwords = place.folder.rstrip("/"), f"{place.folder.rstrip('/')}/passwords"
    others = "\n".join(f"#        mosquitto_passwd {passwords} {account}" for account in everybody[1:])
    asked = "true" if place.require_certificate else "false"
    shown = "&cert=/etc/patrol/mqtt.crt&key=/etc/patrol/mqtt.key" if place.require_certificate else ""
    clients = (
        "and every client shows one that this CA signed (below: require_certificate)."
        if place.require_certificate
        else "clients show none (`patrol broker config --require-certificate` asks them for one)."
    )
    return f"""\
# Mosquitto 2 for the video patrol of {_line(registry.county.name.zh)} ({_line(registry.county.name.en)}).
# Written by `patrol broker config`; do not edit it. After a change of departments write it anew with --force, copy both
# files and reload the broker (systemctl reload mosquitto): who is connected stays connected.
#
# To set the broker up, on its machine:
#   1. Copy this file and `{RIGHTS}` to {at}. This file replaces the distribution's own {CONFIG}.
#   2. Put the certificates into {at}/certs: ca.crt (the CA), server.crt (made for {place.host}) and server.key
#      (without a password). The CA's key stays elsewhere; {clients}
#   3. Give every account a password; each command asks for it (-c makes the file, so only the first has it):
#        mosquitto_passwd -c {passwords} {everybody[0]}
{others}
#      An account goes with: mosquitto_passwd -D {passwords} ACCOUNT
#   4. Let nobody but the broker read them:
#        chown -R mosquitto: {at}/{RIGHTS} {passwords} {at}/certs && chmod -R go= {at}/{RIGHTS} {passwords} {at}/certs
#   5. systemctl restart mosquitto
# The service, with `{SERVICE}:PASSWORD` in a file that only it may read:
#   patrol run --mqtt 'mqtts://{place.host}:{place.port}?ca=/etc/patrol/ca.crt{shown}&credential=file:/etc/patrol/mqtt-login'

listener {place.port}
certfile {at}/certs/server.crt
keyfile {at}/certs/server.key
cafile {at}/certs/ca.crt
require_certificate {asked}
tls_version tlsv1.2

# Nobody without a password, and with one only what `{RIGHTS}` grants that account.
allow_anonymous false
password_file {passwords}
acl_file {at}/{RIGHTS}

# What waits for a department that is away is kept over a restart, and written every few seconds.
persistence true
persistence_location {place.state.rstrip("/")}/
{KEPT}
# For each client that is away or slow. Mosquitto's own limit of 1,000 drops the rest of a burst without a word.
max_queued_messages 100000
{FLOW}
# Evidence is linked, never sent: a megabyte is far above any message there is. Who sends more is cut off.
max_packet_size 1048576

log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


def _rights(registry: Registry) -> str:
    base, keeper = f"patrol/v1/{registry.county.topic}", registry.cases.keeper
    # The built-in case system signs in as the service and takes its alerts like any other.
    own = f"topic read {base}/alert/{keeper}/+\n" if registry.cases.system == "built_in" and keeper else ""
    head = f"""\
# Who may read and write what. Written by `patrol broker config` from the registry; do not edit it.
# Everything that does not stand here is denied.

# The service
user {SERVICE}
topic write {base}/#
topic read {base}/ack/+
topic read {base}/case/+
{own}"""
    departments = [
        f"\n# {_line(department.name.zh)} ({_line(department.name.en)})\n"
        f"user {department.id}\n"
        f"topic read {base}/alert/{department.id}/#\n"
        f"topic read {base}/available\n"
        f"topic write {base}/ack/{department.id}\n"
        + (f"topic write {base}/case/#\n" if department.id == keeper else "")
        for department in registry.departments
    ]
    return head + "".join(departments)


def _line(text: str) -> str:
    # A line break in a name would end the comment, and what follows would be read as a right.
    return " ".join(text.split())
