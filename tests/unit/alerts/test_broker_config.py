"""The broker's files: one account for the service, one per department, everything else denied, nothing overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol.alerts.broker_config import BrokerConfigError, Place, accounts, render, write
from patrol.cli import app
from patrol.registry import Registry, load, parse
from tests.support.county import registry_text

ROOT = Path(__file__).parents[3]
TEXT = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="60s")


def registry(text: str = TEXT) -> Registry:
    return parse(text, "test").registry


def rights(acl: str) -> dict[str, set[str]]:
    """What each account may, as Mosquitto reads it: comments and blank lines are nothing."""
    found: dict[str, set[str]] = {}
    user = ""
    for line in acl.splitlines():
        word, _, rest = line.partition(" ")
        if word == "user":
            user = rest
            assert user not in found, f"{user} stands twice"
            found[user] = set()
        elif line and word != "#":
            found[user].add(line)
    return found


def settings(config: str) -> dict[str, str]:
    lines = [line.partition(" ") for line in config.splitlines() if line and not line.startswith("#")]
    names = [name for name, _, _ in lines if name != "log_type"]
    assert len(names) == len(set(names)), "a setting stands twice"
    return {name: value for name, _, value in lines}


def test_a_department_may_read_its_alerts_and_write_its_answers_and_no_more() -> None:
    found = rights(render(registry(), Place())["acl"])
    base = "patrol/v1/testcounty"
    assert set(found) == {"patrol", "traffic_police", "police", "fisheries"}
    assert found["patrol"] == {f"topic write {base}/#", f"topic read {base}/ack/+", f"topic read {base}/case/+"}
    for department in ("traffic_police", "police", "fisheries"):
        assert found[department] == {
            f"topic read {base}/alert/{department}/#",
            f"topic read {base}/available",
            f"topic write {base}/ack/{department}",
        }


@pytest.mark.parametrize(("system", "own"), [("external", set()), ("built_in", {"alert/fisheries/+"})])
def test_only_who_keeps_the_cases_says_how_they_stand(system: str, own: set[str]) -> None:
    base = "patrol/v1/testcounty"
    keeping = rights(render(registry(f"{TEXT}\ncases: {{system: {system}, department: fisheries}}\n"), Place())["acl"])
    nobody = rights(render(registry(f"{TEXT}\ncases: {{system: none, department: fisheries}}\n"), Place())["acl"])
    assert nobody == rights(render(registry(), Place())["acl"])
    assert keeping == {
        **nobody,
        "patrol": nobody["patrol"] | {f"topic read {base}/{topic}" for topic in own},
        "fisheries": nobody["fisheries"] | {f"topic write {base}/case/#"},
    }


def test_a_name_with_a_line_break_gives_nobody_a_right() -> None:
    sly = TEXT.replace("{zh: 渔政, en: Fisheries}", '{zh: "渔政\\ntopic readwrite #", en: "F\\ruser police\\ntopic #"}')
    sly = sly.replace("zh: 测试县", 'zh: "测试县\\nallow_anonymous true"')
    assert sly.count("\\n") == 3
    files = render(registry(sly), Place())
    assert rights(files["acl"]) == rights(render(registry(), Place())["acl"])
    assert settings(files["mosquitto.conf"]) == settings(render(registry(), Place())["mosquitto.conf"])


def test_the_broker_takes_encrypted_connections_of_known_accounts_only_and_keeps_what_waits() -> None:
    place = Place("mqtt.x.example", 8884, "/srv/etc/", "/srv/state/")
    found = settings(render(registry(), place)["mosquitto.conf"])
    assert found["listener"] == "8884"
    assert found["certfile"] == "/srv/etc/certs/server.crt"
    assert found["keyfile"] == "/srv/etc/certs/server.key"
    assert found["allow_anonymous"] == "false"
    assert (found["acl_file"], found["password_file"]) == ("/srv/etc/acl", "/srv/etc/passwords")
    assert (found["persistence"], found["persistence_location"]) == ("true", "/srv/state/")
    assert int(found["max_queued_messages"]) > 50 * 1000
    assert int(found["max_queued_bytes"]) > 100_000_000
    assert found["require_certificate"] == "false"
    asking = settings(render(registry(), Place(require_certificate=True))["mosquitto.conf"])
    assert (asking["require_certificate"], asking["cafile"]) == ("true", "/etc/mosquitto/certs/ca.crt")


def test_the_head_says_how_every_account_gets_its_password_and_how_the_service_signs_in() -> None:
    config = render(registry(), Place("mqtt.x.example", require_certificate=True))["mosquitto.conf"]
    assert "mosquitto_passwd -c /etc/mosquitto/passwords patrol\n" in config
    for department in ("traffic_police", "police", "fisheries"):
        assert f"mosquitto_passwd /etc/mosquitto/passwords {department}\n" in config
    assert (
        "mqtts://mqtt.x.example:8883?ca=/etc/patrol/ca.crt&cert=/etc/patrol/mqtt.crt&key=/etc/patrol/mqtt.key" in config
    )


def test_a_registry_that_gives_no_sound_accounts_is_refused() -> None:
    taken = TEXT.replace("{id: police,", "{id: patrol,").replace("to: police}", "to: patrol}")
    with pytest.raises(BrokerConfigError, match="'patrol': that is the account of the service"):
        accounts(registry(taken))
    with pytest.raises(BrokerConfigError, match="no department"):
        accounts(registry().model_copy(update={"departments": ()}))


@pytest.mark.parametrize(
    "place",
    [
        Place("two words"),
        Place("x\nallow_anonymous true"),
        Place(""),
        Place(folder="etc"),
        Place(folder="/etc\nallow_anonymous true"),
        Place(state="/var\nallow_anonymous true"),
    ],
)
def test_a_place_that_cannot_stand_in_the_configuration_is_refused(place: Place) -> None:
    with pytest.raises(BrokerConfigError, match="is not a"):
        render(registry(), place)


def test_a_file_that_is_there_is_overwritten_only_by_force_and_then_no_other_is_touched(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("mine")
    (tmp_path / "passwords").write_text("secret")
    with pytest.raises(BrokerConfigError, match=r"acl would be overwritten; say --force"):
        write({"mosquitto.conf": "a", "acl": "b"}, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["acl", "passwords"]
    assert (tmp_path / "acl").read_text() == "mine"
    write({"mosquitto.conf": "a", "acl": "b"}, tmp_path, force=True)
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
        "mosquitto.conf": "a",
        "acl": "b",
        "passwords": "secret",
    }


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerConfigError, match=r"file cannot be written"):
        write({"acl": ""}, tmp_path / "file")


def test_the_command_writes_what_is_shipped_and_refuses_what_it_must(tmp_path: Path) -> None:
    out, words = tmp_path / "out", ["broker", "config", "--registry", str(ROOT / "camera_registry.yaml")]
    done = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert done.exit_code == 0, done.output
    shipped = ROOT / "deploy" / "mosquitto"
    for name in ("mosquitto.conf", "acl"):
        assert (shipped / name).read_text() == (out / name).read_text(), (
            "the registry or the command changed; write it anew: patrol broker config --out deploy/mosquitto --force"
        )
    again = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert (again.exit_code, "say --force" in again.output) == (2, True)
    assert CliRunner().invoke(app, [*words, "--out", str(out), "--force"]).exit_code == 0
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("schema: none")
    refused = CliRunner().invoke(app, ["broker", "config", "--registry", str(wrong), "--out", str(tmp_path / "no")])
    assert (refused.exit_code, (tmp_path / "no").exists()) == (2, False)


def test_the_shipped_files_know_every_department_of_the_shipped_registry() -> None:
    departments = {d.id for d in load(ROOT / "camera_registry.yaml").registry.departments}
    assert set(rights((ROOT / "deploy" / "mosquitto" / "acl").read_text())) == {"patrol", *departments}
