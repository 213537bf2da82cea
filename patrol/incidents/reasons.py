"""What a false alarm was, in a word that can be counted, and of which kinds of incident it can be said.

The order is that of the keys 1 to 9 on the review page: the most usual ones of a kind come first.
"""

from __future__ import annotations

from dataclasses import dataclass

from patrol.incidents.changes import KINDS, IncidentError

_ALL = frozenset(KINDS)
CODED = frozenset({"false_alarm", "exempt"})
"""Verdicts that may carry a reason code."""
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes:
        code: as it is kept and counted.
        zh, en: as people read it.
        kinds: of which incidents it can be said.
        verdicts: with which verdicts it goes.
    """

    code: str
    zh: str
    en: str
    kinds: frozenset[str] = _ALL
    verdicts: frozenset[str] = frozenset({"false_alarm"})


def _of(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


REASONS: tuple[Reason, ...] = (
    Reason("red_light_queue", "红灯排队", "queue at a red light", _of("congestion")),
    Reason("parked_row", "路边停车", "row of parked vehicles", _of("congestion")),
    Reason("roadworks", "施工占道", "roadworks", _of("congestion"), CODED),
    Reason("stage_lights", "舞台或景观灯光", "stage or show lights", _of("fireworks")),
    Reason("welding_or_fire", "电焊或明火", "welding or open fire", _of("fireworks")),
    Reason("lantern", "灯笼或孔明灯", "lantern", _of("fireworks")),
    Reason("licensed_display", "获批燃放", "licensed display", _of("fireworks"), frozenset({"exempt"})),
    Reason("walker", "岸边行人", "walker", _of("fishing")),
    Reason("dog_walker", "遛狗", "dog walker", _of("fishing")),
    Reason("boat_permitted", "准许作业船只", "permitted boat", _of("fishing"), CODED),
    Reason("reflections", "水面或灯光反射", "reflections", _of("fireworks", "fishing")),
    Reason("wrong_zone", "不在管控区域", "outside the zone"),
    Reason("camera_moved", "镜头移位", "camera moved"),
    Reason("picture_fault", "画面故障", "picture fault"),
    Reason(OTHER, "其他（须说明）", "other (say what)", _ALL, CODED),
)
_BY_CODE = {reason.code: reason for reason in REASONS}


def check_reason(kind: str, verdict: str, code: str | None, text: str | None) -> None:
    """See that a code fits an incident and a verdict. Without one anything fits: the command line asks for none.

    Raises:
        IncidentError: no such code, one that cannot be said of this, or ``other`` without a word.
    """
    if code is None:
        return
    reason = _BY_CODE.get(code)
    if reason is None:
        raise IncidentError(f"no reason {code!r}; there are {', '.join(_BY_CODE)}")
    if verdict not in reason.verdicts or kind not in reason.kinds:
        raise IncidentError(f"the reason {code!r} cannot be given for {verdict!r} of {kind}")
    if code == OTHER and not (text or "").strip():
        raise IncidentError("the reason 'other' needs a sentence that says what it was")
