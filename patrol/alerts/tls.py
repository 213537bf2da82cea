"""Encryption of a broker connection: the CA, our own certificate, and what to do when one side does not trust the other.

Certificates are read at every connection: one that was renewed is used without a restart.
"""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path
from typing import Any

from patrol.alerts.address import Address, MqttError

_EXPIRED, _NOT_YET = 10, 9
_NOT_SIGNED = {2, 7, 18, 19, 20, 21, 30}
"""X509_V_ERR numbers of OpenSSL: issuer unknown or self-signed, and (7, 30) a CA of the same name with another key."""
_OTHER_NAME = {62, 64}
"""Another host, another IP address."""

_NO_TLS = "nobody speaks TLS at this port; is it the one for mqtt://?"
_NOT_UNDERSTOOD = {"WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING"}
_ASKS = {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_HANDSHAKE_FAILURE"}
"""A TLS 1.2 broker says no more than that the handshake failed."""
_OURS = {
    "TLSV1_ALERT_UNKNOWN_CA": "the broker does not know the CA that signed the client certificate {cert}",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the broker refuses the client certificate {cert}: it has expired; renew it",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "the broker refuses the client certificate {cert}: it was revoked",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "the broker refuses the client certificate {cert}: it is not made for clients",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the broker refuses the client certificate {cert}",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the broker refuses the client certificate {cert}",
}


class Encryption:
    """The TLS of one connection. ``refusal`` is what the broker said when it ended it; a context shared would mix them."""

    def __init__(self, address: Address) -> None:
        """Raises :class:`MqttError` that names the file which cannot be used."""
        self.refusal: ssl.SSLError | None = None
        self.context = _context(address)
        self.context.sslsocket_class = _listening(self)


def _listening(encryption: Encryption) -> type[ssl.SSLSocket]:
    class Listening(ssl.SSLSocket):
        """In TLS 1.3 the broker judges our certificate after the handshake; paho hears only that the connection ended."""

        def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
            try:
                return super().recv(buflen, flags)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                encryption.refusal = error
                raise

        def send(self, data: Any, flags: int = 0) -> int:
            try:
                return super().send(data, flags)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except OSError:
                # The broker has hung up before we wrote; what it said on leaving still waits to be read.
                with contextlib.suppress(OSError):
                    self.recv()
                raise

    return Listening


class _KeyPasswordError(Exception):
    """OpenSSL asks for the password of a key."""


def _context(address: Address) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=address.ca)
    except (OSError, ssl.SSLError) as error:
        raise MqttError(f"{address.shown}: the CA file {address.ca} cannot be used: {_why(error)}") from error
    if address.cert is not None and address.key is not None:
        _show(context, address, address.cert, address.key)
    return context


def _show(context: ssl.SSLContext, address: Address, cert: str, key: str) -> None:
    """Take our own certificate and its key into the context."""
    # OpenSSL's own error names neither file, so each is looked at first.
    for what, file, mark in (("client certificate", cert, b"CERTIFICATE-----"), ("key", key, b"PRIVATE KEY-----")):
        try:
            found = Path(file).read_bytes()
        except OSError as error:
            raise MqttError(f"{address.shown}: the {what} {file} cannot be used: {_why(error)}") from error
        if mark not in found:
            raise MqttError(f"{address.shown}: the {what} {file} cannot be used: there is none in it (PEM is read)")

    def no_password() -> str:
        # Without this OpenSSL would ask at the terminal, and a service has none.
        raise _KeyPasswordError

    try:
        context.load_cert_chain(cert, key, password=no_password)
    except _KeyPasswordError:
        raise MqttError(
            f"{address.shown}: the key {key} has a password of its own, which is not supported;"
            " take it off (openssl pkey -in KEY -out NEW) and let only the service's user read the file"
        ) from None
    except (OSError, ssl.SSLError) as error:
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            raise MqttError(f"{address.shown}: the key {key} is not that of the client certificate {cert}") from error
        raise MqttError(
            f"{address.shown}: the client certificate {cert} with the key {key} cannot be used: {_why(error)}"
        ) from error


def sentence_of(error: Exception, address: Address) -> str:
    """What a person can do about a connection that was not made. It names files and the host, nothing of what is in the files."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{_distrust(error.verify_code, address)} (certificate verify failed: {error.verify_message})"
    if address.tls and isinstance(error, ConnectionResetError):
        return f"{_NO_TLS} ({_why(error)})"
    if not isinstance(error, ssl.SSLError):
        return str(error) or "no answer"
    reason = error.reason or ""
    if reason in _NOT_UNDERSTOOD or isinstance(error, ssl.SSLEOFError):
        return f"{_NO_TLS} ({_why(error)})"
    if address.cert is None and reason in _ASKS:
        return f"the broker asks for a client certificate; give one with ?cert=FILE&key=FILE ({_why(error)})"
    if address.cert is not None and reason in _OURS:
        return f"{_OURS[reason].format(cert=address.cert)} ({_why(error)})"
    return f"TLS fails ({_why(error)})"


def _distrust(code: int, address: Address) -> str:
    if code == _EXPIRED:
        return "the broker's certificate, or its CA's, has expired, or this machine's clock is wrong; renew it"
    if code == _NOT_YET:
        return "the broker's certificate, or its CA's, is not valid yet, or this machine's clock is wrong"
    if code in _OTHER_NAME:
        return (
            f"the broker's certificate is not made for {address.host};"
            " write a name that stands in it, or have one made for this name"
        )
    if code in _NOT_SIGNED and address.ca is not None:
        return f"the broker's certificate is not signed by a CA in {address.ca}; name the file of the CA that signed it"
    if code in _NOT_SIGNED:
        return (
            "the broker's certificate is not signed by a CA that this machine trusts; name its CA's file with ?ca=FILE"
        )
    return "the broker's certificate is refused"


def _why(error: OSError) -> str:
    """OpenSSL's and the system's own words, without the place in their source."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "no PEM that OpenSSL understands").replace("_", " ").lower()
    return error.strerror or str(error)
