"""Who may do what: the whole table, cell by cell."""

from __future__ import annotations

import pytest

from xiaopos.merchants.roles import AT_AGENT, AT_MERCHANT, PERMISSIONS, Permission, Role

TABLE = """
                 cashier manager owner support risk finance administrator agent promoter
take_payment     yes     yes     yes   no      no   no      no           no    no
approve_undo     no      yes     yes   no      no   no      no           no    no
see_shop         no      yes     yes   no      no   no      no           no    no
see_staff        no      yes     yes   no      no   no      no           no    no
look_after_staff no     no      yes   no      no   no      no           no    no
keep_codes       no      no      yes   no      no   no      no           no    no
keep_contracts   no      no      yes   no      no   no      no           no    no
keep_webhooks    no      no      yes   no      no   no      no           no    no
keep_api_keys    no      no      yes   no      no   no      no           no    no
keep_speakers    no      no      yes   no      no   no      no           no    no
look_after_people no    no      no    no      no   no      yes           no    no
see_console      no      no      no    yes     yes  yes     yes           no    no
see_ledger       no      no      no    no      no   yes     yes           no    no
see_unresolved   no      no      no    yes     yes  yes     yes           no    no
see_audit        no      no      no    no      no   no      yes           no    no
switch_network   no      no      no    no      yes  no      yes           no    no
enter_lists      no      no      no    no      yes  no      yes           no    no
register_terminal no     no      no    no      yes  no      yes           no    no
switch_terminal  no      no      no    no      yes  no      yes           no    no
ask_terminal     no      no      no    yes     yes  no      yes           no    no
close_discrepancy no     no      no    no      no   yes     yes           no    no
see_signature    no      no      no    no      yes  yes     yes           no    no
read_messages    no      no      no    yes     yes  no      yes           no    no
change_terms     no      no      no    no      no   yes     yes           no    no
see_keys         no      no      no    no      yes  yes     yes           no    no
enter_component  no      no      no    no      yes  yes     yes           no    no
change_keys      no      no      no    no      yes  no      yes           no    no
keep_agents      no      no      no    no      yes  no      yes           no    no
review_applications no   no      no    no      yes  no      yes           no    no
activate_terminal no    yes     yes   no      no   no      no           no    no
keep_stock       no      no      no    yes     no   no      yes           no    no
keep_advice      no      no      no    no      yes  no      yes           no    no
keep_screening   no      no      no    no      yes  no      yes           no    no
carry_badge      no      no      no    no      no   no      no            no    yes
see_own_agent    no      no      no    no      no   no      no            yes   no
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], role, word == "yes") for row in ROWS for role, word in zip(HEAD, row[1:], strict=True)]


def test_the_table_has_every_role_and_every_permission() -> None:
    assert {role.value for role in Role} == set(HEAD)
    assert {permission.value for permission in Permission} == {row[0] for row in ROWS}
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(("permission", "role", "allowed"), CELLS)
def test_a_role_may_do_what_its_cell_says(permission: str, role: str, allowed: bool) -> None:
    assert (Permission(permission) in PERMISSIONS[Role(role)]) is allowed


def test_nobody_at_a_merchant_sees_the_console_and_nobody_at_the_operator_takes_money() -> None:
    inside = {
        Permission.TAKE_PAYMENT,
        Permission.ACTIVATE_TERMINAL,
        Permission.APPROVE_UNDO,
        Permission.SEE_SHOP,
        Permission.SEE_STAFF,
        Permission.KEEP_CODES,
        Permission.LOOK_AFTER_STAFF,
        Permission.KEEP_CONTRACTS,
        Permission.KEEP_WEBHOOKS,
        Permission.KEEP_API_KEYS,
        Permission.KEEP_SPEAKERS,
    }

    assert all(inside >= PERMISSIONS[role] for role in AT_MERCHANT)
    assert all(not inside & PERMISSIONS[role] for role in set(Role) - AT_MERCHANT)


def test_an_agents_people_have_nothing_in_common_with_anybody_else() -> None:
    others = {permission for role in set(Role) - AT_AGENT for permission in PERMISSIONS[role]}
    assert all(not others & PERMISSIONS[role] for role in AT_AGENT)
