"""Sign-in through a county's own identity provider: OpenID Connect, authorization code with PKCE.

The provider says who somebody is; what he may do is decided here. An account is made by an admin beforehand, with the name that the
provider calls its person by (``preferred_username``), and is bound to the provider's subject at the first sign-in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

import requests
import structlog
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from patrol.settings import Oidc

log = structlog.get_logger(__name__)

COOKIE = "patrol_oidc"
LIFETIME_S = 600
"""Seconds between leaving for the provider and coming back."""
_TIMEOUT_S = 10.0
_KEYS_S = 300.0
"""Keys are read anew at most this often for a key that is not known."""
_ALGORITHMS = ["RS256", "PS256", "ES256"]
_LEEWAY_S = 60


class OidcError(Exception):
    """The provider is away or what came back from it is not to be believed; the message says why, without secrets."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider has seen.

    Attributes:
        outside: issuer and subject: who it is for good.
        name: what the provider calls the person by; None: it does not say.
    """

    outside: str
    name: str | None


class Provider:
    """One identity provider.

    Args:
        settings: where it is and as what it knows this service.
        key: signs the cookie that remembers a browser on its way.
        callback: address that the provider sends browsers back to.
    """

    def __init__(self, settings: Oidc, key: bytes, callback: str) -> None:
        self._settings, self._callback = settings, callback
        self._key = hashlib.sha256(b"patrol oidc\n" + key).digest()
        self._lock = threading.Lock()
        self._found: dict[str, Any] | None = None
        self._keys: KeySet | None = None
        self._keys_at = 0.0

    def leave(self) -> tuple[str, str]:
        """The address to send a browser to, and the cookie that it takes along.

        Raises:
            OidcError: the provider is away.
        """
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with self._client(code_challenge_method="S256") as client:
            address, state = client.create_authorization_url(
                self._metadata()["authorization_endpoint"], nonce=nonce, code_verifier=verifier
            )
        return str(address), self._sealed({"s": state, "n": nonce, "v": verifier, "t": int(time.time())})

    def back(self, cookie: str, state: str, code: str) -> Person:
        """Who came back.

        Args:
            cookie: what the browser took along.
            state, code: what the provider gave it.

        Raises:
            OidcError: it did not leave from here, or too long ago, or the provider's word is not to be believed.
        """
        kept = self._opened(cookie)
        if kept is None or time.time() - kept["t"] > LIFETIME_S:
            raise OidcError("this sign-in did not begin here, or too long ago; begin again")
        if not hmac.compare_digest(kept["s"].encode(), state.encode()):
            raise OidcError("this sign-in belongs to another browser window; begin again")
        try:
            with self._client() as client:
                token = client.fetch_token(
                    self._metadata()["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=kept["v"],
                    timeout=_TIMEOUT_S,
                )
        except Exception as error:
            # authlib, requests and oauthlib each have errors of their own here.
            raise OidcError(f"the provider gave no token ({type(error).__name__})") from error
        return self._believed(str(token.get("id_token") or ""), kept["n"])

    def _believed(self, id_token: str, nonce: str) -> Person:
        claims = self._claims(id_token)
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self._settings.client},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise OidcError(f"the provider's word is not for us or not for now ({error})") from error
        azp = claims.get("azp")
        if azp is not None and azp != self._settings.client:
            raise OidcError("the provider's word was given to somebody else")
        name = claims.get("preferred_username")
        return Person(f"{self._settings.issuer} {claims['sub']}", name if isinstance(name, str) else None)

    def _claims(self, id_token: str) -> dict[str, Any]:
        for fresh in (False, True):
            try:
                return dict(jwt.decode(id_token, self._key_set(fresh=fresh), algorithms=_ALGORITHMS).claims)
            except (JoseError, ValueError) as error:
                problem = error
        raise OidcError(f"the provider's signature is not right ({type(problem).__name__})") from problem

    def _metadata(self) -> dict[str, Any]:
        with self._lock:
            if self._found is None:
                found = self._read(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
                if found.get("issuer") != self._settings.issuer:
                    raise OidcError("the provider calls itself by another name than the one that was set")
                self._found = found
            return self._found

    def _key_set(self, *, fresh: bool) -> KeySet:
        address = self._metadata()["jwks_uri"]
        with self._lock:
            if self._keys is None or (fresh and time.monotonic() - self._keys_at > _KEYS_S):
                self._keys, self._keys_at = KeySet.import_key_set(self._read(address)), time.monotonic()  # type: ignore[arg-type]
            return self._keys

    def _read(self, address: str) -> dict[str, Any]:
        try:
            answer = requests.get(address, timeout=_TIMEOUT_S, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise OidcError(f"the identity provider does not answer ({type(error).__name__})") from error
        if not isinstance(found, dict):
            raise OidcError("the identity provider answers something else than it should")
        return found

    def _client(self, **more: Any) -> OAuth2Session:
        return OAuth2Session(
            self._settings.client,
            self._settings.secret,
            scope="openid profile",
            redirect_uri=self._callback,
            **more,
        )

    def _sealed(self, kept: dict[str, Any]) -> str:
        body = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode()
        return f"{body}.{self._mac(body)}"

    def _opened(self, cookie: str) -> dict[str, Any] | None:
        body, _, mac = cookie.partition(".")
        if not hmac.compare_digest(self._mac(body).encode(), mac.encode("utf-8", "surrogateescape")):
            return None
        return dict(json.loads(base64.urlsafe_b64decode(body)))

    def _mac(self, body: str) -> str:
        return hmac.new(self._key, body.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
