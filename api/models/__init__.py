"""What the API answers, as models: OpenAPI and the console's types come from them. Times are UTC, durations seconds."""

from __future__ import annotations

from api.models._dispatch import Contact, Dispatch, DryRun, Escalation, Silence, ToldFirst, ToldLater, TriedRoute
from api.models._incidents import Ack, Alert, Incident, IncidentCase, IncidentWhole, PhoneCall, Photo, Review, Sighting
from api.models._rotation import (
    Count,
    County,
    FirstBroken,
    Forecast,
    Look,
    PlatformLoad,
    Rotation,
    SpotCheck,
    SpotCheckFigures,
    SpotChecks,
    Status,
    Visit,
)
from api.models._words import File, Name, Page

__all__ = [
    "Ack",
    "Alert",
    "Contact",
    "Count",
    "County",
    "Dispatch",
    "DryRun",
    "Escalation",
    "File",
    "FirstBroken",
    "Forecast",
    "Incident",
    "IncidentCase",
    "IncidentWhole",
    "Look",
    "Name",
    "Page",
    "PhoneCall",
    "Photo",
    "PlatformLoad",
    "Review",
    "Rotation",
    "Sighting",
    "Silence",
    "SpotCheck",
    "SpotCheckFigures",
    "SpotChecks",
    "Status",
    "ToldFirst",
    "ToldLater",
    "TriedRoute",
    "Visit",
]
