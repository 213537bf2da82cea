"""The registry's desk as the API speaks: conditions on requests, refusals as problems, changes and effects as models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request
from sqlalchemy.orm import Session

from api import models
from api.callers import address_of
from api.problems import RefusedError
from patrol import _registry_desk as desk
from patrol import audit
from patrol._registry_effect import Asked, asked
from patrol._registry_file import FileError
from patrol._registry_revisions import Also
from patrol.access import Caller
from patrol.registry import LoadedRegistry, Problem, Registry
from patrol.registry.diff import Change
from patrol.registry.edit import EditError, Operation
from patrol.registry.table_files import TableError
from patrol.service import Service
from patrol.store import queries


def _base(
    if_match: Annotated[str | None, Header(description="SHA-256 of the registry the changes start from.")] = None,
) -> str:
    if if_match is None:
        raise HTTPException(428, "send If-Match with the sha256 of the registry that the change starts from")
    return if_match.strip().removeprefix("W/").strip('"')


Base = Annotated[str, Depends(_base)]


def without_foreign(sections: dict[str, Any], seen: frozenset[str] | None) -> dict[str, Any]:
    """Sections without the ids of cameras that are not to be seen; None: all are."""
    if seen is None:
        return sections
    return {
        name: [
            {**entry, "cameras": [camera for camera in entry["cameras"] if camera in seen]}
            if "cameras" in entry
            else entry
            for entry in value
        ]
        if name in {"rules", "routes", "maintenance"}
        else value
        for name, value in sections.items()
    }


def tag(sha256: str) -> dict[str, str]:
    """The registry's version as a header."""
    return {"ETag": f'"{sha256}"'}


@contextmanager
def refusals() -> Iterator[None]:
    """What the desk refuses, as problems.

    Raises:
        RefusedError: 404, 409, 412, 422 or 503 with one entry a place.
    """
    try:
        yield
    except EditError as error:
        place = "operations" if error.operation is None else f"operations[{error.operation}]"
        raise RefusedError(422, str(error), [{"field": place, "message": str(error)}]) from None
    except desk.InvalidError as error:
        raise RefusedError(422, str(error), _errors(error.problems)) from None
    except desk.BrokenFileError as error:
        raise RefusedError(409, str(error), _errors(error.problems)) from None
    except desk.StaleError as error:
        errors = [vars_of(change).model_dump() for change in error.changes or ()]
        raise RefusedError(412, str(error), errors, tag(error.sha256)) from None
    except desk.UnknownRevisionError as error:
        raise HTTPException(404, str(error)) from None
    except TableError as error:
        raise HTTPException(422, str(error)) from None
    except FileError as error:
        raise HTTPException(503, str(error)) from None
    except desk.DeskError as error:
        raise HTTPException(409, str(error)) from None


def operations_of(listed: Iterable[models.RegistryOperation]) -> list[Operation]:
    """Operations as the registry knows them."""
    return [Operation(op.op, tuple(op.path), op.value, op.to, op.before) for op in listed]


def vars_of(change: Change) -> models.RegistryChange:
    """A change as the API says it."""
    return models.RegistryChange(**{name: getattr(change, name) for name in models.RegistryChange.model_fields})


def problems_of(found: Iterable[Problem]) -> list[models.RegistryProblem]:
    """Problems without the path of the file, which is the service's own business."""
    return [models.RegistryProblem(line=p.line, column=p.column, field=p.field, message=p.message) for p in found]


def effect_of(service: Service, session: Session, before: Registry, after: Registry) -> models.RegistryEffect:
    """What the rotation would have to do, by the looks' measured lengths."""
    overheads = {key: state.overhead_s for key, state in queries.look_states(session).items()}
    local, streams = service.clock.wall(), service.settings.workers * service.settings.slots

    def said(registry: Registry) -> models.RegistryAsked:
        found: Asked = asked(registry, local, streams, overheads)
        return models.RegistryAsked(
            looks=found.looks,
            looks_per_hour=found.looks_per_hour,
            load=found.load,
            load_shortened=found.load_shortened,
            platforms=dict(found.platforms),
            warning=found.warning,
        )

    return models.RegistryEffect(before=said(before), after=said(after))


def done(made: desk.Done) -> models.RegistryDone:
    """An edit that was made."""
    seen = made.preview
    return models.RegistryDone(
        revision=made.revision,
        sha256=seen.loaded.sha256,
        changes=[vars_of(change) for change in seen.changes],
        diff=seen.diff,
        merged=seen.merged,
        theirs=[vars_of(change) for change in seen.theirs],
    )


def audited(service: Service, caller: Caller, request: Request, action: str, reason: str, **detail: Any) -> Also:
    """Writes the audit's row in the edit's transaction, last."""

    def also(session: Session, revision: int | None) -> None:
        audit.write(
            session,
            caller,
            action,
            kind="registry",
            ref=str(revision),
            reason=reason,
            detail=detail or None,
            now=service.clock.wall(),
            address=address_of(request),
        )

    return also


def in_force(service: Service) -> tuple[LoadedRegistry, Sequence[Problem], int | None]:
    """The registry in force, what is wrong with the file by hand, and the revision."""
    try:
        return service.desk.current(), (), service.in_force.revision
    except desk.BrokenFileError as error:
        return service.loaded, error.problems, service.in_force.revision


def _errors(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"line": p.line, "field": p.field, "message": p.message} for p in problems]
