"""What every route that changes something, or needs a question, is asked with in tests of who may."""

from __future__ import annotations

from typing import Any

IF_MATCH = {"If-Match": '"1"'}
_FORM = "----x"
_UPLOAD = {
    "raw": f'--{_FORM}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n--{_FORM}--\r\n'.encode(),
    "headers": {"Content-Type": f"multipart/form-data; boundary={_FORM}"},
}

REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("DELETE", "/api/v1/session"): {},
    ("POST", "/api/v1/me/password"): {"body": {"new": "x"}},
    ("POST", "/api/v1/users"): {"body": {"name": "no", "shown": "x", "role": "operator"}},
    ("PUT", "/api/v1/users/{name}"): {
        "body": {"shown": "x", "role": "operator", "enabled": True},
        "headers": {"If-Match": '"99"'},
    },
    ("POST", "/api/v1/users/{name}/link"): {},
    ("DELETE", "/api/v1/users/{name}/sessions"): {},
    ("POST", "/api/v1/tokens"): {"body": {"name": "x", "role": "operator", "scopes": ["nothing"]}},
    ("DELETE", "/api/v1/tokens/{name}"): {},
    ("POST", "/api/v1/cases"): {"body": {"title": "x", "address": "x", "source": "resident", "by": "x"}},
    ("POST", "/api/v1/cases/{number}/moves"): {
        "body": {"move": "feedback", "text": "x"},
        "headers": {"If-Match": '"999"'},
    },
    ("POST", "/api/v1/cases/{number}/attachments"): _UPLOAD,
    ("DELETE", "/api/v1/cases/{number}/attachments/{attachment_id}"): {"query": "because=x"},
    ("PATCH", "/api/v1/letters/{letter_id}"): {"body": {}, "headers": {"If-Match": '"999"'}},
    ("POST", "/api/v1/letters/{letter_id}/issue"): {"body": {}, "headers": {"If-Match": '"999"'}},
    ("POST", "/api/v1/letters/{letter_id}/drop"): {"body": {"reason": "x"}, "headers": {"If-Match": '"999"'}},
    ("POST", "/api/v1/review/next"): {"body": {"besides": []}},
    ("POST", "/api/v1/review/dismissals"): {"body": {"incidents": ["none"], "code": "parked_row"}},
    ("POST", "/api/v1/review/{incident_id}/lease"): {},
    ("DELETE", "/api/v1/review/{incident_id}/lease"): {},
    ("POST", "/api/v1/review/{incident_id}/verdict"): {
        "body": {"verdict": "unclear"},
        "headers": {"If-Match": '"999"'},
    },
    ("GET", "/api/v1/case-figures"): {"query": "period=2026-11"},
    ("GET", "/api/v1/case-report"): {"query": "period=2026-11&format=xlsx"},
    ("GET", "/api/v1/letter-register"): {"query": "year=2026"},
    ("POST", "/api/v1/evidence/{evidence_id}/exports"): {
        "body": {"reason": "案件办理需要", "recipient_unit": "traffic_police", "unmasked": False},
    },
    ("POST", "/api/v1/misses/sign-off"): {"body": {"ids": ["none"], "note": "x"}},
    ("POST", "/api/v1/registry/cameras/import"): {**_UPLOAD, "headers": {**_UPLOAD["headers"], "If-Match": '"x"'}},
    ("POST", "/api/v1/registry/edits"): {
        "body": {"operations": [{"op": "set", "path": ["cameras", "own-cam-1", "name"], "value": "x"}], "reason": "x"},
        "headers": {"If-Match": '"x"'},
    },
    ("POST", "/api/v1/registry/preview"): {
        "body": {"operations": [{"op": "set", "path": ["cameras", "own-cam-1", "name"], "value": "x"}]}
    },
    ("POST", "/api/v1/registry/revisions/{revision_id}/restore"): {
        "body": {"reason": "x"},
        "headers": {"If-Match": '"x"'},
    },
    ("POST", "/api/v1/registry/zones/check"): {"body": {"polygon": [[0, 0], [1, 0], [1, 1]]}},
    ("GET", "/api/v1/registry/calendar"): {"query": "year=2027"},
    ("GET", "/api/v1/registry/rules/preview"): {"query": "year=2027"},
    ("POST", "/api/v1/registry/rules/preview"): {
        "body": {"operations": [{"op": "set", "path": ["cameras", "own-cam-1", "name"], "value": "x"}]},
        "query": "year=2027",
    },
    ("POST", "/api/v1/retention/holds"): {"body": {"kind": "case", "ref": "nothing", "reason": "x"}},
    ("DELETE", "/api/v1/retention/holds/{hold}"): {"query": "because=x"},
    ("POST", "/api/v1/ledger/checks"): {},
    ("GET", "/api/v1/ledger/day-report"): {"query": "day=2020-01-01"},
    ("GET", "/api/v1/figures/file"): {"query": "figure=coverage"},
    ("POST", "/api/v1/dispatches/{incident_id}/{department}/calls"): {"body": {"number": "0730-1", "outcome": "busy"}},
    ("POST", "/api/v1/alerts/{alert_id}/again"): {},
    ("POST", "/api/v1/silences"): {
        "body": {"camera": "own-cam-1", "reason": "x", "ends_at": "2099-01-01T00:00:00Z"},
    },
    ("DELETE", "/api/v1/silences/{silence_id}"): {},
    ("POST", "/api/v1/inbox/{alert_id}/answers"): {"body": {"status": "received"}},
    ("POST", "/api/v1/inbox/{alert_id}/photos"): _UPLOAD,
    ("GET", "/api/v1/route"): {"query": "kind=congestion&category=road"},
}

_EXPORT = (("GET", "/api/v1/exports/{number}"), ("GET", "/api/v1/exports/{number}/file"))
OBJECTS: set[tuple[str, str, str]] = {
    # A township's and a department's register of letters is read case by case.
    ("GET", "/api/v1/letters", "department"),
    # `feedback` is its unit's move, and not the auditor's.
    ("POST", "/api/v1/cases/{number}/moves", "auditor"),
    # A copy of evidence is whose order it was: here the limited operator's.
    *((m, p, r) for m, p in _EXPORT for r in ("operator", "shift_lead", "department")),
}
"""Where somebody passes the route's rule and is refused by what it asks about: method, path, role."""

LISTS: set[str] = {
    "/api/v1/letters",
    # Figures of the whole county name no camera; they are refused to nobody who may read figures.
    "/api/v1/case-figures",
    "/api/v1/case-report",
    "/api/v1/letter-register",
    # The day's log names every camera: closed to whoever may see some of them only.
    "/api/v1/ledger/day-report",
}
"""Lists that are closed to whoever is limited, or show the county as a whole."""
