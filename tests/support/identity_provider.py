"""An OpenID Connect provider on loopback: authorization code with PKCE, RS256, and a word that a test can bend."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "video-patrol", "s3cret-of-the-client"


class IdentityProvider:
    """Signs everybody in as ``name`` without asking.

    Attributes:
        name, subject: whom it has seen.
        bend: changes the claims before they are signed.
        key: signs; ``foreign`` signs in its place when it is set.
    """

    def __init__(self) -> None:
        self.name, self.subject = "zhao-desk", "f3a1"
        self.bend: dict[str, Any] = {}
        self.key, self.foreign = RSAKey.generate_key(2048, {"kid": "one"}), None
        self.codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._post(self)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        if parts.path == "/.well-known/openid-configuration":
            at = {f"{word}_endpoint": f"{self.issuer}/{word}" for word in ("authorization", "token")}
            _say(request, 200, {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **at})
        elif parts.path == "/keys":
            _say(request, 200, {"keys": [self.key.as_dict(private=False)]})
        elif parts.path == "/authorization":
            asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
            code = secrets.token_urlsafe(12)
            self.codes[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            request.send_response(302)
            request.send_header("Location", f"{asked['redirect_uri']}?{back}")
            request.end_headers()
        else:
            _say(request, 404, {})

    def _post(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        given = {key: values[0] for key, values in parse_qs(body).items()}
        asked = self.codes.pop(given.get("code", ""), None)
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        proof = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        fits = (
            asked is not None
            and request.headers.get("Authorization") == basic
            and asked["code_challenge"] == proof.decode().rstrip("=")
            and asked["code_challenge_method"] == "S256"
            and asked["redirect_uri"] == given["redirect_uri"]
        )
        if not fits or asked is None:
            _say(request, 400, {"error": "invalid_grant"})
            return
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": int(time.time()) + 300,
            "iat": int(time.time()),
            "nonce": asked["nonce"],
            "preferred_username": self.name,
            **self.bend,
        }
        word = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.foreign or self.key)
        _say(request, 200, {"access_token": "x", "token_type": "Bearer", "id_token": word})


def _say(request: BaseHTTPRequestHandler, status: int, value: dict[str, Any]) -> None:
    body = json.dumps(value).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
