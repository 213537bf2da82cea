"""What the rooms of keeping and of backups give to others."""

from __future__ import annotations

from patrol import backup, retention


def test_the_rooms_export_these_names_and_have_them() -> None:
    assert set(retention.__all__) == {
        "FLOORS", "MOST", "BusyError", "Class", "ClockError", "FloorError", "HoldError", "Kept", "Plan", "Report", "Space",
        "Verdict", "alone", "beat", "everything", "lift", "measure", "next_run", "plan", "put", "run", "term_of", "verify",
    }  # fmt: skip
    assert set(backup.__all__) == {
        "BackupError", "DatabaseError", "Made", "Manifest", "ManifestError", "RestoreError", "Restored", "make", "newest",
        "restore", "verify",
    }  # fmt: skip
    for room in (retention, backup):
        assert all(hasattr(room, name) for name in room.__all__)
