"""The small door for monitors: its pages, and what it says to those who knock the wrong way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from xiaopos.hosts import status
from xiaopos.hosts.status import StatusDoor


async def well() -> str:
    return ""


async def short_of_something() -> str:
    return "the card network's line is down"


async def broken() -> str:
    raise RuntimeError("a pretend bug")


async def stuck() -> str:
    await asyncio.sleep(60)
    return ""


def knock(words: bytes, ready: Callable[[], Awaitable[str]] = well, *, hang_up: bool = False) -> tuple[str, str]:
    """Status line and body of the answer."""

    async def story() -> tuple[str, str]:
        door = StatusDoor(ready)
        port = await door.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        if hang_up:
            writer.transport.abort()
            await asyncio.sleep(0.05)
        else:
            writer.write_eof()
        answer = b"" if hang_up else await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await door.stop()
        head, _, body = answer.decode().partition("\r\n\r\n")
        return head.partition("\r\n")[0], body

    return asyncio.run(story())


def test_alive_ready_and_metrics() -> None:
    assert knock(b"GET /healthz HTTP/1.1\r\n\r\n") == ("HTTP/1.1 200 OK", "ok\n")
    assert knock(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n") == ("HTTP/1.1 200 OK", "ready\n")
    line, body = knock(b"GET /metrics HTTP/1.1\r\n\r\n")
    assert line == "HTTP/1.1 200 OK"
    assert "xiaopos_" in body or "python_info" in body


@pytest.mark.parametrize(
    ("ready", "said"),
    [
        (short_of_something, "the card network's line is down\n"),
        (broken, "the check itself failed (RuntimeError)\n"),
        (stuck, "the check itself took too long\n"),
    ],
)
def test_what_is_missing_is_said(
    ready: Callable[[], Awaitable[str]], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "READY_TIMEOUT_S", 0.1)
    assert knock(b"GET /readyz HTTP/1.1\r\n\r\n", ready) == ("HTTP/1.1 503 Service Unavailable", said)


def test_other_pages_are_not_found() -> None:
    assert knock(b"GET /secrets HTTP/1.1\r\n\r\n")[0] == "HTTP/1.1 404 Not Found"


@pytest.mark.parametrize("words", [b"nonsense\r\n\r\n", b"half a requ", b"x" * 9_000, b"\r\n\r\n"])
def test_what_is_no_request_is_a_bad_request(words: bytes) -> None:
    assert knock(words)[0] == "HTTP/1.1 400 Bad Request"


def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "READ_TIMEOUT_S", 0.05)

    async def story() -> bytes:
        door = StatusDoor(well)
        port = await door.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await door.stop()
        return answer

    assert asyncio.run(story()).startswith(b"HTTP/1.1 400")


def test_who_runs_away_leaves_no_noise() -> None:
    assert knock(b"GET /met", hang_up=True) == ("", "")


def test_a_door_that_was_never_open_can_be_closed() -> None:
    asyncio.run(StatusDoor(well).stop())
