"""A small county for tests: valid as it stands, changed by replacing text."""

from __future__ import annotations

from patrol.registry import LoadedRegistry, LookSpec, RegistryError, look_specs, parse

TEXT = """\
county:
  code: 430624
  name: {zh: 湘阴县, en: Xiangyin}
  topic: xiangyin
platforms:
  - {id: police, name: {zh: 雪亮, en: Police}, credential: env:POLICE}
  - {id: files, name: {zh: 文件, en: Files}}
categories:
  - key: squares
    name: {zh: 广场, en: Squares}
    dwell: 30s
    detectors: [fireworks]
    risk_windows:
      - {name: Eve, lunar: {from: 12-30, to: 12-30}, from: 18:00, to: 01:00, period: 5m, priority: highest}
      - {name: holiday, days: holiday, from: 18:00, to: 23:00, period: 30m}
  - key: roads
    name: {zh: 路, en: Roads}
    period: 1h
    dwell: 20s
    priority: high
    detectors: [congestion]
  - key: rivers
    name: {zh: 河湖, en: Rivers}
    detectors: [fishing]
departments:
  - {id: security, name: {zh: 公安, en: Police}}
  - {id: fisheries, name: {zh: 渔政, en: Fisheries}}
routes:
  - {kind: fireworks, to: security}
  - {kind: congestion, to: security}
  - {kind: fishing, to: fisheries, copy_to: [security]}
rules:
  - id: ban
    kind: fireworks
    name: {zh: 禁放, en: Ban}
    categories: [squares]
    valid_from: 2025-12-24
    valid_until: 2026-03-15
    source: Notice 1
  - id: angling
    kind: fishing
    name: {zh: 垂钓, en: Angling}
    categories: [rivers]
    mode: leisure_angling
    source: Notice 2
cameras:
  - id: gate-12
    name: Gate 12
    platform: police
    source: rtsp://192.0.2.1/live
    categories: [squares, roads]
    place: {address: Square 1}
    zones:
      - {name: sky, kind: sky, polygon: [[0, 0], [1, 0], [1, 0.4], [0, 0.4]]}
  - id: river-1
    name: River
    platform: files
    source: clips/river.mp4
    categories: [rivers]
    place: {address: Bank 1}
"""


def changed(*changes: tuple[str, str]) -> str:
    """The text with each old part, which must be there once, replaced."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def load_changed(*changes: tuple[str, str]) -> LoadedRegistry:
    return parse(changed(*changes), "county.yaml")


def problems(*changes: tuple[str, str], text: str | None = None) -> list[str]:
    """What is said of the changed text, without the file name; fails when nothing is."""
    error = refusal(changed(*changes) if text is None else text, "county.yaml")
    assert error is not None, "the registry was accepted"
    assert str(error) == "\n".join(str(problem) for problem in error.problems)
    return [str(problem).removeprefix("county.yaml:") for problem in error.problems]


def refusal(text: str, file: str) -> RegistryError | None:
    """Why a text is refused, None when it is accepted; anything but a RegistryError is a crash."""
    try:
        parse(text, file)
    except RegistryError as error:
        return error
    return None


def spec(loaded: LoadedRegistry, key: str) -> LookSpec:
    return next(each for each in look_specs(loaded.registry, include_disabled=True) if each.key == key)
