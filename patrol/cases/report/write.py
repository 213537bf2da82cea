"""A report of cases as a file that is there whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy.orm import Session

from patrol.cases.report.pdf import write_pdf
from patrol.cases.report.read import CaseReport, case_rows, letter_rows
from patrol.cases.report.words import Words
from patrol.cases.report.xlsx import write_xlsx


def write(session: Session, found: CaseReport, words: Words, out: Path) -> None:
    """Write a report beside its place, then put it there.

    Args:
        session: that the report was read in; the workbook's rows are read as they are written.
        found: the report.
        words: its language.
        out: a name that ends in ``.pdf``, or else a workbook's; replaced if it is there.

    Raises:
        OSError: the place cannot be written.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".patrol-report-", dir=out.parent) as folder:
        file = Path(folder) / out.name
        if out.suffix.lower() == ".pdf":
            write_pdf(found, words, file)
        else:
            write_xlsx(found, case_rows(session, found.period), letter_rows(session, found.period), words, file)
        file.replace(out)
