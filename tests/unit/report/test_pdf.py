from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pymupdf
import pytest

from patrol.ledger.day import DayReport, read_day
from patrol.paper.page import Paper, glyphs
from patrol.report import LANGS, Lang, Words, write_pdf
from patrol.report._heat_pages import axis
from patrol.report._texts import TEXTS
from patrol.store import open_store
from tests.unit.ledger_day.county_day import DAY, away, camera, every, local, revision
from tests.unit.ledger_day.county_day import made as made_by_hand
from tests.unit.report.busy_day import ROOT, fill


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DayReport]:
    store = open_store(None, tmp_path_factory.mktemp("store"))
    store.upgrade()
    with store.sessions.begin() as session:
        fill(session, 150)
    with store.reading() as session:
        yield read_day(session, DAY, local("09:00", days=1))
    store.close()


def text_of(file: Path) -> str:
    with pymupdf.open(file) as document:
        return "\n".join(page.get_text() for page in document)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("lang", LANGS)
def test_the_document_says_what_the_day_was(busy: DayReport, lang: Lang, tmp_path: Path) -> None:
    words = Words(lang, busy.span.zone)
    write_pdf(busy, words, tmp_path / "day.pdf")
    text = text_of(tmp_path / "day.pdf")
    whole = squeezed(text)
    f = busy.overall
    wanted = [
        words("title", county=words.name(busy.county)),
        words.share(f.coverage),
        words.share(f.coverage_answering),
        words.share(f.window_coverage),
        words.share(f.window_coverage_answering),
        words("of", part=f.kept, whole=f.looks),
        words("of", part=f.windows_seen, whole=f.windows),
        words.length(f.worst_gap_s),
        words.length(f.p99_gap_s),
        "Asia/Shanghai",
        words("sign_line"),
        words("def.why"),
        "李班长",
        "停电，已报修#0",
        "=HYPERLINK(1)",
        "车辆排队<120m>&不动",
        "现场核实",
        *(words.name(group.name) for group in (*busy.categories, *busy.platforms)),
        *(look.name for look in busy.looks if look.state != "disabled"),
        *(each.sha256 for each in busy.revisions),
    ]
    assert [each for each in wanted if squeezed(each) not in whole] == []
    assert " ".join([ROOT[:8]] * 8) in text.replace("\n", " ")
    for group in busy.categories:
        figures = (group.figures.coverage, group.figures.window_coverage_answering)
        assert all(squeezed(words.share(value)) in whole for value in figures)
    with pymupdf.open(tmp_path / "day.pdf") as document:
        pages = len(document)
        for number, page in enumerate(document, 1):
            assert words("page", page=number, pages=pages) in page.get_text()


@pytest.mark.parametrize("lang", LANGS)
def test_every_character_has_a_glyph_and_the_font_is_in_the_file(busy: DayReport, lang: Lang, tmp_path: Path) -> None:
    write_pdf(busy, Words(lang, busy.span.zone), tmp_path / "day.pdf")
    with pymupdf.open(tmp_path / "day.pdf") as document:
        shown = [glyph for page in document for span in page.get_texttrace() for _, glyph, *_ in span["chars"]]
        fonts = {font[3]: font[1] for page in document for font in page.get_fonts()}
    assert shown
    assert 0 not in shown
    assert "\ufffd" not in text_of(tmp_path / "day.pdf")
    embedded = {name: kind for name, kind in fonts.items() if "Droid" in name}
    assert embedded
    assert set(embedded.values()) == {"ttf"}


def test_the_font_has_every_character_of_every_text() -> None:
    known = glyphs()
    missing = {c for pair in TEXTS.values() for text in pair for c in text if c not in "\n " and ord(c) not in known}
    assert missing == set()


def test_what_the_font_has_not_is_an_empty_box_and_never_nothing() -> None:
    assert Paper("zh").clean("路口😀a\x07\tb") == "路口□ab"


def test_the_picture_is_drawn_in_the_colours_of_what_was(tmp_path: Path) -> None:
    # One camera looked at every two hours till noon, then never again: fresh at 00:30, over its period at 18:00.
    visits = every("a", timedelta(hours=2), local("00:00"), local("12:00"))
    report = made_by_hand([revision(1, local("08:00", days=-9), camera("a"))], visits)
    write_pdf(report, Words("en", report.span.zone), tmp_path / "day.pdf")
    with pymupdf.open(tmp_path / "day.pdf") as document:
        page = next(page for page in document if "Cameras × time" in page.get_text())
        fills = {
            tuple(round(part * 255) for part in drawing["fill"]): drawing["rect"]
            for drawing in page.get_drawings()
            if drawing.get("fill") and drawing["rect"].y0 > 100
        }
        axis_at = {word[4]: (word[0] + word[2]) / 2 for word in page.get_text("words") if word[4] in {"00", "12", "24"}}
    over = fills[0xA3, 0x16, 0x21]
    assert over.x0 == pytest.approx(axis_at["12"], abs=1.5)
    assert over.x1 == pytest.approx(axis_at["24"], abs=1.5)
    assert (0xDC, 0xEB, 0xF7) in fills


def test_outages_of_a_platforms_cameras_are_folded_unless_they_outlast_it(tmp_path: Path) -> None:
    outages = [
        away(local("03:00"), local("04:00"), platform="police", number=5),
        away(local("03:00"), local("04:01"), look="a", number=1, part_of=5),
        away(local("03:00"), None, look="b", number=2, part_of=5),
        away(local("00:10"), local("00:20"), look="c", number=3, part_of=4),
    ]
    cameras = [camera(key) for key in ("a", "b", "c")]
    report = made_by_hand([revision(1, local("08:00", days=-9), *cameras)], [], outages=outages)
    write_pdf(report, Words("en", report.span.zone), tmp_path / "day.pdf")
    text = text_of(tmp_path / "day.pdf")
    listed = text[text.index("\nOutages\n") : text.index("\nFlags and reviews\n")]
    assert "1 camera outages" not in listed
    assert "2 camera outages folded in" in listed
    assert [key for key in ("a", "b", "c") if f"{key} 路口" in listed] == ["b", "c"]


def test_a_county_of_many_cameras_is_shown_in_groups_and_says_so(tmp_path: Path) -> None:
    cameras = [camera(f"c{n}", ("roads", "dikes")[n % 2]) for n in range(2001)]
    visits = [
        row
        for n in range(0, 2001, 2)
        for row in every(f"c{n}", timedelta(hours=2), local("23:00", days=-1), local("24:00"))
    ]
    report = made_by_hand([revision(1, local("08:00", days=-9), *cameras)], visits)
    write_pdf(report, Words("en", report.span.zone), tmp_path / "day.pdf")
    text = squeezed(text_of(tmp_path / "day.pdf"))
    assert squeezed("2001 looks are more than 2000") in text
    assert "Xueliang(1001)" in text
    assert "Xueliang(1000)" in text


def test_a_county_with_every_camera_switched_off_makes_a_document(tmp_path: Path) -> None:
    report = made_by_hand([revision(1, local("08:00", days=-9), camera("a", more=", enabled: false"))], [])
    assert report.overall.looks == 0
    for lang in LANGS:
        write_pdf(report, Words(lang, report.span.zone), tmp_path / "day.pdf")
        assert Words(lang, report.span.zone)("none") in text_of(tmp_path / "day.pdf")


def test_the_axis_of_a_spring_day_has_no_hour_that_was_not() -> None:
    from datetime import date
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Berlin")
    report = made_by_hand(
        [revision(1, local("08:00", days=-400), camera("a"), zone="Europe/Berlin")],
        [],
        day=date(2026, 3, 29),
        zone=zone,
    )
    marks = axis(report)
    assert [label for _, label in marks] == ["00", "04", "06", "08", "10", "12", "14", "16", "18", "20", "22", "24"]
    assert marks[1][0] == 3 * 3600
    assert marks[-1][0] == 23 * 3600
