"""What the demo's supervisor decides before and beside its processes: ports, directories, environments, what falls."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xiaopos import demo, pretend, secrets_file
from xiaopos.demo import CannotStart, Child, Supervisor


def options(**ports: int) -> argparse.Namespace:
    words = [word for name in demo.PORTS for word in (f"--{name}-port", str(ports.get(name.replace("-", "_"), 0)))]
    return demo._arguments(words)


def test_nought_picks_a_free_port_and_no_two_are_the_same() -> None:
    chosen = demo._choose_ports(options())
    assert sorted(chosen) == sorted(demo.PORTS)
    assert len(set(chosen.values())) == len(chosen)
    assert all(port > 1023 for port in chosen.values())


def test_a_named_port_is_taken_as_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert demo._choose_ports(options(terminals=port))["terminals"] == port


@pytest.mark.parametrize("wanted", [-1, 65_536])
def test_what_is_no_port_is_one_sentence(wanted: int) -> None:
    with pytest.raises(CannotStart, match=f"port {wanted} for --web-port cannot be used"):
        demo._choose_ports(options(web=wanted))


def test_the_same_port_twice_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(CannotStart, match=f"port {port} for --"):
        demo._choose_ports(options(web=port, card=port))


def a_demos_directory(data: Path) -> None:
    data.mkdir()
    for name in ("demo-secrets.json", "xiaopos.sqlite3", "xiaopos.sqlite3-wal", "simulated-network.sqlite3"):
        (data / name).touch()
    for name in ("logs", "terminals", "static"):
        (data / name).mkdir()
        (data / name / "inside").touch()


def test_starting_over_deletes_what_a_demo_made(tmp_path: Path) -> None:
    data = tmp_path / "var"
    demo._start_over(data)
    a_demos_directory(data)
    demo._start_over(data)
    assert list(data.iterdir()) == []


def test_starting_over_refuses_a_directory_with_anything_else_in_it(tmp_path: Path) -> None:
    data = tmp_path / "home"
    a_demos_directory(data)
    (data / "letters.txt").write_text("dear Mei")
    before = sorted(data.iterdir())
    with pytest.raises(CannotStart, match=r"letters\.txt"):
        demo._start_over(data)
    assert sorted(data.iterdir()) == before


def test_starting_over_follows_no_link_out_of_the_directory(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    data = tmp_path / "var"
    a_demos_directory(data)
    (data / "logs" / "inside").unlink()
    (data / "logs").rmdir()
    (data / "logs").symlink_to(precious)
    demo._start_over(data)
    assert (precious / "file").exists()


@pytest.mark.parametrize("fresh", ["", "--fresh"])
def test_a_directory_that_cannot_be_one_is_one_sentence(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    words = ["--data", str(tmp_path / "file"), *([fresh] if fresh else [])]
    words += [word for name in demo.PORTS for word in (f"--{name}-port", "0")]
    assert demo.run(words) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert "name another --data" in complaint


def test_nothing_of_another_installation_reaches_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOPOS_SECRET_KEY_FILE", "elsewhere")
    monkeypatch.setenv("XIAOPOS_ZONE", "Europe/Berlin")
    environment = demo._environment(tmp_path, dict(demo.PORTS))
    assert "XIAOPOS_SECRET_KEY_FILE" not in environment
    assert "XIAOPOS_ZONE" not in environment
    assert environment["PATH"] == os.environ["PATH"]


def test_secrets_are_made_once_for_their_owner_only_and_print_nothing(tmp_path: Path) -> None:
    made = secrets_file.demo_secrets(tmp_path)
    path = tmp_path / secrets_file.SECRETS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secrets_file.demo_secrets(tmp_path) == made
    for hidden in (made.secret_key, made.master_key, made.password, made.network_zmk[0]):
        assert hidden not in repr(made)
    other = secrets_file.demo_secrets(tmp_path / "other")
    assert other.master_key != made.master_key


def test_a_terminals_components_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    for _ in range(2):
        pretend.write_components(tmp_path)
    files = sorted((tmp_path / "terminals").iterdir())
    assert len(files) == len(secrets_file.terminal_ids())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert [len(line) for line in files[0].read_text().splitlines()] == [32, 32]


def python(words: str) -> list[str]:
    return [sys.executable, "-c", words]


@pytest.fixture
def signals_kept() -> Iterator[None]:
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.usefixtures("signals_kept")
def test_what_falls_is_started_again_and_everything_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "RESTART_EVERY_S", 0.2)
    monkeypatch.setattr(demo, "STOP_WITHIN_S", 0.5)
    steady = Child("steady", python("import time; time.sleep(60)"))
    falling = Child("falling", python("print('once more', flush=True)"))
    stubborn = Child(
        "stubborn",
        python("import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"),
    )
    supervisor = Supervisor([steady, falling, stubborn], dict(os.environ), tmp_path / "logs")
    supervisor.start()
    assert steady.process is not None
    first = steady.process.pid

    def told() -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            again = (tmp_path / "logs" / "falling.log").read_text().count("once more") >= 2
            if again and "up" in (tmp_path / "logs" / "stubborn.log").read_text():
                break
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    telling = threading.Thread(target=told)
    telling.start()
    supervisor.watch()
    telling.join()
    assert supervisor.told_to_stop
    assert steady.process.pid == first
    assert (tmp_path / "logs" / "falling.log").read_text().count("once more") >= 2
    supervisor.stop()
    for child in (steady, falling, stubborn):
        assert child.process is not None
        assert child.process.poll() is not None
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


@pytest.mark.usefixtures("signals_kept")
def test_a_child_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor([Child("web", python("raise SystemExit(3)"))], dict(os.environ), tmp_path)
    supervisor.start()
    with pytest.raises(CannotStart, match=r"web ended at once; its log is .*web\.log"):
        supervisor.wait_until(["http://127.0.0.1:1/readyz"])
    supervisor.stop()


@pytest.mark.usefixtures("signals_kept")
def test_what_never_answers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "READY_WITHIN_S", 0.2)
    supervisor = Supervisor([Child("web", python("import time; time.sleep(60)"))], dict(os.environ), tmp_path)
    supervisor.start()
    with pytest.raises(CannotStart, match="did not answer within"):
        supervisor.wait_until(["http://127.0.0.1:1/readyz"])
    supervisor.told_to_stop = True
    supervisor.wait_until(["http://127.0.0.1:1/readyz"])
    supervisor.stop()


def test_a_set_up_that_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(tmp_path / "var"), *(word for name in demo.PORTS for word in (f"--{name}-port", "0"))]
    (tmp_path / "var" / "xiaopos.sqlite3").mkdir(parents=True)
    assert demo.run(words) == 2
    assert "could not be set up" in capfd.readouterr().err


def test_people_are_told_where_everything_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = demo._told(tmp_path, dict(demo.PORTS))
    demo._print(told)
    printed = capsys.readouterr().out
    assert "http://127.0.0.1:8000/cashier/" in printed
    assert "lin" in printed
    assert secrets_file.demo_secrets(tmp_path).password in printed
