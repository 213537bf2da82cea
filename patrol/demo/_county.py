"""Which cameras the demo county has, and its registry as YAML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from patrol.demo._loop import FootageError, read_loop

MOST_CLIPS = 10


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """One camera of the demo.

    Attributes:
        id: in the registry and in its address.
        name: for operators; says that it is synthetic, or a clip.
        platform: platform id.
        category: category key.
        address: made-up place.
        lon, lat: degrees, near the county seat.
        shows: key of a scene, or name of a clip; None: it does not answer.
        clip: the file it shows in place of a scene.
    """

    id: str
    name: str
    platform: str
    category: str
    address: str
    lon: float
    lat: float
    shows: str | None
    clip: Path | None = None


_SYNTHETIC = (
    DemoCamera("demo-square-1", "【合成】文星广场 烟花", "police", "public_squares", "合成画面: 文星广场", 112.907, 28.689, "fireworks"),
    DemoCamera("demo-square-2", "【合成】滨江广场 夜景", "police", "public_squares", "合成画面: 滨江广场", 112.899, 28.684, "quiet_town"),
    DemoCamera("demo-entry-1", "【合成】城南卡口 排队", "traffic", "city_entry_checkpoints", "合成画面: 城南入口", 112.903, 28.662, "queue"),
    DemoCamera("demo-entry-2", "【合成】城北卡口 畅通", "traffic", "city_entry_checkpoints", "合成画面: 城北入口", 112.911, 28.711, "free_road"),
    DemoCamera("demo-school-1", "【合成】第一小学校门", "police", "urban_schools", "合成画面: 学校大门", 112.913, 28.683, "school_gate"),
    DemoCamera("demo-street-1", "【合成】步行街", "city_management", "supermarkets", "合成画面: 步行街", 112.906, 28.679, "street"),
    DemoCamera("demo-dike-1", "【合成】湘江禁渔堤段", "fisheries", "key_no_fishing_dikes", "合成画面: 湘江东岸", 112.887, 28.693, "river_bank"),
    DemoCamera("demo-reservoir-1", "【合成】燎原水库 夜间", "emergency", "reservoirs", "合成画面: 水库大坝", 113.021, 28.701, "reservoir_night"),
    DemoCamera("demo-market-1", "【合成】文星市场 烟花", "city_management", "markets", "合成画面: 文星市场", 112.910, 28.686, "fireworks"),
    DemoCamera("demo-covered-1", "【合成】被遮挡的镜头", "police", "urban_schools", "合成画面: 遮挡", 112.915, 28.680, "covered"),
    DemoCamera("demo-frozen-1", "【合成】画面冻结", "city_management", "supermarkets", "合成画面: 冻结", 112.909, 28.676, "frozen"),
    DemoCamera("demo-unreachable-1", "【合成】连不上的摄像头", "emergency", "reservoirs", "合成: 无信号", 113.030, 28.695, None),
)  # fmt: skip

_BY_WORD = {
    "firework": ("police", "public_squares"),
    "traffic": ("traffic", "city_entry_checkpoints"),
    "road": ("traffic", "city_entry_checkpoints"),
    "fish": ("fisheries", "key_no_fishing_dikes"),
    "river": ("fisheries", "key_no_fishing_dikes"),
}
_OTHERWISE = ("city_management", "supermarkets")


def cameras(footage: Path | None) -> tuple[DemoCamera, ...]:
    """The demo's cameras: the synthetic ones, or clips beside a covered and an unreachable one.

    Raises:
        FootageError: a clip that cannot be served, or none in the folder.
    """
    if footage is None:
        return _SYNTHETIC
    found = [footage] if footage.is_file() else _mixed(sorted(footage.rglob("*.mp4")))
    if not found:
        raise FootageError(f"{footage}: no .mp4 file in it")
    clips = []
    for number, clip in enumerate(found[:MOST_CLIPS], 1):
        read_loop(clip)
        platform, category = _belongs(clip)
        name = f"【片段】{clip.stem}"
        clips.append(
            DemoCamera(
                f"clip-{number}",
                name,
                platform,
                category,
                f"片段: {clip.name}",
                112.9 + 0.004 * number,
                28.68,
                f"clip-{number}",
                clip,
            )
        )
    return (*clips, *(camera for camera in _SYNTHETIC if camera.shows in {"covered", None}))


def _belongs(clip: Path) -> tuple[str, str]:
    return next((where for word, where in _BY_WORD.items() if word in clip.stem.lower()), _OTHERWISE)


def _mixed(clips: list[Path]) -> list[Path]:
    """Some of each kind first, not ten of the first kind."""
    groups: dict[tuple[str, str], list[Path]] = {}
    for clip in clips:
        groups.setdefault(_belongs(clip), []).append(clip)
    rounds = max((len(group) for group in groups.values()), default=0)
    return [group[n] for n in range(rounds) for group in groups.values() if n < len(group)]


def registry_text(listed: tuple[DemoCamera, ...], url: str, closed_url: str) -> str:
    """The registry as YAML text, in the form of ``patrol/registry/models.py``.

    Args:
        listed: the cameras.
        url: where the demo serves them.
        closed_url: an address that refuses, for the one that does not answer.
    """
    entries = [_HEAD]
    for camera in listed:
        source = f"{url if camera.shows else closed_url}/{camera.id}.ts"
        zones = _ZONES.get(camera.shows or "", "")
        entries.append(
            f"  - id: {camera.id}\n"
            f"    name: {json.dumps(camera.name, ensure_ascii=False)}\n"
            f"    platform: {camera.platform}\n"
            f"    source: {source}\n"
            f"    categories: [{camera.category}]\n"
            f"    place: {{address: {json.dumps(camera.address, ensure_ascii=False)}, lon: {camera.lon:.3f}, lat: {camera.lat:.3f}}}\n"
            f"{zones}"
        )
    return "".join(entries)


_ZONES = {
    "fireworks": "    zones:\n      - {name: sky, kind: sky, polygon: [[0, 0], [1, 0], [1, 0.62], [0, 0.62]]}\n",
    "queue": "    zones:\n      - {name: road, kind: road, polygon: [[0.45, 0.3], [0.55, 0.3], [0.97, 1], [0.03, 1]]}\n",
    "free_road": "    zones:\n      - {name: road, kind: road, polygon: [[0.45, 0.3], [0.55, 0.3], [0.97, 1], [0.03, 1]]}\n",
    "river_bank": (
        "    zones:\n"
        "      - {name: water, kind: water, polygon: [[0, 0.42], [1, 0.42], [1, 0.86], [0, 0.82]]}\n"
        "      - {name: bank, kind: bank, polygon: [[0, 0.8], [1, 0.86], [1, 1], [0, 1]]}\n"
    ),
}

_HEAD = """\
# The demo county: made by `patrol demo`, gone with it. Periods are short so that a minute shows a rotation.
schema: patrol.registry/1
county: {code: "430624", name: {zh: 演示县（合成画面）, en: Demo county (synthetic)}, topic: demo, timezone: Asia/Shanghai}
platforms:
  - {id: police, name: {zh: 雪亮工程（演示）, en: Public security (demo)}, max_streams: 4, max_streams_per_host: 4, open_timeout: 8s, read_timeout: 6s}
  - {id: traffic, name: {zh: 交通（演示）, en: Traffic (demo)}, max_streams: 2, max_streams_per_host: 2, open_timeout: 8s, read_timeout: 6s}
  - {id: fisheries, name: {zh: 智慧渔政（演示）, en: Fisheries (demo)}, max_streams: 2, max_streams_per_host: 2, open_timeout: 8s, read_timeout: 6s}
  - {id: city_management, name: {zh: 城管（演示）, en: City management (demo)}, max_streams: 2, max_streams_per_host: 2, open_timeout: 8s, read_timeout: 6s}
  - {id: emergency, name: {zh: 应急（演示）, en: Emergency (demo)}, max_streams: 2, max_streams_per_host: 2, open_timeout: 8s, read_timeout: 6s}
categories:
  - {key: public_squares, name: {zh: 广场, en: Public squares}, period: 45s, dwell: 7s, priority: highest, detectors: [fireworks]}
  - {key: markets, name: {zh: 市场, en: Markets}, period: 45s, dwell: 7s, priority: highest, detectors: [fireworks]}
  - {key: city_entry_checkpoints, name: {zh: 入城卡口, en: City entry checkpoints}, period: 45s, dwell: 7s, priority: high, detectors: [congestion]}
  - {key: urban_schools, name: {zh: 城区学校, en: Urban schools}, period: 60s, dwell: 6s, priority: high, detectors: [congestion], mask_people: true}
  - {key: supermarkets, name: {zh: 超市, en: Supermarkets}, period: 60s, dwell: 6s, priority: medium, detectors: [congestion]}
  - {key: key_no_fishing_dikes, name: {zh: 禁渔重点堤段, en: Key no-fishing dikes}, period: 45s, dwell: 8s, priority: highest, detectors: [fishing]}
  - {key: reservoirs, name: {zh: 水库, en: Reservoirs}, period: 60s, dwell: 6s, priority: medium, detectors: [fishing]}
departments:
  - id: public_security
    name: {zh: 县公安局（演示）, en: Public security bureau (demo)}
    # Telephones of the demo are made up.
    contacts: [{name: 值班室（演示）, phone: 0730-5550110}, {name: 带班领导（演示）, phone: 0730-5550111}]
  - id: traffic_police
    name: {zh: 公安交警大队（演示）, en: Traffic police (demo)}
    contacts: [{name: 值班室（演示）, phone: 0730-5550122}]
  - {id: fisheries, name: {zh: 农业综合行政执法大队（演示）, en: Agricultural enforcement (demo)}}
  - {id: city_management, name: {zh: 县城管局（演示）, en: City management (demo)}}
  # Nobody answers for this one but a person who signs in as it: its inbox is the one to try out on a telephone.
  - id: wenxing
    name: {zh: 文星街道办事处（演示）, en: Wenxing subdistrict (demo)}
    contacts: [{name: 值班室（演示）, phone: 0730-5550144}]
    limits: [{received: 3m, accepted: 6m, on_scene: 30m, disposed: 2h}]
  - {id: governance_centre, name: {zh: 县社会治理指挥中心（演示）, en: Governance centre (demo)}}
# Every flagged incident opens a case, which this service keeps itself.
cases:
  system: built_in
  department: governance_centre
  letters: {issuer: 演示县社会治理指挥中心, prefix: 演示治督, contact: 督办科（演示）, phone: 0730-5550133}
  divisions:
    - {code: "430624001", name: 文星街道（演示）}
    - {code: "430624001001", name: 第一社区（演示）}
routes:
  - {kind: fireworks, categories: [markets], to: wenxing, fallback: public_security}
  - {kind: fireworks, to: public_security, copy_to: [city_management], fallback: city_management}
  - {kind: congestion, to: traffic_police, fallback: public_security}
  - {kind: fishing, to: fisheries, copy_to: [public_security]}
# The demo's departments accept and then drive nowhere: within a minute somebody is called.
dispatch:
  limits: [{received: 10s, accepted: 15s, on_scene: 20s, disposed: 10m}]
  rung: 30s
  again: 2m
  shift_lead: [{name: 值班长（演示）, phone: 0730-5550100}]
rules:
  - id: demo_fireworks_ban
    kind: fireworks
    name: {zh: "演示: 禁放区", en: "Demo: no fireworks"}
    categories: [public_squares, markets]
    at_once: true
    source: 演示规则，无法律效力 (demo rule, without legal force)
  - id: demo_congestion
    kind: congestion
    name: {zh: "演示: 拥堵", en: "Demo: congestion"}
    categories: [city_entry_checkpoints, urban_schools, supermarkets]
    source: 演示规则，无法律效力 (demo rule, without legal force)
  - id: demo_fishing_ban
    kind: fishing
    name: {zh: "演示: 禁渔", en: "Demo: no fishing"}
    categories: [key_no_fishing_dikes, reservoirs]
    source: 演示规则，无法律效力 (demo rule, without legal force)
# Every clear look, so that a minute shows one; a county draws one in a hundred.
spot_checks: {share: 1.0}
cameras:
"""
