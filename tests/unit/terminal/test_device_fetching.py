"""A terminal whose host offers nonsense: the old list stays, nothing is asked for ever, nothing is lost at a power cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.terminal_counter import Counter, Paper, new_counter, new_device
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.chip_lists import CHIP_PARAMETERS, PUBLIC_KEYS
from xiaopos.terminal.lists import ListKind, settings_of
from xiaopos.terminal.memory import MemoryDamaged, Remembered
from xiaopos.terminal.outcome import Action, Kind, Outcome
from xiaopos.terminal.states import State

Offer = Callable[[str, bytes], dict[int, str | bytes]]
KEY = bytes.fromhex(next(iter(PUBLIC_KEYS.values())))
KEY_NAME = bytes.fromhex("9F0605A0000003339F220108DF05083230333031323331")


def fetches(counter: Counter, kind: ListKind) -> Outcome:
    outcome = counter.passes(counter.device.fetch(kind))
    for _ in range(200):
        if counter.device.remembered.fetch is None:
            return outcome
        outcome = counter.passes(counter.device.fetch(kind))
    raise AssertionError("it never ends")


def offering(counter: Counter, **answers: bytes) -> None:
    """The host answers these codes of field 60.3 with these bytes, whatever is asked."""
    offer: Any = counter.host.offer

    def odd(network: str, wanted: bytes) -> dict[int, str | bytes]:
        raw = answers.get(f"f{network}")
        given: dict[int, str | bytes] = offer(network, wanted) if raw is None else {62: raw}
        return given

    counter.host.offer = odd  # type: ignore[method-assign]  # another host


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (ListKind.PARAMETERS, {"f360": b"99nonsense"}),
        (ListKind.PARAMETERS, {"f360": b"12"}),
        (ListKind.PUBLIC_KEYS, {"f372": b"x"}),
        (ListKind.PUBLIC_KEYS, {"f372": b""}),
        (ListKind.PUBLIC_KEYS, {"f372": b"2"}),
        (ListKind.PUBLIC_KEYS, {"f372": b"2" + KEY_NAME}),
        (ListKind.PUBLIC_KEYS, {"f370": b"1" + KEY[:40]}),
        (ListKind.PUBLIC_KEYS, {"f370": b"1" + KEY}),
        (ListKind.PUBLIC_KEYS, {"f372": b"1" + KEY_NAME, "f370": b"1" + KEY[:-1] + b"\x00"}),
        (ListKind.PUBLIC_KEYS, {"f372": b"1" + KEY_NAME, "f370": b"1" + KEY_NAME}),
        (ListKind.CHIP_PARAMETERS, {"f380": b"1" + bytes.fromhex("9F0608A000000333010109")}),
        (ListKind.BLACKLIST, {"f390": b"2000"}),
        (ListKind.BLACKLIST, {"f390": b"2001621000      "}),
        (ListKind.BLACKLIST, {"f390": b"1001ABCDEF      "}),
        (ListKind.BLACKLIST, {"f390": b"1001"[:3]}),
        (ListKind.BLACKLIST, {"f390": b"0001621000      "}),
    ],
)
def test_what_cannot_be_believed_leaves_the_old_list(kind: ListKind, answers: dict[str, bytes]) -> None:
    counter = new_counter()
    assert fetches(counter, kind).approved
    old = counter.device.remembered.kept_list(kind)
    offering(counter, **answers)
    wrong = fetches(counter, kind)
    assert (wrong.action, wrong.kind, wrong.listed) == (Action.FETCH, Kind.DECLINED, kind.value)
    assert wrong.words.title_en == "What was downloaded is wrong; the old list stays in use"
    assert counter.device.remembered.kept_list(kind) == old
    assert len(counter.host.heard) < 260


def test_a_public_key_of_another_algorithm_is_taken_as_it_comes() -> None:
    counter = new_counter()
    name = bytes.fromhex("9F0605B0000000019F220101DF05083230333031323331")
    entry = name + bytes.fromhex("DF060102DF070104DF020101DF040103")
    offering(counter, f372=b"1" + name, f370=b"1" + entry)
    assert fetches(counter, ListKind.PUBLIC_KEYS).approved
    assert counter.device.remembered.kept_list(ListKind.PUBLIC_KEYS).entries == (entry.hex().upper(),)


def test_the_host_refuses_a_list_and_a_status(counter: Counter) -> None:
    counter.host.mood.code = "40"
    assert fetches(counter, ListKind.PARAMETERS).response_code == "40"
    assert counter.passes(counter.device.tell_status()).kind is Kind.DECLINED


def test_a_lost_part_is_asked_for_again(counter: Counter) -> None:
    assert isinstance(counter.device.fetch(ListKind.CHIP_PARAMETERS), bytes)
    assert counter.device.no_answer().kind is Kind.UNKNOWN
    assert fetches(counter, ListKind.CHIP_PARAMETERS).approved
    assert len(counter.device.remembered.kept_list(ListKind.CHIP_PARAMETERS).entries) == len(CHIP_PARAMETERS)
    assert counter.device.state is State.SIGNED_OUT


def test_another_list_breaks_one_off_that_is_under_way(counter: Counter) -> None:
    assert counter.passes(counter.device.fetch(ListKind.PUBLIC_KEYS)).approved
    assert fetches(counter, ListKind.BLACKLIST).listed == "blacklist"
    assert counter.device.remembered.wanted == ("public_keys",)


def test_nothing_else_is_asked_while_an_answer_is_awaited(open_counter: Counter) -> None:
    assert isinstance(open_counter.device.settle(), bytes)
    for asked in (open_counter.device.fetch(ListKind.PARAMETERS), open_counter.device.tell_status()):
        assert asked == Refused(Reason.IN_PROGRESS)


def test_signed_out_nothing_with_a_mac_is_asked(counter: Counter) -> None:
    device = counter.device
    for asked in (
        device.query("000000000001"), device.sign(1, Secret(b"x")), device.tell_script_result(1, bytes(5)),
        device.tell_notice(), device.tip(1, 1),
    ):  # fmt: skip
        assert asked == Refused(Reason.TERMINAL_NOT_SIGNED_IN)


@pytest.mark.parametrize(("digit", "wanted"), [("1", "parameters"), ("4", "public_keys"), ("8", ""), ("2", "status")])
def test_what_the_header_asks_for_is_remembered_over_a_power_cut(
    open_counter: Counter, digit: str, wanted: str
) -> None:
    open_counter.host.mood.request_digit = digit
    for _ in range(2):
        assert open_counter.sells().approved
    assert open_counter.restarts().remembered.wanted == ((wanted,) if wanted else ())


def test_the_answer_to_what_was_asked_for_does_not_ask_again(open_counter: Counter) -> None:
    open_counter.host.mood.request_digit = "1"
    assert fetches(open_counter, ListKind.PARAMETERS).approved
    assert open_counter.device.remembered.wanted == ()
    open_counter.host.mood.request_digit = "2"
    assert open_counter.passes(open_counter.device.tell_status()).approved
    assert open_counter.device.remembered.wanted == ()


def test_parameters_say_how_often_what_is_owed_goes_again(open_counter: Counter) -> None:
    open_counter.host.parameters = {"23": "0"}
    assert fetches(open_counter, ListKind.PARAMETERS).approved
    open_counter.host.mood.silent = True
    assert open_counter.sells().kind is Kind.UNKNOWN
    open_counter.pays_up()
    assert len(open_counter.device.remembered.unresolved) == 1


def test_parameters_leave_open_what_they_do_not_say() -> None:
    nothing = settings_of(())
    assert (nothing.answer_wait_s, nothing.tip_percent, nothing.resends, nothing.auto_sign_off) == (
        None,
        None,
        None,
        False,
    )
    assert settings_of(("1200",)).answer_wait_s is None
    assert settings_of(("180", "1915")).tip_percent == 0
    assert settings_of(("211",)).auto_sign_off
    assert settings_of(("12x",)).answer_wait_s is None


def test_a_memory_of_before_is_read_and_a_damaged_one_is_not(open_counter: Counter) -> None:
    kept = dict(open_counter.device.remembered.as_json())
    for new in ("lists", "fetch", "wanted", "notices"):
        del kept[new]
    assert Remembered.from_json(kept) == open_counter.device.remembered
    for name, wrong in (("lists", [{"kind": "gossip"}]), ("fetch", [1]), ("notices", [{}]), ("wanted", 7)):
        with pytest.raises(MemoryDamaged):
            Remembered.from_json({**kept, name: wrong})


def test_a_power_cut_at_any_moment_loses_no_notice_no_tip_and_no_list(open_counter: Counter) -> None:
    """Whatever was saved last, a start from it owes or holds what the host may not have heard of."""
    sold = open_counter.sells(100_00)
    begun = len(open_counter.paper.saved)
    assert isinstance(open_counter.device.sign(sold.stan, Secret(b"drawn")), bytes)
    signing = len(open_counter.paper.saved)
    open_counter.device.no_answer()
    assert open_counter.passes(open_counter.device.tell_notice()).approved
    told = len(open_counter.paper.saved)
    assert isinstance(open_counter.device.tip(10_00, sold.stan), bytes)
    for at in range(begun, len(open_counter.paper.saved) + 1):
        again = new_device(open_counter.vault, Paper(open_counter.paper.saved[:at]), open_counter.profile)
        assert bool(again.remembered.notices) is (signing <= at < told)
        assert again.owes is (at == len(open_counter.paper.saved))
