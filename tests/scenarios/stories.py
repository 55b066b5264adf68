"""The stories of the money rooms: what happens at a counter, told with the cast's own verbs.

What may live here: one function a story, over a fresh world, which asserts what must hold. `STORIES` names them for
`./dev story NAME`. What may not: fixtures, anything but the cast's verbs and the books' final word.
"""

from __future__ import annotations

from collections.abc import Callable

from support.world import World
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import State

Story = Callable[[World], None]


def a_card_sale(world: World) -> None:
    """A card sale is approved, the merchant is owed the amount less the fee."""
    sale = world.lin.sells(25_00).by_card()
    assert sale.approved
    assert sale.payment.fee.minor == 15
    assert world.books.balance("payable:898110058120001") == 24_85
    world.the_books_balance()


def a_payment_code(world: World) -> None:
    """A customer's payment code is charged at once."""
    sale = world.chen.sells(18_00).by_code("Tao")
    assert sale.approved
    assert sale.payment.payer == "m***i"
    world.the_books_balance()


def a_shown_code(world: World) -> None:
    """The shop shows a code; the customer pays, and the machine finds out."""
    sale = world.wu.sells(64_00).by_shown_code()
    assert sale.reason is Reason.IN_PROGRESS
    assert sale.payment.shown_code.startswith("pay/")
    world.the_customer_confirms(sale, "Tao")
    world.the_machine_works()
    assert world.state(sale) is State.APPROVED
    assert world.now(sale).shown_code == ""
    world.the_books_balance()


def a_void(world: World) -> None:
    """A sale is voided before settlement; nothing is left of it in any account."""
    sale = world.lin.sells(25_00).by_card()
    void = world.lin.voids(sale, card="Mei")
    assert void.approved
    assert world.state(sale) is State.VOIDED
    assert world.books.balance("payable:898110058120001") == 0
    assert world.books.balance("income:fees") == 0
    world.the_books_balance()


def a_void_declined(world: World) -> None:
    """The issuer will not void: the sale stands as before."""
    sale = world.lin.sells(25_00).by_card()
    world.the_issuer_declines()
    assert world.lin.voids(sale).reason is Reason.BALANCE_TOO_LOW
    assert world.state(sale) is State.APPROVED
    world.the_books_balance()


def two_refunds_and_one_too_many(world: World) -> None:
    """Two partial refunds are made; a third would exceed the sale and is refused."""
    sale = world.lin.sells(100_00).by_card()
    assert world.lin.refunds(sale, 30_00).approved
    assert world.lin.refunds(sale, 50_00).approved
    assert world.lin.refunds(sale, 20_01).reason is Reason.REFUND_TOO_MUCH
    assert world.now(sale).refundable.minor == 20_00
    assert world.lin.refunds(sale, 20_00).approved
    assert world.books.balance("income:fees") == 0
    world.the_books_balance()


def a_tip_and_one_too_many(world: World) -> None:
    """Mei leaves a tip: it is paid out less its fee; a second one would be more than was agreed with the shop."""
    world.agrees_on_tips(15)
    sale = world.chen.sells(100_00).by_card()
    tip = world.chen.tips(sale, 12_00, total=112_00)
    assert tip.approved
    assert (tip.payment.original_id, tip.payment.fee.minor) == (sale.payment.payment_id, 7)
    assert world.chen.tips(sale, 4_00, total=116_00).reason is Reason.TIP_WRONG
    assert world.acquirer.takings == 112_00
    assert world.state(sale) is State.APPROVED
    world.the_books_balance()


def a_tip_and_its_sale_given_back(world: World) -> None:
    """A sale is voided, or wholly paid back, only once its tip is; some of it may be paid back before."""
    world.agrees_on_tips(15)
    first = world.chen.sells(100_00).by_card()
    tip = world.chen.tips(first, 10_00, total=110_00)
    assert world.chen.voids(first).reason is Reason.TIP_STANDS
    assert world.chen.voids(tip).approved
    assert world.chen.voids(first).approved
    second = world.chen.sells(100_00).by_card()
    tip = world.chen.tips(second, 10_00, total=110_00)
    assert world.chen.refunds(second, 40_00).approved
    assert world.chen.refunds(second, 60_00).reason is Reason.TIP_STANDS
    assert world.chen.refunds(tip, 10_00).approved
    assert world.chen.refunds(second, 60_00).approved
    assert world.acquirer.takings == 0
    world.the_books_balance()


def a_tip_told_again(world: World) -> None:
    """The network never heard of a tip: it is told again until it has, and the guest pays once."""
    world.agrees_on_tips(15)
    sale = world.chen.sells(100_00).by_card()
    world.the_line_drops()
    tip = world.chen.tips(sale, 10_00, total=110_00)
    assert tip.reason is Reason.OUTCOME_UNKNOWN
    world.the_machine_works()
    assert world.state(tip) is State.APPROVED
    assert world.acquirer.takings == 110_00
    world.the_books_balance()


def a_refund_declined(world: World) -> None:
    """A refund that the channel declines gives back what it had reserved."""
    sale = world.lin.sells(100_00).by_card()
    world.the_issuer_declines()
    assert not world.lin.refunds(sale, 60_00).approved
    assert world.now(sale).refundable.minor == 100_00
    world.the_books_balance()


def a_wallet_refund_and_void(world: World) -> None:
    """A wallet knows no void: the whole amount is paid back under the void's own id."""
    first, second = world.chen.sells(18_00).by_code(), world.chen.sells(20_00).by_code()
    assert world.chen.refunds(first, 8_00).approved
    assert world.chen.voids(second).approved
    assert world.state(second) is State.VOIDED
    assert world.wallet.takings == 10_00
    world.the_books_balance()


def asked_twice_charged_once(world: World) -> None:
    """The same request again gets the recorded answer and asks no channel."""
    sale = world.lin.sells(25_00).by_card()
    again = world.lin.repeats(sale)
    assert again.payment == sale.payment
    assert len(world.acquirer.asked) == 1
    void = world.lin.voids(sale)
    assert world.lin.repeats_undoing(Kind.VOID, void, sale).payment == void.payment
    world.the_books_balance()


def another_amount_under_the_same_number(world: World) -> None:
    """The same number with other content is refused, and nothing is charged."""
    sale = world.lin.sells(25_00).by_card()
    assert world.lin.repeats(sale, minor=99_00).reason is Reason.REPEAT_DIFFERS
    assert len(world.acquirer.asked) == 1
    world.the_books_balance()


def the_answer_is_lost(world: World) -> None:
    """The issuer charged the card but its answer was lost: the machine takes the money back."""
    world.the_answer_gets_lost()
    sale = world.lin.sells(25_00).by_card()
    assert sale.reason is Reason.OUTCOME_UNKNOWN
    assert world.acquirer.takings == 25_00
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    assert world.acquirer.takings == 0
    world.the_books_balance()


def the_request_is_lost(world: World) -> None:
    """The request never arrived: the reversal finds nothing, and the next sale goes through."""
    world.the_line_drops()
    sale = world.lin.sells(25_00).by_card()
    assert sale.reason is Reason.OUTCOME_UNKNOWN
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    assert world.lin.repeats(sale).reason is Reason.REVERSED_BEFORE
    assert world.lin.sells(25_00).by_card().approved
    world.the_books_balance()


def a_void_of_unknown_outcome(world: World) -> None:
    """The answer to a void was lost: the void is taken back and the sale stands again."""
    sale = world.lin.sells(25_00).by_card()
    world.the_answer_gets_lost()
    void = world.lin.voids(sale)
    assert void.reason is Reason.OUTCOME_UNKNOWN
    assert world.state(sale) is State.VOIDING
    world.the_machine_works()
    assert (world.state(void), world.state(sale)) == (State.REVERSED, State.APPROVED)
    assert world.lin.voids(sale).approved
    world.the_books_balance()


def a_refund_of_unknown_outcome(world: World) -> None:
    """An unknown refund is asked for again, by the machine, and done once."""
    sale = world.lin.sells(100_00).by_card()
    world.the_answer_gets_lost()
    refund = world.lin.refunds(sale, 40_00)
    assert refund.reason is Reason.OUTCOME_UNKNOWN
    assert world.lin.refunds(sale, 60_01).reason is Reason.REFUND_TOO_MUCH
    world.the_machine_works()
    assert world.state(refund) is State.APPROVED
    assert world.acquirer.takings == 60_00
    assert world.now(sale).refunded.minor == 40_00
    world.the_books_balance()


def a_line_that_stays_down(world: World) -> None:
    """The reversal is tried again and again; a person is shown it; when the line is back it is done."""
    world.the_line_stays_down()
    sale = world.lin.sells(25_00).by_card()
    world.the_machine_works(rounds=40)
    assert world.state(sale) is State.UNRESOLVED
    assert world.lin.repeats(sale).reason is Reason.OUTCOME_UNKNOWN
    world.the_line_is_back()
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    world.the_books_balance()


def the_terminal_reverses(world: World) -> None:
    """The terminal heard nothing of an approved sale and takes it back; asked again, it is told the same."""
    sale = world.lin.sells(25_00).by_card()
    assert world.lin.reverses(sale).payment.state is State.REVERSING
    world.the_machine_works()
    assert world.lin.reverses(sale).payment.state is State.REVERSED
    assert world.books.balance("income:fees") == 0
    world.the_books_balance()


def the_terminal_reverses_a_void(world: World) -> None:
    """The terminal takes back an approved void: the sale stands again."""
    sale = world.lin.sells(25_00).by_card()
    void = world.lin.voids(sale)
    world.lin.reverses(void, kind=Kind.VOID)
    world.the_machine_works()
    assert (world.state(void), world.state(sale)) == (State.REVERSED, State.APPROVED)
    assert world.books.balance("payable:898110058120001") == 24_85
    world.the_books_balance()


def a_reversal_before_its_original(world: World) -> None:
    """A reversal that overtook its original is remembered, and the late original is refused."""
    voucher = world.lin.next_voucher()
    reversal = world.lin.reverses_voucher(voucher, 25_00)
    assert reversal.payment.state is State.REVERSED
    world.lin.stan = voucher.stan - 1
    late = world.lin.sells(25_00).by_card()
    assert late.reason is Reason.REVERSED_BEFORE
    assert world.acquirer.asked == []
    world.the_books_balance()


def a_late_approval(world: World) -> None:
    """The terminal gives up while the issuer thinks; its late approval posts nothing and a person is told."""
    selling = world.lin.sells(25_00)
    voucher = selling.request.voucher
    assert voucher is not None

    def the_terminal_gives_up() -> None:
        world.acquirer.while_asked = None
        world.lin.reverses_voucher(voucher, 25_00)

    world.acquirer.while_asked = the_terminal_gives_up
    sale = selling.by_card()
    assert sale.payment.state is State.REVERSING
    assert world.books.entries == {}
    assert world.found() == ["late_approval"]
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    world.the_books_balance()


def a_late_approval_of_a_void(world: World) -> None:
    """A void is reversed to the end while its answer is on the way: the sale stands, and a person is told."""
    sale = world.lin.sells(25_00).by_card()
    voucher = world.lin.next_voucher()

    def the_terminal_gives_up() -> None:
        world.acquirer.while_asked = None
        world.lin.reverses_voucher(voucher, 25_00, kind=Kind.VOID)
        world.the_machine_works()

    world.acquirer.while_asked = the_terminal_gives_up
    void = world.lin.voids(sale)
    assert not void.approved
    assert world.state(sale) is State.APPROVED
    assert world.acquirer.takings == 25_00
    world.the_books_balance()


def the_payer_confirms(world: World) -> None:
    """The wallet asks the customer to confirm; the customer does, and the machine finds out."""
    world.the_customer_must_confirm()
    sale = world.lin.sells(300_00).by_code()
    assert sale.reason is Reason.IN_PROGRESS
    world.seconds_pass(10)
    world.the_customer_confirms(sale)
    world.the_machine_works()
    assert world.state(sale) is State.APPROVED
    world.the_books_balance()


def the_payer_refuses(world: World) -> None:
    """The customer cancels on the phone: the payment is declined, no money moved."""
    world.the_customer_must_confirm()
    sale = world.lin.sells(300_00).by_code()
    world.the_customer_refuses(sale)
    world.the_machine_works()
    assert world.state(sale) is State.DECLINED
    assert world.now(sale).reason is Reason.PAYER_REFUSED
    world.the_books_balance()


def the_payer_is_too_slow(world: World) -> None:
    """Nobody confirms in time: the order is closed, and the cashier is told why."""
    world.the_customer_must_confirm()
    sale = world.lin.sells(300_00).by_code()
    world.seconds_pass(50)
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    assert world.lin.repeats(sale).reason is Reason.PAYER_TOO_SLOW
    assert world.wallet.orders == {}
    world.the_books_balance()


def the_cashier_gives_up(world: World) -> None:
    """The cashier stops waiting although the customer has just paid: the money goes back."""
    sale = world.zhou.sells(64_00).by_shown_code()
    world.the_customer_confirms(sale)
    assert world.zhou.gives_up(sale).payment.state is State.REVERSING
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    assert world.wallet.takings == 0
    world.the_books_balance()


def two_refunds_at_once(world: World) -> None:
    """A second refund arrives while the first is under way: together they cannot exceed the sale."""
    sale = world.lin.sells(100_00).by_card()
    refunds = []

    def the_other_cashier_refunds_too() -> None:
        world.acquirer.while_asked = None
        refunds.append(world.zhou.refunds(sale, 70_00))
        refunds.append(world.zhou.refunds(sale, 30_00))

    world.acquirer.while_asked = the_other_cashier_refunds_too
    first = world.lin.refunds(sale, 70_00)
    assert first.approved
    assert [refund.reason for refund in refunds] == [Reason.REFUND_TOO_MUCH, None]
    assert world.acquirer.takings == 0
    assert world.found() == []
    world.the_books_balance()


def a_void_after_settlement(world: World) -> None:
    """A settled sale cannot be voided, and a void of another terminal's sale is refused: a refund is the way."""
    sale = world.lin.sells(25_00).by_card()
    world.lin.settles()
    assert world.lin.voids(sale).reason is Reason.ORIGINAL_SETTLED
    assert world.zhou.voids(sale).reason is Reason.ORIGINAL_OTHER_TERMINAL
    assert world.lin.refunds(sale, 25_00).approved
    world.the_books_balance()


def half_approved(world: World) -> None:
    """The issuer approves half; the terminal, which never heard so, reverses the amount that it asked for."""
    world.the_issuer_approves_half()
    sale = world.lin.sells(80_00).by_card()
    assert sale.payment.amount.minor == 40_00
    assert world.lin.reverses(sale, minor=33_00).reason is Reason.VOID_AMOUNT_DIFFERS
    world.lin.reverses(sale, minor=80_00)
    world.the_machine_works()
    assert world.state(sale) is State.REVERSED
    world.the_books_balance()


def a_code_nobody_knows(world: World) -> None:
    """A code that no wallet owns, and a wallet that the shop does not take, are refused and noted."""
    assert world.lin.sells(5_00).by_raw_code("123456").reason is Reason.PAYER_CODE_UNKNOWN
    assert world.lin.sells(5_00).by_raw_code("980000000000000001").reason is Reason.WALLET_NOT_ACCEPTED
    assert world.lin.sells(5_00).by_shown_code("elsewhere").reason is Reason.WALLET_NOT_ACCEPTED
    assert len(world.books.refusals) == 3
    assert world.books.payments == {}
    world.the_books_balance()


STORIES: dict[str, Story] = {
    story.__name__.replace("_", "-"): story
    for story in (
        a_card_sale,
        a_payment_code,
        a_shown_code,
        a_void,
        a_void_declined,
        two_refunds_and_one_too_many,
        a_tip_and_one_too_many,
        a_tip_and_its_sale_given_back,
        a_tip_told_again,
        a_refund_declined,
        a_wallet_refund_and_void,
        asked_twice_charged_once,
        another_amount_under_the_same_number,
        the_answer_is_lost,
        the_request_is_lost,
        a_void_of_unknown_outcome,
        a_refund_of_unknown_outcome,
        a_line_that_stays_down,
        the_terminal_reverses,
        the_terminal_reverses_a_void,
        a_reversal_before_its_original,
        a_late_approval,
        a_late_approval_of_a_void,
        the_payer_confirms,
        the_payer_refuses,
        the_payer_is_too_slow,
        the_cashier_gives_up,
        two_refunds_at_once,
        a_void_after_settlement,
        half_approved,
        a_code_nobody_knows,
    )
}
