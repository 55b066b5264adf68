"""The line to the network when the network misbehaves: it comes up again, and tells what left from what did not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from support.channels import StandingClock, card_town, new_vault, run, zmk_in
from xiaopos.gateways.unionpay import line as line_module
from xiaopos.gateways.unionpay.line import LineTerms, Lost, NetworkLine, NotSent
from xiaopos.gateways.unionpay.messages import Membership
from xiaopos.keys import KeyAlgorithm, KeyUsage, MacKind
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown
from xiaopos.simulator.moods import Mood, Trouble
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.card_network import SPEC
from xiaopos.wire.iso8583.framing import FrameReader, encode_frame, mac_input

CODEC = Codec(SPEC)
MEMBER = Membership("48020000", "48020001")


class RudeNetwork:
    """A network that signs on properly and then says what the test makes it say: `says` turns a frame into bytes."""

    def __init__(self, says: Callable[[RudeNetwork, Message], bytes | None]) -> None:
        self.kept: list[tuple[bool, bytes]] = []
        """What the line told of: whether it was ours, and the frame."""
        self.says = says
        self.vault = new_vault()
        self.zmk = zmk_in(self.vault)
        self.new_keys()
        self.heard: list[str] = []
        self.spoil_keys = False
        self.sign_on_code = "00"

    def new_keys(self) -> None:
        """Begin another session, of which the line knows nothing."""
        self.zpk = self.vault.generate(usage=KeyUsage.ZPK, algorithm=KeyAlgorithm.TDES2)
        self.zak = self.vault.generate(usage=KeyUsage.ZAK, algorithm=KeyAlgorithm.TDES2)

    def signs_on(self, asked: Message) -> bytes:
        """The keys, or keys whose check value does not fit."""
        carried = b""
        for key in (self.zpk, self.zak):
            cipher, check = self.vault.export_under(kek=self.zmk, key=key)
            carried += cipher + (bytes(4) if self.spoil_keys else check)
        fields = {7: asked.fields[7], 11: asked.fields[11], 39: self.sign_on_code, 48: carried}
        return encode_frame(CODEC.encode(Message("0810", fields)))

    def seals(self, reply: Message) -> bytes:
        """A reply under its MAC."""
        reply.fields[128] = bytes(8)
        covered = mac_input(CODEC.encode(reply), field=128)
        return encode_frame(covered + self.vault.mac(key=self.zak, data=covered, kind=MacKind.X9_19))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        frames = FrameReader(4096)
        while chunk := await reader.read(4096):
            for frame in frames.feed(chunk):
                asked = CODEC.decode(frame)
                self.heard.append(asked.mti + asked.text(70))
                told = self.says(self, asked)
                if told is None:
                    writer.close()
                    return
                writer.write(told)
        writer.close()


@asynccontextmanager
async def rude_line(
    says: Callable[[RudeNetwork, Message], bytes | None], *, spoil_keys: bool = False, code: str = "00", **terms: Any
) -> AsyncIterator[tuple[RudeNetwork, NetworkLine]]:
    network = RudeNetwork(says)
    network.spoil_keys, network.sign_on_code = spoil_keys, code
    server = await asyncio.start_server(network.serve, "127.0.0.1", 0)
    vault = new_vault()
    given: dict[str, Any] = {"answer_timeout_s": 0.2, "backoff_first_s": 0.01, "backoff_most_s": 0.02, **terms}
    line = NetworkLine(
        LineTerms("127.0.0.1", server.sockets[0].getsockname()[1], MEMBER, zmk_in(vault), **given),
        vault=vault,
        clock=StandingClock(),
        jitter=lambda: 0.0,
        on_late=lambda _: None,
        heard=lambda ours, frame: network.kept.append((ours, frame)),
    )
    await line.start()
    try:
        yield network, line
    finally:
        await line.stop()
        server.close()
        await server.wait_closed()


def signs_on_and(
    then: Callable[[RudeNetwork, Message], bytes | None],
) -> Callable[[RudeNetwork, Message], bytes | None]:
    """Sign on properly, then do as told."""
    return lambda network, asked: network.signs_on(asked) if asked.text(70) == "001" else then(network, asked)


def a_sale(stan: str = "000001") -> Message:
    """The least of a request."""
    return Message("0200", {7: "0314013000", 11: stan, 37: f"603000{stan}"})


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has come true."""
    for _ in range(300):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came true")


def test_keys_whose_check_value_does_not_fit_leave_the_line_signed_off() -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b""), spoil_keys=True) as (network, line):
            await until(lambda: network.heard.count("0800001") >= 2)
            assert not line.is_ready
            assert not await line.until_ready(0.01)
            assert await line.ask(a_sale()) == NotSent("the line to the card network is down")

    run(story())


def test_a_refused_sign_on_is_tried_again() -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b""), code="91") as (network, line):
            await until(lambda: network.heard.count("0800001") >= 2)
            network.sign_on_code = "00"
            assert await line.until_ready(2)

    run(story())


def test_a_network_that_hangs_up_at_once_is_tried_again() -> None:
    async def story() -> None:
        async with rude_line(lambda *_: None) as (network, line):
            await until(lambda: len(network.heard) >= 3)
            assert not line.is_ready
            assert line.counts.lines_lost >= 2

    run(story())


def test_a_network_that_does_not_answer_an_echo_test_is_left_and_found_again() -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b""), echo_every_s=0.03, answer_timeout_s=0.05) as (network, line):
            await until(lambda: network.heard.count("0800301") >= 2)
            await until(lambda: line.counts.sign_ons >= 2)

    run(story())


def test_a_network_that_answers_echo_tests_is_kept() -> None:
    async def story() -> None:
        async with card_town(echo_every_s=0.02) as town:
            await asyncio.sleep(0.15)
            assert (town.acquirer.counts.sign_ons, town.acquirer.counts.lines_lost) == (1, 0)

    run(story())


@pytest.mark.parametrize(
    "garbage", [b"\xff\xff", encode_frame(b"\x02"), encode_frame(b"\x02\x10" + bytes(8)), encode_frame(b"")]
)
def test_garbage_from_the_network_settles_nothing(garbage: bytes) -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: garbage)) as (_, line):
            assert await line.until_ready(2)
            assert isinstance(await line.ask(a_sale()), Lost)

    run(story())


def test_an_answer_without_a_mac_is_not_believed() -> None:
    def unsealed(_: RudeNetwork, asked: Message) -> bytes:
        return encode_frame(CODEC.encode(Message("0210", {**asked.fields, 39: "00", 128: bytes(8)})))

    def bare(_: RudeNetwork, asked: Message) -> bytes:
        fields = {number: value for number, value in asked.fields.items() if number != 128}
        return encode_frame(CODEC.encode(Message("0210", {**fields, 39: "05"})))

    async def story() -> None:
        for says in (unsealed, bare):
            async with rude_line(signs_on_and(says)) as (network, line):
                assert await line.until_ready(2)
                assert await line.ask(a_sale()) == Lost("the answer's MAC is wrong")
                assert [(ours, CODEC.decode(frame).mti) for ours, frame in network.kept] == [
                    (True, "0200"),
                    (False, "0210"),
                ]
                assert line.counts.mac_wrong == 1

    run(story())


def test_a_forged_answer_to_nobody_is_counted_and_no_more() -> None:
    def other(_: RudeNetwork, asked: Message) -> bytes:
        return encode_frame(CODEC.encode(Message("0210", {**asked.fields, 11: "999999", 128: bytes(8)})))

    async def story() -> None:
        async with rude_line(signs_on_and(other)) as (network, line):
            assert await line.until_ready(2)
            assert await line.ask(a_sale()) == Lost("no answer in time")
            assert [ours for ours, _ in network.kept] == [True]
            assert (line.counts.mac_wrong, line.counts.timed_out) == (1, 1)

    run(story())


def test_a_late_answer_to_a_reversal_is_not_told_as_a_sales() -> None:
    async def story() -> None:
        held: list[bytes] = []

        def late(network: RudeNetwork, asked: Message) -> bytes:
            told, held[:] = b"".join(held), [network.seals(Message(asked.mti[:2] + "30", {**asked.fields, 39: "00"}))]
            return told

        async with rude_line(signs_on_and(late), answer_timeout_s=0.05) as (_, line):
            assert await line.until_ready(2)
            reversal = Message("0420", a_sale().fields)
            assert isinstance(await line.ask(reversal), Lost)
            assert isinstance(await line.ask(a_sale("000002")), Lost)
            assert line.counts.late == 1

    run(story())


def test_the_same_request_twice_at_once_goes_out_once() -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b"")) as (network, line):
            assert await line.until_ready(2)
            first = asyncio.create_task(line.ask(a_sale()))
            await asyncio.sleep(0)
            assert await line.ask(a_sale()) == Lost("the same request is already under way")
            assert await first == Lost("no answer in time")
            assert network.heard.count("0200") == 1

    run(story())


def test_over_the_limit_in_flight_nothing_more_leaves() -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b""), in_flight_limit=1) as (_, line):
            assert await line.until_ready(2)
            first = asyncio.create_task(line.ask(a_sale()))
            await asyncio.sleep(0)
            assert await line.ask(a_sale("000002")) == NotSent("too many requests are under way")
            await first

    run(story())


def test_a_network_that_does_not_read_gets_no_more_requests() -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b"")) as (_, line):
            assert await line.until_ready(2)
            wire = line._wire
            assert wire is not None
            wire.pause_writing()
            assert isinstance(await line.ask(a_sale()), NotSent)
            wire.resume_writing()
            assert isinstance(await line.ask(a_sale()), Lost)

    run(story())


def test_a_request_that_cannot_be_written_never_leaves() -> None:
    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b"")) as (network, line):
            assert await line.until_ready(2)
            broken = a_sale()
            broken.fields[4] = "12"
            assert isinstance(await line.ask(broken), NotSent)
            assert "0200" not in network.heard

    run(story())


def test_when_the_asking_task_is_cancelled_its_answer_is_late() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.LATE, seconds=0.1))
            sale = town.shop.sale(2_500)
            asking = asyncio.create_task(town.acquirer.authorise(sale, town.shop.means()))
            await asyncio.sleep(0.02)
            asking.cancel()
            await asyncio.sleep(0.2)
            assert [rrn for rrn, _ in town.late] == [sale.rrn]

    run(story())


def test_stopping_leaves_what_is_under_way_unknown() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.LOSE_ANSWER))
            asking = asyncio.create_task(town.acquirer.authorise(town.shop.sale(100), town.shop.means()))
            await asyncio.sleep(0.02)
            await town.acquirer.stop()
            assert isinstance(await asking, OutcomeUnknown)
            assert not town.acquirer.is_ready

    run(story())


def test_when_the_network_doubts_the_keys_the_line_asks_for_new_ones() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.ANSWER_CODE, code="A0"))
            assert isinstance(await town.acquirer.authorise(town.shop.sale(100), town.shop.means()), Declined)
            await until(lambda: town.acquirer.counts.sign_ons == 2)
            answer = await town.acquirer.authorise(town.shop.sale(100), town.shop.means(pin="123456"))
            assert isinstance(answer, Approved)

    run(story())


def test_an_answer_under_keys_that_are_not_ours_is_not_believed_and_makes_the_line_ask_for_new_keys() -> None:
    """As when a sign-on reached the network twice: it holds the second pair of keys, and we the first."""

    def says(network: RudeNetwork, asked: Message) -> bytes:
        if asked.mti != "0200":
            return b""
        fields = {number: asked.fields[number] for number in (7, 11, 37)}
        return network.seals(Message("0210", {**fields, 39: "00"}))

    async def story() -> None:
        async with rude_line(signs_on_and(says), answer_timeout_s=5, renew_every_s=60) as (network, line):
            assert await line.until_ready(2)
            assert isinstance(await line.ask(a_sale("000001")), Message)
            network.new_keys()
            assert await line.ask(a_sale("000002")) == Lost("the answer's MAC is wrong")
            await until(lambda: line.counts.sign_ons == 2)
            assert isinstance(await line.ask(a_sale("000003")), Message)
            network.new_keys()
            assert await line.ask(a_sale("000004")) == Lost("the answer's MAC is wrong")
            assert line.counts.sign_ons == 2, "a network that is beside itself is not asked for keys all the time"

    run(story())


def test_keys_are_renewed_once_however_many_answers_doubted_them() -> None:
    """Half of them arrive after the renewal, sealed with the keys of before: believed, and no reason to renew again."""
    waiting: list[bytes] = []

    def says(network: RudeNetwork, asked: Message) -> bytes:
        if asked.mti != "0200":
            return b""
        fields = {number: asked.fields[number] for number in (7, 11, 37)}
        sealed = network.seals(Message("0210", {**fields, 39: "A0"}))
        if int(asked.text(11)) % 2:
            return sealed
        waiting.append(sealed)
        return b""

    def signs_on(network: RudeNetwork, asked: Message) -> bytes:
        if asked.text(70) != "001":
            return says(network, asked)
        network.new_keys()
        told = network.signs_on(asked) + b"".join(waiting)
        waiting.clear()
        return told

    async def story() -> None:
        async with rude_line(signs_on, renew_every_s=0.0, answer_timeout_s=5) as (network, line):
            assert await line.until_ready(2)
            answers = await asyncio.gather(*(line.ask(a_sale(f"{number:06}")) for number in range(10)))
            assert [isinstance(answer, Message) and answer.text(39) for answer in answers] == ["A0"] * 10
            await asyncio.sleep(0.05)
            assert network.heard.count("0800001") == 2
            assert line.counts.mac_wrong == 0

    run(story())


def test_requests_wait_while_the_keys_are_renewed() -> None:
    """What is sealed with the old keys and met by the new ones would be refused: a customer's payment, for nothing."""
    met: list[bool] = []

    def says(network: RudeNetwork, asked: Message) -> bytes:
        if asked.text(70) == "001":
            met.append(True)
            return b"" if len(met) == 2 else network.signs_on(asked)
        fields = {number: asked.fields[number] for number in (7, 11, 37)}
        return network.seals(Message("0210", {**fields, 39: "A0" if len(met) == 1 else "00"}))

    async def story() -> None:
        async with rude_line(says, answer_timeout_s=1) as (_, line):
            assert await line.until_ready(2)
            await line.ask(a_sale("000001"))
            await until(lambda: len(met) == 2)
            assert line.is_ready
            before = line.counts.asked
            asking = asyncio.create_task(line.ask(a_sale("000002")))
            await asyncio.sleep(0.02)
            assert line.counts.asked == before
            # The renewal is never answered: the line is left, and what waited is told that it never left.
            assert await asking == NotSent("the line to the card network is down")
            assert await line.until_ready(2)
            assert isinstance(await line.ask(a_sale("000003")), Message)

    run(story())


def test_only_so_many_late_answers_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "LATE_KEPT", 1)

    async def story() -> None:
        async with rude_line(signs_on_and(lambda *_: b""), answer_timeout_s=0.02) as (_, line):
            assert await line.until_ready(2)
            for stan in ("000001", "000002", "000003"):
                await line.ask(a_sale(stan))
            assert len(line._late) == 1

    run(story())


def test_a_line_to_nowhere_says_so() -> None:
    async def story() -> None:
        vault = new_vault()
        terms = LineTerms("127.0.0.1", 1, MEMBER, zmk_in(vault), backoff_first_s=0.01, backoff_most_s=0.01)
        line = NetworkLine(terms, vault=vault, clock=StandingClock(), jitter=lambda: 1.0, on_late=lambda _: None)
        await line.stop()
        await line.start()
        await asyncio.sleep(0.05)
        assert line.zpk is None
        assert isinstance(await line.ask(a_sale()), NotSent)
        await line.stop()

    run(story())
