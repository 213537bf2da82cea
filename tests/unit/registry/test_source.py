"""YAML itself: what is read, what is refused, and the place each complaint names."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.registry import RegistryError, load, parse
from patrol.registry._source import MAX_DEPTH, decode, read
from tests.unit.registry.county import TEXT, changed, problems, refusal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: the file is empty; it must hold at least county, platforms and categories"),
        ("# nothing yet\n", "1: the file is empty; it must hold at least county, platforms and categories"),
        ("- a\n", "1: the file must be a mapping: county: …, platforms: …, categories: …"),
        ("county:\n\tcode: 1\n", "2:1: not YAML: a tab cannot indent in YAML; use spaces"),
        ("a: b: c\n", "1:5: not YAML: mapping values are not allowed in this context"),
        ("a: [1, 2\nb: 3\n", "2:2: not YAML: did not find expected ',' or ']'"),
        ("a: 'open\n", "2:1: not YAML: found unexpected end of stream"),
        ("a: @x\n", "1:4: not YAML: found character that cannot start any token; put the text in quotes"),
        ("a: 1\nb: 2\x00\n", "2:5: the text holds a NUL byte; remove it"),
        ("a: \x07\n", "1:4: the text holds the control character U+0007; remove it"),
        ("a: \ud800\n", "1:4: the text holds the control character U+D800; remove it"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here (---); a registry is one document"),
        ("a: *x\n", "1:4: a: *x names nothing above"),
        ("a: &x [*x]\n", "1:8: a[0]: *x stands inside what it names"),
        ("? [a]\n: b\n", "1:3: a list or mapping cannot be a key"),
    ],
)
def test_text_that_is_no_registry_is_refused_with_its_place(text: str, said: str) -> None:
    assert problems(text=text)[0].startswith(said)


def test_duplicate_keys_are_errors_and_name_both_lines() -> None:
    said = problems(("    name: Gate 12\n", "    name: Gate 12\n    platform: files\n"))
    line = changed().split("\n").index("    name: Gate 12") + 1
    assert said == [f"{line + 2}:5: cameras[0]: platform was already given in line {line + 1}; keep one of the two"]


def test_tags_are_errors() -> None:
    said = problems(("name: Gate 12", "name: !!python/name:os.system Gate"))
    assert "the tag tag:yaml.org,2002:python/name:os.system means nothing here" in said[0]


def test_deep_nesting_neither_crashes_nor_hangs() -> None:
    with pytest.raises(RegistryError, match=f"nested more than {MAX_DEPTH} deep"):
        read("[" * 200_000, "deep.yaml")


def test_aliases_that_multiply_are_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for here, before in zip("bcdefghij", "abcdefghi", strict=True):
        bomb += f"{here}: &{here} [{','.join(['*' + before] * 10)}]\n"
    with pytest.raises(RegistryError, match="values once its aliases are followed"):
        read(bomb, "bomb.yaml")


def test_anchors_and_merges_work_and_keep_their_lines() -> None:
    source = read("x: &x\n  a: 1\n  b: 2\ny:\n  <<: *x\n  b: 3\nz: *x\n", "x.yaml")
    assert source.data == {"x": {"a": "1", "b": "2"}, "y": {"a": "1", "b": "3"}, "z": {"a": "1", "b": "2"}}
    assert (source.line(("y", "a")), source.line(("y", "b")), source.line(("z", "a"))) == (2, 6, 2)


def test_scalars_stay_what_a_person_wrote() -> None:
    source = read('a: 06:50\nb: 12-24\nc: 430624\nd: no\ne: ~\nf: "~"\ng:\nh: 0x10\ni: 2026-02-16\n', "x.yaml")
    assert source.data == {
        "a": "06:50",
        "b": "12-24",
        "c": "430624",
        "d": "no",
        "e": None,
        "f": "~",
        "g": None,
        "h": "0x10",
        "i": "2026-02-16",
    }


def test_division_code_and_gb_id_need_no_quotes() -> None:
    loaded = parse(changed(("id: gate-12", "id: 43062400001315000123")), "county.yaml")
    assert loaded.registry.county.code == "430624"
    assert loaded.registry.cameras[0].id == "43062400001315000123"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: 湘阴\n".encode("gbk"), "1:4: the file is not UTF-8 (it looks like GBK); save it as UTF-8"),
        (
            "a: 1\n湘b: ".encode() + b"\xff\n",
            "2:5: the file is not UTF-8 (it looks like another encoding); save it as UTF-8",
        ),
        ("a: 1\n".encode("utf-16"), "1:1: the file is UTF-16; save it as UTF-8"),
    ],
)
def test_other_encodings_are_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "county.yaml"
    file.write_bytes(content)
    with pytest.raises(RegistryError) as refused:
        load(file)
    assert str(refused.value) == f"{file}:{said}"


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "county.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert load(file).registry == parse(TEXT, "x").registry


def test_a_file_that_is_not_there_is_a_registry_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryError) as refused:
        load(tmp_path / "none.yaml")
    assert str(refused.value) == f"{tmp_path / 'none.yaml'}: cannot be read: No such file or directory"
    assert refused.value.problems[0].line is None
    with pytest.raises(RegistryError, match="Is a directory"):
        load(tmp_path)


@given(st.text(max_size=80))
def test_whatever_is_read_is_read_or_refused_with_a_place(text: str) -> None:
    error = refusal(text, "any.yaml")
    assert error is not None
    assert error.problems
    assert all(problem.line is not None and problem.message for problem in error.problems)


@given(st.binary(max_size=60))
def test_whatever_bytes_a_file_holds(content: bytes) -> None:
    try:
        text = decode(content, "any.yaml")
    except RegistryError as error:
        (problem,) = error.problems
    else:
        error = refusal(text, "any.yaml")
        assert error is not None
        problem = error.problems[0]
    assert problem.line is not None


@given(st.data())
def test_a_damaged_registry_is_refused_or_read_never_a_crash(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(TEXT) - 1))
    drop = data.draw(st.integers(0, 12))
    put = data.draw(st.text(alphabet=st.sampled_from("[]{}:,-&*!|>'\"#%@`\t\n a0~?"), max_size=3))
    error = refusal(TEXT[:at] + put + TEXT[at + drop :], "any.yaml")
    assert error is None or all(problem.line is not None for problem in error.problems)


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    problems(text="a: 1")
    assert gc.isenabled()
