"""What is looked at, how often, what is forbidden there, who is told. One YAML file, checked as a whole."""

from __future__ import annotations

from patrol.registry._entry import Name, Priority
from patrol.registry._geometry import polygon_area, polygon_problem
from patrol.registry.addresses import CredentialError, address, masked, redact
from patrol.registry.cases import Appraisal, Cases, Division, LetterHead, Policy, office_spans
from patrol.registry.days import is_open, is_workday, knows_year, lunar_of
from patrol.registry.describe import describe
from patrol.registry.dispatch import Channel, Contact, Department, Dispatch, Grouping, KindName, Limits, Route, Step
from patrol.registry.durations import format_duration, parse_duration
from patrol.registry.load import LoadedRegistry, load, parse
from patrol.registry.looks import (
    Effective,
    LookSpec,
    ad_hoc_spec,
    effective,
    in_maintenance,
    look_specs,
    look_specs_of,
    paused,
)
from patrol.registry.models import (
    Camera,
    CameraZone,
    Category,
    County,
    Place,
    Platform,
    Preset,
    Registry,
    Rule,
)
from patrol.registry.problems import Problem, RegistryError
from patrol.registry.retention import LOG_FLOOR, SIGN_IN_FLOOR, VIDEO_FLOOR, Retention
from patrol.registry.rules import at_once, exemptions, is_in_force, lies_in, rods_allowed, rules_for
from patrol.registry.schema import json_schema
from patrol.registry.when import Calendar, RiskWindow, Window

__all__ = [
    "LOG_FLOOR",
    "SIGN_IN_FLOOR",
    "VIDEO_FLOOR",
    "Appraisal",
    "Calendar",
    "Camera",
    "CameraZone",
    "Cases",
    "Category",
    "Channel",
    "Contact",
    "County",
    "CredentialError",
    "Department",
    "Dispatch",
    "Division",
    "Effective",
    "Grouping",
    "KindName",
    "LetterHead",
    "Limits",
    "LoadedRegistry",
    "LookSpec",
    "Name",
    "Place",
    "Platform",
    "Policy",
    "Preset",
    "Priority",
    "Problem",
    "Registry",
    "RegistryError",
    "Retention",
    "RiskWindow",
    "Route",
    "Rule",
    "Step",
    "Window",
    "ad_hoc_spec",
    "address",
    "at_once",
    "describe",
    "effective",
    "exemptions",
    "format_duration",
    "in_maintenance",
    "is_in_force",
    "is_open",
    "is_workday",
    "json_schema",
    "knows_year",
    "lies_in",
    "load",
    "look_specs",
    "look_specs_of",
    "lunar_of",
    "masked",
    "office_spans",
    "parse",
    "parse_duration",
    "paused",
    "polygon_area",
    "polygon_problem",
    "redact",
    "rods_allowed",
    "rules_for",
]
