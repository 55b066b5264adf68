"""The command `xiaopos`: every process of the service, and the tools beside it.

What may live here: choosing what runs, and telling in one sentence why it cannot. What may not: what runs.
Each command imports only what it needs: the processes without pages stay without Django.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

Command = Callable[[list[str]], int]


def _demo(arguments: list[str]) -> int:
    from xiaopos import demo

    return demo.run(arguments)


def _card_host(_arguments: list[str]) -> int:
    from xiaopos import logs, wiring
    from xiaopos.deployment import read_deployment

    logs.configure_logging()
    wiring.run(wiring.serve_cards, read_deployment(os.environ))
    return 0


def _worker(_arguments: list[str]) -> int:
    from xiaopos import logs, wiring
    from xiaopos.deployment import read_deployment

    logs.configure_logging()
    wiring.run(wiring.serve_jobs, read_deployment(os.environ))
    return 0


def _simulators(_arguments: list[str]) -> int:
    from xiaopos import logs, pretend, wiring
    from xiaopos.deployment import read_deployment

    logs.configure_logging()
    ports = pretend.ports_from(os.environ["XIAOPOS_SIMULATOR_PORTS"])
    origin = os.environ["XIAOPOS_SIMULATOR_WEB_ORIGIN"]
    wiring.run(lambda deployment: pretend.serve_simulators(deployment, ports, origin), read_deployment(os.environ))
    return 0


def _seed(_arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaopos.settings")
    import django

    from xiaopos.deployment import read_deployment

    django.setup()
    from xiaopos import pretend, seeding

    deployment = read_deployment(os.environ)
    seeding.seed(deployment)
    pretend.write_components(deployment.data_dir)
    return 0


def _terminal(arguments: list[str]) -> int:
    from xiaopos.simulator import terminal_command

    return terminal_command.run(arguments)


COMMANDS: dict[str, tuple[Command, str]] = {
    "demo": (_demo, "start the whole demo: service, pages, simulators"),
    "terminal": (_terminal, "a pretend terminal for the command line"),
    "card-host": (_card_host, "the process that terminals speak to"),
    "worker": (_worker, "the process that settles what was left unknown"),
    "simulators": (_simulators, "the demo's card network, wallet, phone and terminals"),
    "seed": (_seed, "set the demo's database up"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    from xiaopos.deployment import WrongSetting

    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] not in COMMANDS:
        width = max(map(len, COMMANDS))
        print("xiaopos COMMAND\n" + "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()))
        return 0 if not words else 2
    try:
        return COMMANDS[words[0]][0](words[1:])
    except WrongSetting as wrong:
        print(f"xiaopos: {wrong}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
