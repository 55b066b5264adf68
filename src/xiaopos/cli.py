"""The command `xiaopos`: every process of the service, and the tools beside it.

What may live here: choosing what runs, and telling in one sentence why it cannot. What may not: what runs.
Each command imports only what it needs: the processes without pages stay without Django.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xiaopos.deployment import Deployment

Command = Callable[[list[str]], int]


def _demo(arguments: list[str]) -> int:
    from xiaopos import demo

    return demo.run(arguments)


def _card_host(_arguments: list[str]) -> int:
    from xiaopos import wiring

    return _serve(wiring.serve_cards)


def _worker(_arguments: list[str]) -> int:
    from xiaopos import wiring

    return _serve(wiring.serve_jobs)


def _simulators(_arguments: list[str]) -> int:
    from xiaopos import pretend
    from xiaopos.deployment import WrongSetting

    try:
        ports = pretend.ports_from(os.environ["XIAOPOS_SIMULATOR_PORTS"])
        origin = os.environ["XIAOPOS_SIMULATOR_WEB_ORIGIN"]
    except (KeyError, ValueError, TypeError):
        text = "XIAOPOS_SIMULATOR_PORTS and XIAOPOS_SIMULATOR_WEB_ORIGIN are set by the demo: start ./dev demo"
        raise WrongSetting(text) from None
    return _serve(lambda deployment: pretend.serve_simulators(deployment, ports, origin))


def _serve(serving: Callable[[Deployment], Coroutine[Any, Any, None]]) -> int:
    """Run one process until it is told to stop. What keeps it from serving is one sentence on standard error."""
    from xiaopos import logs, wiring
    from xiaopos.deployment import read_deployment
    from xiaopos.usecases.ports import BooksLost

    logs.configure_logging()
    try:
        wiring.run(serving, read_deployment(os.environ))
    except (wiring.MissingSetUp, BooksLost) as error:
        return _cannot(str(error))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        return _cannot(f"an address to listen at cannot be used: {error.strerror or error}")
    return 0


def _cannot(text: str) -> int:
    print(f"xiaopos: {text}", file=sys.stderr)
    return 2


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


def _speaker(arguments: list[str]) -> int:
    from xiaopos.simulator import speaker_command

    return speaker_command.run(arguments)


def _decode(arguments: list[str]) -> int:
    from xiaopos import decode_command

    return decode_command.run(arguments)


def _backup(arguments: list[str]) -> int:
    from xiaopos import backup_command

    return backup_command.backup(arguments)


def _restore(arguments: list[str]) -> int:
    from xiaopos import backup_command

    return backup_command.restore(arguments)


def _simulate(arguments: list[str]) -> int:
    from xiaopos import simulate_command

    return simulate_command.run(arguments)


def _keys(arguments: list[str]) -> int:
    from xiaopos import key_command, wiring

    try:
        return key_command.run(arguments)
    except wiring.MissingSetUp as error:
        return _cannot(str(error))


def _person(arguments: list[str]) -> int:
    from xiaopos import person_command

    return person_command.run(arguments)


COMMANDS: dict[str, tuple[Command, str]] = {
    "demo": (_demo, "start the whole demo: service, pages, simulators"),
    "terminal": (_terminal, "a pretend terminal for the command line"),
    "speaker": (_speaker, "a pretend speaker that says what a shop is paid"),
    "card-host": (_card_host, "the process that terminals speak to"),
    "worker": (_worker, "the process that settles what was left unknown"),
    "simulators": (_simulators, "the demo's card network, wallet, phone and terminals"),
    "decode": (_decode, "read an ISO 8583 frame from a log, and say what is wrong with it"),
    "keys": (_keys, "prepare a token, list keys, enter a key component"),
    "person": (_person, "invite somebody, as the first administrator of all, by a link shown here"),
    "backup": (_backup, "copy the books while the service runs, and check the copy"),
    "restore": (_restore, "put a copy in the place of books that are not there"),
    "simulate": (_simulate, "play the whole service from seeds, with faults, and compare everybody's books"),
    "seed": (_seed, "set the demo's database up"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    from xiaopos.deployment import WrongSetting

    words = list(sys.argv[1:] if arguments is None else arguments)
    asked = not words or words[0] in ("-h", "--help", "help")
    if asked or words[0] not in COMMANDS:
        width = max(map(len, COMMANDS))
        usage = "xiaopos COMMAND\n" + "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items())
        print(usage, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        return COMMANDS[words[0]][0](words[1:])
    except WrongSetting as wrong:
        return _cannot(str(wrong))


if __name__ == "__main__":
    sys.exit(main())
