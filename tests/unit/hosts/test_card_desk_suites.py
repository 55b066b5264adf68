"""Terminals of every algorithm suite at one desk: keys of their own kind, MACs and PINs as their profiles say."""

from __future__ import annotations

import pytest

from support.card_counter import CODEC, TID, CardCounter
from support.world import TEA, at_once
from xiaopos.fleet.profiles import KeyLayout
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, PinFormat, WrappedKey
from xiaopos.payments.payment import Kind as PaymentKind
from xiaopos.terminal.cards import How
from xiaopos.terminal.guard import with_mac
from xiaopos.terminal.profile import PROFILES
from xiaopos.usecases.sign_in_terminal import SignedIn, sign_in_terminal
from xiaopos.wire.iso8583 import Message

ALGORITHMS = {
    "unionpay-3des-2012": (KeyAlgorithm.TDES2, KeyAlgorithm.DES, None),
    "unionpay-3des-track-2012": (KeyAlgorithm.TDES2, KeyAlgorithm.DES, KeyAlgorithm.TDES2),
    "unionpay-3des-mac-2012": (KeyAlgorithm.TDES2, KeyAlgorithm.TDES2, None),
    "unionpay-sm4-draft": (KeyAlgorithm.SM4, KeyAlgorithm.SM4, None),
}


def pin_reached(counter: CardCounter, to: KeyAlgorithm, form: PinFormat) -> bool:
    """Whether the PIN that the acquirer was handed is 123456, once it is translated for a network of this algorithm."""
    vault = counter.world.vault
    card = counter.world.acquirer.cards[-1]
    assert card.pin_block is not None
    assert card.pin_key is not None
    zpk = vault.generate(usage=KeyUsage.ZPK, algorithm=to)
    moved = vault.translate_pin(
        block=card.pin_block.value,
        from_key=card.pin_key,
        from_form=PinFormat(card.pin_form),
        to_key=zpk,
        to_form=form,
        pan=card.pan,
    )
    return vault.verify_pin(block=moved, key=zpk, form=form, pan=card.pan, expected=Secret(b"123456"))


@pytest.mark.parametrize("profile", ALGORITHMS)
def test_a_terminal_of_any_suite_sells_with_a_pin_voids_and_settles(profile: str) -> None:
    counter = CardCounter(profile)
    assert counter.signs_in().approved
    facts = counter.world.books.terminals[TID]
    held = tuple(key and key.algorithm for key in (facts.tpk, facts.tak, facts.tdk))
    assert held == ALGORITHMS[profile]
    sold = counter.sells(how=How.INSERT, pin="123456")
    assert sold.approved
    assert pin_reached(counter, KeyAlgorithm.TDES2, PinFormat.ISO0)
    assert counter.passes(counter.device.void(sold.stan)).approved
    settled = counter.passes(counter.device.settle())
    assert (settled.approved, settled.balanced) == (True, True)
    assert [payment.kind for payment in counter.world.books.payments.values()] == [PaymentKind.SALE, PaymentKind.VOID]


def test_a_pin_goes_from_an_old_terminal_to_a_network_of_the_new_kind() -> None:
    counter = CardCounter("unionpay-3des-2012")
    counter.signs_in()
    assert counter.sells(how=How.INSERT, pin="123456").approved
    assert pin_reached(counter, KeyAlgorithm.SM4, PinFormat.SM4_PADDED)


@pytest.mark.parametrize(
    ("profile", "block", "control"),
    [
        ("unionpay-3des-2012", bytes(16), "2600000000000000"),
        ("unionpay-3des-2012", bytes(8), "2300000000000000"),
        ("unionpay-3des-2012", bytes(8), "9600000000000000"),
        ("unionpay-sm4-draft", bytes(8), "2300000000000000"),
        ("unionpay-sm4-draft", bytes(16), "2600000000000000"),
    ],
)
def test_a_pin_in_another_way_than_the_profile_says_is_a_format_error(profile: str, block: bytes, control: str) -> None:
    counter = CardCounter(profile)
    counter.signs_in()
    sale = counter.sale(f22="021", f26="12", f53=control)
    sale.fields[52] = block
    tak = counter.world.books.terminals[TID].tak
    assert tak is not None
    answer = counter.asks_bytes(sealed(counter, sale, tak))
    assert answer is not None
    assert CODEC.decode(answer).text(39) == "30"
    assert not counter.world.acquirer.asked
    assert not counter.world.books.payments


def sealed(counter: CardCounter, message: Message, tak: WrappedKey) -> bytes:
    return with_mac(counter.world.vault, tak, message, PROFILES[counter.profile].suite.mac_kind)


def test_a_terminal_whose_master_key_is_of_another_suite_cannot_sign_in() -> None:
    counter = CardCounter("unionpay-3des-2012")
    counter.changes(profile="unionpay-sm4-draft")
    told = counter.signs_in()
    assert not told.approved
    assert counter.world.books.terminals[TID].tak is None


def test_a_triple_length_master_key_carries_the_keys_of_a_double_length_profile() -> None:
    counter = CardCounter("unionpay-3des-mac-2012")
    counter.changes(tmk=counter.world.vault.generate(usage=KeyUsage.TMK, algorithm=KeyAlgorithm.TDES3))
    house, at = counter.world.house, counter.world.clock.now()
    given = at_once(sign_in_terminal(TerminalId(TID), TEA, KeyLayout.DOUBLE, at, house))
    assert isinstance(given, SignedIn)
    assert (len(given.tpk.cipher), len(given.tak.cipher), given.tdk) == (16, 16, None)
