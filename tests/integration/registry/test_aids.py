"""What helps an admin to edit: a zone while it is drawn, the days of a rule, the picture below the zone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import select

from patrol.store.tables import AuditRow
from tests.support.registry_desk import V1, Editing, base, edit, op


def test_a_polygon_is_checked_while_it_is_drawn(admin: TestClient) -> None:
    good = admin.post(f"{V1}/zones/check", json={"polygon": [[0, 0], [1, 0], [1, 0.5], [0, 0.5]]}).json()
    assert good == {"problem": None, "area": 0.5}
    crossed = admin.post(f"{V1}/zones/check", json={"polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}).json()
    assert "crosses itself" in crossed["problem"]


def test_the_days_of_a_rule_are_shown_with_their_lunar_dates(admin: TestClient) -> None:
    windows = [{"lunar": {"from": "12-30", "to": "12-30"}, "from": "18:00", "to": "01:00"}]
    edit(
        admin,
        base(admin),
        op("set", "rules", "ban", "windows", value=windows),
        op("remove", "rules", "ban", "valid_until"),
    )
    ban = admin.get(f"{V1}/rules/preview?year=2026").json()[0]
    assert ban["days"] == 1
    assert ban["spans"] == [
        {
            "first": "2026-02-16",
            "last": "2026-02-16",
            "lunar_first": "腊月廿九",
            "lunar_last": "腊月廿九",
            "hours": [["18:00", "01:00"]],
        }
    ]


def test_the_days_of_a_drafted_rule_are_shown_before_it_is_saved(admin: TestClient, file: Path) -> None:
    before = file.read_text("utf-8")
    drafted = [
        op("set", "rules", "ban", "windows", value=[{"solar": {"from": "12-24", "to": "12-25"}}]),
        op("remove", "rules", "ban", "valid_until"),
    ]
    asked = {"operations": drafted}
    ban = admin.post(f"{V1}/rules/preview?year=2027&base={base(admin)}", json=asked).json()[0]
    assert (ban["days"], ban["spans"][0]["first"]) == (2, "2027-12-24")
    assert file.read_text("utf-8") == before
    drafted[0]["value"] = [{"solar": {"from": "12-24"}}]
    refused = admin.post(f"{V1}/rules/preview?year=2027&base={base(admin)}", json=asked)
    assert refused.status_code == 422
    assert "rules[0] (ban).windows[0].solar" in refused.json()["errors"][0]["field"]


def test_every_day_of_a_year_has_its_lunar_date(admin: TestClient) -> None:
    days = admin.get(f"{V1}/calendar?year=2027").json()["days"]
    # The new moon of 2027-02-06 is at 23:56 county time; calendars that round it into the next day are a day late.
    assert (len(days), days[35], days[36]) == (365, "腊月廿九", "正月初一")
    assert len(admin.get(f"{V1}/calendar?year=2028").json()["days"]) == 366


def test_a_zone_is_drawn_on_the_reference_picture_and_that_is_in_the_audit(
    admin: TestClient, file: Path, service: Editing
) -> None:
    assert admin.get(f"{V1}/cameras/river-1/picture").status_code == 404
    road = np.full((360, 640, 3), 90, np.uint8)
    cv2.line(road, (0, 300), (640, 200), (255, 255, 255), 9)
    cv2.imwrite(str(file.parent / "river.jpg"), road)
    edit(admin, base(admin), op("set", "cameras", "river-1", "reference", value="river.jpg"))
    answer = admin.get(f"{V1}/cameras/river-1/picture")
    assert answer.headers["content-type"] == "image/jpeg"
    shown = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    # Zones are shares of width and height: nothing may be added to the picture.
    assert shown.shape == road.shape
    assert np.abs(shown.astype(int) - road).mean() < 3
    with service.store.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "evidence.view")).one()
        assert (row.camera, row.reason) == ("river-1", "zone drawing")
    (file.parent / "text.jpg").write_bytes(b"\xff\xd8\xff no picture")
    for path in ("camera_registry.yaml", "text.jpg", "gone.jpg"):
        edit(admin, base(admin), op("set", "cameras", "river-1", "reference", value=path))
        assert admin.get(f"{V1}/cameras/river-1/picture").status_code == 404, path
