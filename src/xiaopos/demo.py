"""The demo's supervisor: chooses ports, sets the data up, starts every process, keeps them running, stops them together.

What may live here: processes and ports. What may not: Django or the rooms; this process only watches.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from xiaopos.secrets_file import DemoSecrets

PORTS: dict[str, int] = {
    "web": 8000,
    "card": 8583,
    "card-status": 8584,
    "worker-status": 8585,
    "speaker": 8586,
    "network": 8600,
    "wallet": 8601,
    "alipay": 8604,
    "wechat": 8605,
    "phone": 8602,
    "terminals": 8603,
}
"""Every listener with the port that it takes when none is named."""

MADE = (
    "demo-secrets.json",
    "demo-secrets.new",
    "simulated-*.json",
    "simulated-*.new",
    "*.sqlite3",
    "*.sqlite3-wal",
    "*.sqlite3-shm",
    "terminals",
    "logs",
    "static",
)
"""What a demo makes in its directory."""

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0
RESTART_EVERY_S = 1.0
LISTEN = "127.0.0.1"


class CannotStart(Exception):
    """Why the demo cannot start, in one sentence."""


@dataclass(slots=True)
class Child:
    """A process of the demo. `started` is when it was last started, on the monotonic clock."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev demo", description="Start the whole demo on this machine.")
    parser.add_argument("--data", type=Path, default=Path("var"), help="where it lives (default: var)")
    parser.add_argument(
        "--database", default="", metavar="URL", help="postgresql://USER@HOST:PORT/NAME (default: a file)"
    )
    parser.add_argument("--fresh", action="store_true", help="start over: forget all earlier data")
    parser.add_argument("--json", action="store_true", help="print addresses and sign-ins as one JSON line")
    for name, port in PORTS.items():
        parser.add_argument(f"--{name}-port", type=int, default=port, help=f"default {port}; 0 picks a free one")
    return parser.parse_args(words)


def _choose_ports(options: argparse.Namespace) -> dict[str, int]:
    """A port for each listener. All are held while choosing, so that no two get the same; named ones first."""
    held: list[socket.socket] = []
    chosen: dict[str, int] = {}
    wishes = {name: getattr(options, f"{name.replace('-', '_')}_port") for name in PORTS}
    try:
        for name, wanted in sorted(wishes.items(), key=lambda wish: wish[1] == 0):
            door = socket.socket()
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.append(door)
            try:
                door.bind((LISTEN, wanted))
                door.listen()
            except (OSError, OverflowError) as error:
                text = f"port {wanted} for --{name}-port cannot be used ({error}); name another, or 0 for a free one"
                raise CannotStart(text) from None
            chosen[name] = door.getsockname()[1]
        return chosen
    finally:
        for door in held:
            door.close()


def _start_over(data: Path) -> None:
    """Delete what a demo made, and nothing else."""
    if not data.exists():
        return
    made = {path for pattern in MADE for path in data.glob(pattern)}
    others = sorted(path.name for path in set(data.iterdir()) - made)
    if others:
        raise CannotStart(f"{data} holds other files than a demo's ({others[0]}); delete them, or name another --data")
    for path in made:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _secrets(data: Path) -> DemoSecrets:
    from xiaopos.secrets_file import demo_secrets

    return demo_secrets(data)


def _environment(data: Path, ports: dict[str, int], database: str = "") -> dict[str, str]:
    secrets = _secrets(data)
    simulators = {name: ports[name] for name in ("network", "wallet", "alipay", "wechat", "phone", "terminals")}
    # What another installation set in this shell must not reach the demo.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XIAOPOS_")}
    return inherited | {
        "XIAOPOS_MODE": "demo",
        "XIAOPOS_DATA_DIR": str(data),
        "XIAOPOS_DATABASE": database or f"sqlite:///{data / 'xiaopos.sqlite3'}",
        "XIAOPOS_SECRET_KEY": secrets.secret_key,
        "XIAOPOS_MASTER_KEY": secrets.master_key,
        "XIAOPOS_LISTEN": LISTEN,
        "XIAOPOS_WEB_PORT": str(ports["web"]),
        "XIAOPOS_CARD_PORT": str(ports["card"]),
        "XIAOPOS_CARD_STATUS_PORT": str(ports["card-status"]),
        "XIAOPOS_WORKER_STATUS_PORT": str(ports["worker-status"]),
        "XIAOPOS_SPEAKER_PORT": str(ports["speaker"]),
        "XIAOPOS_NETWORK_ADDRESS": f"{LISTEN}:{ports['network']}",
        "XIAOPOS_UNIONPAY_QR": "YANSHI",
        "XIAOPOS_PUBLIC_URL": f"http://{LISTEN}:{ports['web']}",
        "XIAOPOS_ALIPAY_URL": f"http://{LISTEN}:{ports['alipay']}",
        "XIAOPOS_WECHAT_PAY_URL": f"http://{LISTEN}:{ports['wechat']}",
        "XIAOPOS_WALLET_URL": f"http://{LISTEN}:{ports['wallet']}",
        "XIAOPOS_PHONE_URL": f"http://{LISTEN}:{ports['phone']}",
        "XIAOPOS_TERMINALS_URL": f"http://{LISTEN}:{ports['terminals']}",
        "XIAOPOS_SIMULATOR_PORTS": json.dumps(simulators),
        "XIAOPOS_SIMULATOR_WEB_ORIGIN": f"http://{LISTEN}:{ports['web']}",
        "DJANGO_SETTINGS_MODULE": "xiaopos.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _children(ports: dict[str, int]) -> list[Child]:
    own = [sys.executable, "-m", "xiaopos.cli"]
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", LISTEN, "--port", str(ports["web"])]
    web += ["--workers", "1", "--blocking-threads", "8", "--no-access-log", "--log-level", "warning", "--no-ws"]
    return [
        Child("simulators", [*own, "simulators"]),
        Child("card-host", [*own, "card-host"]),
        Child("worker", [*own, "worker"]),
        Child("web", [*web, "--respawn-failed-workers", "xiaopos.wsgi:application"]),
    ]


class Supervisor:
    """Starts the children, starts again what falls, and stops them all."""

    def __init__(self, children: list[Child], environment: dict[str, str], logs: Path) -> None:
        self._children = children
        self._environment = environment
        self._logs = logs
        self.told_to_stop = False

    def start(self) -> None:
        """Start every child; each writes to a log of its own."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._tell_to_stop)
        self._logs.mkdir(parents=True, exist_ok=True)
        for child in self._children:
            self._start(child)

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        with (self._logs / f"{child.name}.log").open("ab") as log:
            child.process = subprocess.Popen(
                child.command, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    def _tell_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.told_to_stop = True

    def wait_until(self, addresses: list[str]) -> None:
        """Wait until every address answers. Raises CannotStart when a child ends or the time is up."""
        deadline = time.monotonic() + READY_WITHIN_S
        for address in addresses:
            while not _answers(address):
                if self.told_to_stop:
                    return
                for child in self._children:
                    if child.process is not None and child.process.poll() is not None:
                        raise CannotStart(f"{child.name} ended at once; its log is {self._logs / child.name}.log")
                if time.monotonic() > deadline:
                    raise CannotStart(
                        f"{address} did not answer within {READY_WITHIN_S:.0f} s; logs are in {self._logs}"
                    )
                time.sleep(0.05)

    def watch(self) -> None:
        """Stay until told to stop; a child that falls is started again, at most once a second."""
        while not self.told_to_stop:
            for child in self._children:
                if child.process is None or child.process.poll() is None:
                    continue
                if time.monotonic() - child.started >= RESTART_EVERY_S:
                    print(f"{child.name} ended ({child.process.returncode}); starting it again", file=sys.stderr)
                    self._start(child)
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask every child to end, and end it when it does not."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _told(data: Path, ports: dict[str, int]) -> dict[str, object]:
    """Everything a person or a script needs: addresses and sign-ins."""
    from xiaopos.secrets_file import components_file, terminal_ids
    from xiaopos.simulator.town import everybody

    secrets = _secrets(data)
    web = f"http://{LISTEN}:{ports['web']}"
    return {
        "web": web,
        "cashier": f"{web}/cashier/",
        "portal": f"{web}/portal/",
        "console": f"{web}/console/",
        "badges": f"{web}/badge/",
        "api": f"{web}/api/",
        "card_host": f"{LISTEN}:{ports['card']}",
        "card_host_status": f"http://{LISTEN}:{ports['card-status']}",
        "worker_status": f"http://{LISTEN}:{ports['worker-status']}",
        "speakers": f"http://{LISTEN}:{ports['speaker']}",
        "card_network": f"{LISTEN}:{ports['network']}",
        "wallet": f"http://{LISTEN}:{ports['wallet']}",
        "alipay_platform": f"http://{LISTEN}:{ports['alipay']}/platform",
        "wechat_platform": f"http://{LISTEN}:{ports['wechat']}/platform",
        "phone": f"http://{LISTEN}:{ports['phone']}/phone",
        "terminals": f"http://{LISTEN}:{ports['terminals']}",
        "data": str(data),
        "password": secrets.password,
        "people": [
            {
                "username": person.username,
                "name": person.name_zh,
                "role": person.role,
                "merchant": merchant,
                "second_factor": secrets.second_factors[person.username],
                "approval_code": person.approval_code,
            }
            for person, merchant in everybody()
        ],
        "api_key": secrets.api_key,
        "key_components": {number: str(components_file(data, number)) for number in terminal_ids()},
    }


def _print(told: dict[str, object]) -> None:
    people = told["people"]
    assert isinstance(people, list)
    lines = [
        "",
        "小POS 演示已启动 / the xiaopos demo is running",
        f"  收银 cashier    {told['cashier']}",
        f"  商户 portal     {told['portal']}",
        f"  运营 console    {told['console']}",
        f"  查工牌 badges   {told['badges']}",
        f"  接口 API        {told['api']}",
        f"  手机 phone      {told['phone']}",
        f"  支付宝开放平台（模拟） Alipay's platform {told['alipay_platform']}",
        f"  微信商户平台（模拟） WeChat Pay's platform {told['wechat_platform']}",
        f"  终端 terminals  {told['terminals']}/terminals/10000001",
        f"  银行卡主机 card host {told['card_host']}",
        "",
        f"  登录密码 password: {told['password']}   (动态码会显示在登录页 / the second factor is shown on its page)",
    ]
    lines += [f"    {row['username']:<6} {row['role']:<14} {row['merchant']}" for row in people]
    lines += ["", "  按 Ctrl-C 停止 / Ctrl-C stops everything", ""]
    print("\n".join(lines), flush=True)


def run(words: list[str]) -> int:
    """Run the demo until it is told to stop; 0, or 2 when it cannot start."""
    options = _arguments(words)
    data: Path = options.data.absolute()
    try:
        ports = _choose_ports(options)
        _make_ready(data, fresh=options.fresh)
        return _run(data, ports, options.database, as_json=options.json)
    except CannotStart as cannot:
        print(f"xiaopos demo: {cannot}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the supervisor takes Ctrl-C over: nothing but the set-up was running
        return 0


def _make_ready(data: Path, *, fresh: bool) -> None:
    try:
        if fresh:
            _start_over(data)
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"{data} cannot be used ({error.strerror}); name another --data") from None


def _run(data: Path, ports: dict[str, int], database: str, *, as_json: bool) -> int:
    environment = _environment(data, ports, database)
    seeded = subprocess.run([sys.executable, "-m", "xiaopos.cli", "seed"], env=environment, check=False)
    if seeded.returncode:
        raise CannotStart(f"the database in {data} could not be set up; the lines above say why")
    supervisor = Supervisor(_children(ports), environment, data / "logs")
    try:
        supervisor.start()
        supervisor.wait_until(
            [
                f"http://{LISTEN}:{ports['card-status']}/readyz",
                f"http://{LISTEN}:{ports['worker-status']}/readyz",
                f"http://{LISTEN}:{ports['web']}/readyz",
            ]
        )
        if not supervisor.told_to_stop:
            told = _told(data, ports)
            if as_json:
                print(json.dumps(told, ensure_ascii=False), flush=True)
            else:
                _print(told)
        supervisor.watch()
    finally:
        supervisor.stop()
    return 0
