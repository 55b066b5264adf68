"""The pretend network's rules at their edges; what the gateway can meet is in the contract suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from support.channels import Shop, new_vault
from xiaopos.gateways.unionpay import messages
from xiaopos.gateways.unionpay.messages import Membership
from xiaopos.kernel.money import Money
from xiaopos.kernel.secret import Pan, Secret, luhn_ok
from xiaopos.keys import KeyAlgorithm, KeyUsage, PinFormat, SoftwareVault, WrappedKey
from xiaopos.payments.payment import CardKind, Kind, Payment
from xiaopos.simulator.network import TEST_CARDS, Card, CardStatus
from xiaopos.simulator.network import test_card as card_of
from xiaopos.simulator.network.records import NetworkRecords
from xiaopos.simulator.network.switch import Switch
from xiaopos.wire.iso8583 import Message

MEMBER = Membership("48020000", "48020001")
STOLEN = Card("stolen", Pan("6200000000000000067"), "3012", CardKind.DEBIT, "测试银行", 100, CardStatus.STOLEN)


class World:
    """A network without a line."""

    def __init__(self) -> None:
        self.vault: SoftwareVault = new_vault()
        self.zpk: WrappedKey = self.vault.generate(usage=KeyUsage.ZPK, algorithm=KeyAlgorithm.TDES2)
        self.tpk = self.vault.generate(usage=KeyUsage.TPK, algorithm=KeyAlgorithm.TDES2)
        self.shop = Shop()
        self.records = NetworkRecords(":memory:", (*TEST_CARDS, STOLEN))
        self.switch = Switch(self.records, (*TEST_CARDS, STOLEN), vault=self.vault, clock=self.shop.clock)

    def asks(self, message: Message, forced: str = "") -> str:
        """The answer's code."""
        return self.switch.answer(message, zpk=self.zpk, forced=forced).text(39)

    def sale(self, minor: int = 2_500, card: str = "debit") -> tuple[Payment, Message]:
        """A sale and its request."""
        sale = self.shop.sale(minor, card)
        return sale, messages.authorisation(sale, self.shop.means(card), MEMBER, b"")

    def pin(self, pin: str, card: str = "debit") -> bytes:
        """A PIN block as the network receives it."""
        pan = card_of(card).pan
        block = self.vault.encrypt_pin(key=self.tpk, pin=Secret(pin.encode()), pan=pan, form=PinFormat.ISO0)
        return self.vault.translate_pin(
            block=block, from_key=self.tpk, from_form=PinFormat.ISO0, to_key=self.zpk, to_form=PinFormat.ISO0, pan=pan
        )


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.records.close()


def test_every_test_card_is_well_formed_and_plainly_a_test_card() -> None:
    for card in TEST_CARDS:
        assert luhn_ok(card.pan.digits)
        assert card.pan.digits.startswith("62000")
        assert card.pin.value == b"123456"
    with pytest.raises(KeyError):
        card_of("gold")


def test_three_wrong_pins_lock_a_card_and_a_right_one_before_forgives(world: World) -> None:
    codes = []
    for pin in ("654321", "654321", "123456", "654321", "654321", "654321", "123456"):
        sale = world.shop.sale(100)
        codes.append(world.asks(messages.authorisation(sale, world.shop.means(), MEMBER, world.pin(pin))))
    assert codes == ["55", "55", "00", "55", "55", "75", "75"]


def test_a_pin_block_that_does_not_decode_is_a_format_fault(world: World) -> None:
    assert world.asks(messages.authorisation(world.shop.sale(100), world.shop.means(), MEMBER, bytes(8))) == "99"


def test_cards_that_are_stolen_or_that_nobody_issued_are_refused(world: World) -> None:
    for pan, code in ((STOLEN.pan, "43"), (Pan("6200009999999999"), "14")):
        means = replace(world.shop.means(), pan=pan)
        assert world.asks(messages.authorisation(world.shop.sale(10), means, MEMBER, b"")) == code
        assert world.records.balance("stolen") == 100


def test_the_same_request_again_is_answered_the_same_and_a_changed_one_refused(world: World) -> None:
    sale, asked = world.sale()
    first = world.switch.answer(asked, zpk=world.zpk)
    assert world.switch.answer(asked, zpk=world.zpk) == first
    changed = messages.authorisation(replace(sale, amount=Money(1)), world.shop.means(), MEMBER, b"")
    assert world.asks(changed) == "94"
    assert world.records.balance("debit") == 10_000_000 - 2_500


def test_a_reversed_sale_that_comes_again_is_refused(world: World) -> None:
    sale, asked = world.sale()
    world.asks(asked)
    assert world.asks(messages.reversal(sale, card_of("debit").pan, MEMBER, repeat=False)) == "00"
    assert world.asks(asked) == "12"
    assert world.records.balance("debit") == 10_000_000


def test_a_declined_sale_is_reversed_without_moving_anything(world: World) -> None:
    sale, asked = world.sale(101, "poor")
    assert world.asks(asked) == "51"
    assert world.asks(messages.reversal(sale, card_of("poor").pan, MEMBER, repeat=False)) == "00"
    assert world.records.balance("poor") == 100


@pytest.mark.parametrize("missing", [3, 4, 7, 11, 32, 37, 41, 42, 49])
def test_a_request_without_what_is_needed_is_a_format_fault(world: World, missing: int) -> None:
    _, asked = world.sale()
    del asked.fields[missing]
    assert world.asks(asked) == "30"


def test_what_the_network_does_not_do_is_unsupported(world: World) -> None:
    _, asked = world.sale()
    asked.fields[3] = "280000"
    assert world.asks(asked) == "40"
    asked.mti = "0220"
    assert world.asks(asked) == "40"


def test_an_undoing_without_its_original_is_refused(world: World) -> None:
    sale, _ = world.sale()
    pan = card_of("debit").pan
    void = messages.void(world.shop.undoing(Kind.VOID, sale), sale, pan, MEMBER)
    del void.fields[90]
    assert world.asks(void) == "25"
    reversal = messages.reversal(sale, pan, MEMBER, repeat=False)
    del reversal.fields[90]
    assert world.asks(reversal) == "30"


def test_a_void_must_name_the_card_the_amount_and_a_sale_that_stands(world: World) -> None:
    sale, asked = world.sale()
    world.asks(asked)
    debit, credit = card_of("debit").pan, card_of("credit").pan
    assert world.asks(messages.void(world.shop.undoing(Kind.VOID, sale), sale, credit, MEMBER)) == "14"
    assert world.asks(messages.void(world.shop.undoing(Kind.VOID, sale, 1), sale, debit, MEMBER)) == "64"
    refund = world.shop.undoing(Kind.REFUND, sale, 1)
    assert world.asks(messages.refund(refund, sale, debit, MEMBER, repeat=False)) == "00"
    assert world.asks(messages.void(world.shop.undoing(Kind.VOID, sale), sale, debit, MEMBER)) == "12"
    assert world.asks(messages.reversal(refund, debit, MEMBER, repeat=False)) == "12", "a refund cannot be reversed"
    assert world.asks(messages.reversal(sale, debit, MEMBER, repeat=False)) == "00"
    assert world.records.balance("debit") == 10_000_000
    assert world.asks(messages.void(world.shop.undoing(Kind.VOID, sale), sale, debit, MEMBER)) == "12"


def test_a_forced_code_declines_but_cannot_approve_what_does_not_exist(world: World) -> None:
    sale, asked = world.sale()
    assert world.asks(asked, forced="61") == "61"
    void = messages.void(world.shop.undoing(Kind.VOID, sale), sale, card_of("debit").pan, MEMBER)
    assert world.asks(void, forced="11") == "12"
    unknown = messages.authorisation(
        world.shop.sale(10), replace(world.shop.means(), pan=Pan("6200009999999999")), MEMBER, b""
    )
    assert world.asks(unknown, forced="10") == "14"


def test_records_keep_nothing_of_what_fails(world: World) -> None:
    def fails() -> None:
        with world.records.together():
            world.records.move("debit", -1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert world.records.balance("debit") == 10_000_000
    with pytest.raises(KeyError):
        world.records.balance("gold")
