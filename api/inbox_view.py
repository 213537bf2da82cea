"""A department's matter as the API shows it: limits, what may be answered, evidence of its own alert, whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import models
from api.answered import Answers
from api.deps import department_names
from api.following import cases_of
from api.links import Links
from patrol.access import Caller
from patrol.alerts import inbox, tracks
from patrol.alerts.ladder import RANK
from patrol.alerts.route import on_duty
from patrol.service import Service
from patrol.store.tables import AnswerPhoto, EvidenceFile

Step = Literal["received", "accepted", "on_scene", "disposed"]
_STEPS: tuple[Step, ...] = get_args(Step)


class Shown:
    """Shows matters of one department in one answer.

    Args:
        service: the service.
        session: reads.
        caller: whose department it is.
        found: all matters that will be shown.
    """

    def __init__(self, service: Service, session: Session, caller: Caller, found: Sequence[inbox.Matter]) -> None:
        registry = service.loaded.registry
        self._links, self._departments = Links(service, caller, "inbox"), department_names(registry)
        self._answers = Answers(session, self._links, (ack for matter in found for ack in matter.acks))
        self._cases = cases_of(session, [matter.track.incident for matter in found])
        local = service.clock.wall().astimezone(registry.county.zone)
        self._centre = [
            models.Contact(name=c.name, phone=c.phone) for c in on_duty(registry, registry.dispatch.shift_lead, local)
        ]
        paths = {file["path"] for matter in found for file in matter.alert.envelope["evidence"]}
        self._files = {
            file.path: file for file in session.scalars(select(EvidenceFile).where(EvidenceFile.path.in_(paths)))
        }

    def matter(self, matter: inbox.Matter) -> models.InboxMatter:
        """One of them."""
        track, alert, said = matter.track, matter.alert, matter.alert.envelope
        case, by = self._cases.get(track.incident), tracks.taken_on_by(track)
        before = (said.get("escalation") or {}).get("from") if track.role in {"fallback", "escalation"} else None
        return models.InboxMatter(
            alert=alert.id,
            alerts=len(matter.alerts),
            incident=track.incident,
            kind=track.kind,
            severity=matter.incident.severity,
            role=track.role,
            state=track.state,
            reviewed=matter.incident.review == "confirmed",
            summary=models.Name(zh=said["summary"], en=said.get("summary_en") or said["summary"]),
            occurred_at=datetime.fromisoformat(said["occurred_at"]),
            opened_at=track.opened_at,
            spot=_spot(said["camera"]),
            evidence=self._links.files(
                self._files[file["path"]] for file in said["evidence"] if file["path"] in self._files
            ),
            steps=_steps(matter),
            awaits=tracks.view(track).awaits if track.closed_at is None else None,
            answers=matter.answers,
            acks=[self._answers.shown(ack, case) for ack in matter.acks],
            waiting=[photo_view(photo, self._links) for photo in matter.photos if photo.ack is None],
            in_place_of=self._name(before),
            taken_on_by=self._name(by),
            closed_at=track.closed_at,
            closed_because=track.closed_because,
            case=case,
            centre=self._centre,
        )

    def _name(self, department: str | None) -> models.Name | None:
        if department is None:
            return None
        return self._departments.get(department, models.Name(zh=department, en=department))


def photo_view(row: AnswerPhoto, links: Links) -> models.InboxPhoto:
    """A photo that no answer names yet."""
    return models.InboxPhoto(
        id=row.id,
        url=links.photo(f"/{row.path}") if row.purged_at is None else None,
        sha256=row.sha256,
        bytes=row.bytes,
        at=row.at,
        purged_at=row.purged_at,
    )


def _spot(camera: dict[str, object]) -> models.Spot:
    shown = {name: camera.get(name) for name in models.Spot.model_fields if name != "camera"}
    return models.Spot.model_validate({"camera": camera["id"], **shown})


def _steps(matter: inbox.Matter) -> list[models.InboxStep]:
    """The steps that are asked of it. A later answer says the earlier steps too; a refusal says no more than `received`."""
    track = matter.track
    due = tracks.view(track).by
    asked = _STEPS[:1] if track.role == "copy" else _STEPS
    taken = [ack for ack in matter.acks if ack.taken]

    def done(step: Step) -> datetime | None:
        enough = (
            ack.at
            for ack in taken
            if RANK[ack.status] >= RANK[step] and (ack.status != "refused" or step == "received")
        )
        return min(enough, default=None)

    return [models.InboxStep(step=step, due=due[step], done_at=done(step)) for step in asked]
