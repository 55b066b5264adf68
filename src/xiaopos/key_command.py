"""The command `xiaopos keys`: making a token ready, and a custodian's entry of a component at a terminal without echo.

What may live here: reading what is typed, saying what happened. What may not: rules (usecases.key_ceremony), SQL.
A custodian is known by the password and the second factor that the console asks for too; nothing that is typed is shown.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable

from xiaopos.deployment import Deployment, read_deployment
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyRefused, KeyUsage, Vault
from xiaopos.logs import configure_logging
from xiaopos.merchants.applications.sealing import MARK_NAME, SEAL_NAME

Asking = Callable[[str], str]

OWN_KEYS = {
    "pan_seal": (KeyUsage.SEAL, KeyAlgorithm.AES256),
    "pan_token": (KeyUsage.TOKEN, KeyAlgorithm.HMAC256),
    SEAL_NAME: (KeyUsage.SEAL, KeyAlgorithm.AES256),
    MARK_NAME: (KeyUsage.TOKEN, KeyAlgorithm.HMAC256),
}
"""What the house generates for itself; all others come by ceremonies."""


def run(arguments: list[str], *, ask: Asking = getpass.getpass) -> int:
    """Run `xiaopos keys ...`; `ask` reads a line without showing it. Exit code 2 with one sentence when refused."""
    wanted = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaopos.settings")
    import django
    from django.db import DatabaseError

    deployment = read_deployment(os.environ)
    configure_logging()
    django.setup()
    try:
        return int(wanted.verb(wanted, deployment, ask))
    except KeyRefused as refused:
        return _cannot(str(refused))
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        return _cannot(
            f"the database cannot be used ({reason}); nothing was kept; xiaopos keys prepare makes its tables"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xiaopos keys", description="Keys of the house.")
    verbs = parser.add_subparsers(required=True)
    prepare = verbs.add_parser(
        "prepare", help="make a token ready and the house's own keys; doing it again changes nothing"
    )
    prepare.set_defaults(verb=_prepare)
    listing = verbs.add_parser("list", help="every key with its state and check value")
    listing.set_defaults(verb=_list)
    enter = verbs.add_parser("enter", help="a custodian enters one component; nothing that is typed is shown")
    enter.add_argument("key_id", help="the key's number, as the console shows it")
    enter.add_argument("--custodian", required=True, help="your user name")
    enter.set_defaults(verb=_enter)
    return parser


def _prepare(_wanted: argparse.Namespace, deployment: Deployment, _ask: Asking) -> int:
    from django.core.management import call_command
    from django.db import transaction

    from xiaopos import wiring
    from xiaopos.store.keys.inventory import record_key
    from xiaopos.store.keys.models import HouseKey
    from xiaopos.usecases.key_ceremony import Origin

    place = deployment.token
    if place is not None:
        from xiaopos.keys.pkcs11_vault import open_token, prepare_token

        session = open_token(place.module, place.label, place.pin, writes=True)
        print("token prepared" if prepare_token(session) else "token was ready")
        session.close()
    call_command("migrate", verbosity=0)
    vault, now = wiring.build_vault(deployment), wiring.SystemClock().now()
    with transaction.atomic():
        for name, (usage, algorithm) in OWN_KEYS.items():
            if HouseKey.objects.filter(name=name).exists():
                continue
            key = vault.generate(usage=usage, algorithm=algorithm)
            by = "keys prepare"
            HouseKey.objects.create(name=name, wrapped=key.text(), check_value=key.kcv, made_at=now, made_by=by)
            record_key(wiring.new_id(now), name, key, Origin.GENERATED, now, by=by)
            print(f"{name} generated, check value {key.kcv}")
    return 0


def _list(_wanted: argparse.Namespace, _deployment: Deployment, _ask: Asking) -> int:
    from xiaopos.store.keys.inventory import list_keys

    for key in list_keys():
        print(
            f"{key.key_id}  {key.name:<16} {key.usage:<9} {key.algorithm:<7} {key.state:<11} {key.check_value or '-'}"
        )
    return 0


def _enter(wanted: argparse.Namespace, deployment: Deployment, ask: Asking) -> int:
    from xiaopos import wiring
    from xiaopos.merchants.roles import Permission
    from xiaopos.store.keys.inventory import KeyRows
    from xiaopos.usecases.actors import Actor
    from xiaopos.usecases.key_ceremony import NotMade, enter_component
    from xiaopos.web.accounts.at_the_server import prove

    now, about = wiring.SystemClock().now(), ("key", wanted.key_id[:32])
    person = prove(wanted.custodian, Permission.ENTER_COMPONENT, about, ask=ask, now=now)
    if person is None:
        return _cannot("nobody who may enter components has this name and this password")
    vault: Vault = wiring.build_vault(deployment)
    component = _hex(ask("component (hex, not shown): "))
    check = _hex(ask("its check value (hex): "))
    if component is None or check is None:
        return _cannot("a component and its check value are hex digits; nothing was kept")
    actor = Actor(person.username, person.role, "component entry")
    at = wiring.SystemClock().now()
    entered = enter_component(wanted.key_id, Secret(component), check, actor, at, book=KeyRows(), vault=vault)
    if isinstance(entered, NotMade):
        return _cannot(f"not entered: {entered.fault.value} {entered.detail}".rstrip())
    print(f"component {entered.position} taken, check value {entered.check_value}")
    return 0


def _hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex("".join(text.split()))
    except ValueError:
        return None


def _cannot(text: str) -> int:
    print(f"xiaopos: {text}", file=sys.stderr)
    return 2
