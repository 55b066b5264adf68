"""The command `xiaopos person`: a link for the first administrator, or for one who lost both password and authenticator.

What may live here: reading what is typed, saying what happened. What may not: rules (usecases.look_after_people), SQL.
Whoever may run this on the server holds its database and secrets anyway; what is done here stands in the audit trail.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from xiaopos.deployment import Deployment, read_deployment
from xiaopos.logs import configure_logging
from xiaopos.merchants.people import LOOKS_AFTER
from xiaopos.merchants.roles import AT_MERCHANT, Role
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.look_after_people import Invitation, Patron, PersonFault


def run(arguments: list[str]) -> int:
    """Run `xiaopos person ...`. Exit code 2 with one sentence when refused."""
    wanted = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaopos.settings")
    import django
    from django.db import DatabaseError

    deployment = read_deployment(os.environ)
    configure_logging()
    django.setup()
    try:
        return int(wanted.verb(wanted, deployment))
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        return _cannot(
            f"the database cannot be used ({reason}); nothing was kept; xiaopos keys prepare makes its tables"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xiaopos person", description="People who sign in.")
    verbs = parser.add_subparsers(required=True)
    roles = sorted(role.value for role in LOOKS_AFTER[Role.ADMINISTRATOR])
    invite = verbs.add_parser("invite", help="somebody new; prints a link that is good once, for a day")
    invite.add_argument("username", help="the name to sign in by: small letters and digits")
    invite.add_argument("--role", required=True, choices=roles)
    invite.add_argument("--name-zh", required=True, help="the name in Chinese")
    invite.add_argument("--name-en", required=True, help="the name in English")
    invite.add_argument("--merchant", default="", help="an owner's merchant number")
    invite.add_argument("--reason", required=True, help="why, for the audit trail")
    invite.set_defaults(verb=_invite)
    renew = verbs.add_parser("renew", help="a new link for somebody who lost password or authenticator")
    renew.add_argument("username")
    renew.add_argument("--reason", required=True, help="why, for the audit trail")
    renew.set_defaults(verb=_renew)
    return parser


def _invite(wanted: argparse.Namespace, deployment: Deployment) -> int:
    from xiaopos import wiring
    from xiaopos.store.people.book import PeopleRows
    from xiaopos.usecases.look_after_people import NewPerson, invite_person
    from xiaopos.web.accounts.joining import new_secret

    role = Role(wanted.role)
    person = NewPerson(
        wanted.username, wanted.name_zh, wanted.name_en, role, wanted.merchant if role in AT_MERCHANT else ""
    )
    secret, mark = new_secret()
    return _tell(
        invite_person(person, mark, _at_the_server(wanted), wiring.SystemClock().now(), PeopleRows()),
        secret,
        deployment,
    )


def _renew(wanted: argparse.Namespace, deployment: Deployment) -> int:
    from xiaopos import wiring
    from xiaopos.store.people.book import PeopleRows
    from xiaopos.usecases.look_after_people import renew_sign_in
    from xiaopos.web.accounts.joining import new_secret

    secret, mark = new_secret()
    made = renew_sign_in(wanted.username, mark, _at_the_server(wanted), wiring.SystemClock().now(), PeopleRows())
    return _tell(made, secret, deployment)


def _at_the_server(wanted: argparse.Namespace) -> Patron:
    """Whoever is at the server looks after everybody whom an administrator does; no user name of the house has an @."""
    return Patron(Actor(f"{getpass.getuser()}@server", "", wanted.reason), Role.ADMINISTRATOR, "")


def _tell(made: Invitation | PersonFault, secret: str, deployment: Deployment) -> int:
    if isinstance(made, PersonFault):
        return _cannot(f"{_WHY[made]}; nothing was changed")
    scheme, port = ("http", f":{deployment.web_port}") if deployment.is_demo else ("https", "")
    host = deployment.web_hosts[0]
    print(f"{scheme}://{host}{port}/join/{secret}/")
    print(f"good once, until {made.expires_at:%Y-%m-%d %H:%M %Z}; give it to the person alone", file=sys.stderr)
    return 0


_WHY = {
    PersonFault.NO_REASON: "give a reason for the audit trail",
    PersonFault.NOT_YOURS: "cashiers and managers are looked after by their shop's owner",
    PersonFault.NAME_WRONG: "a user name is 2 to 40 small letters, digits or . _ - and begins with a letter",
    PersonFault.NAME_TAKEN: "this user name is taken",
    PersonFault.CALLED_NOTHING: "both names are needed, of at most 40 characters",
    PersonFault.MERCHANT_UNKNOWN: "an owner needs --merchant with the number of a merchant that there is",
    PersonFault.AGENT_UNKNOWN: "an agent's people are invited from the agent's page in the console",
    PersonFault.PERSON_UNKNOWN: "nobody has this user name",
    PersonFault.ONESELF: "nobody changes their own account",
    PersonFault.SWITCHED_OFF: "this account is switched off: an administrator must switch it on first",
}


def _cannot(text: str) -> int:
    print(f"xiaopos: {text}", file=sys.stderr)
    return 2
