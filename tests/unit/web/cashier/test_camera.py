"""A picture from a cashier's camera: the code in it is read, and nothing else is done with it."""

from __future__ import annotations

import threading

import pytest
import segno
from django.urls import reverse

from support.desk_town import Town
from xiaopos.web.pages.cashier import camera

CODE = "281234567890123456"


def picture(text: str, *, scale: int = 4, noise: int = 0) -> tuple[bytes, int, int]:
    """A QR code as grey values, its whites a little darker for `noise`."""
    rows = [
        bytes(0 if dark else 255 - noise for dark in row)
        for row in segno.make(text, error="m", micro=False).matrix_iter(scale=scale, border=4)
    ]
    return b"".join(rows), len(rows[0]), len(rows)


@pytest.fixture
def town(db: None) -> Town:
    built = Town()
    built.build()
    return built


def read(town: Town, points: bytes, width: object, height: object) -> tuple[int, str]:
    answer = town.browser("zhou").post(
        f"{reverse('cashier_camera')}?w={width}&h={height}", points, content_type="application/octet-stream"
    )
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("noise", [0, 90])
def test_a_payers_code_is_read(town: Town, noise: int) -> None:
    assert read(town, *picture(CODE, noise=noise)) == (200, CODE)


def test_a_picture_without_a_code_has_none(town: Town) -> None:
    assert read(town, bytes(range(100)) * 100, 100, 100) == (200, "")


def test_a_code_that_no_payer_shows_is_none(town: Town) -> None:
    assert read(town, *picture("https://example.com/" + "x" * 60)) == (200, "")


@pytest.mark.parametrize(
    ("width", "height"),
    [("", ""), ("x", "100"), ("100", "99"), ("10", "1000"), ("801", "100"), ("-100", "-100"), ("٠100", "100")],
)
def test_a_picture_of_another_size_than_it_says_is_refused(town: Town, width: str, height: str) -> None:
    assert read(town, bytes(10_000), width, height) == (400, "")


def test_who_comes_while_too_many_are_being_read_tries_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = threading.BoundedSemaphore(1)
    monkeypatch.setattr(camera, "_at_work", busy)
    with busy:
        assert read(town, *picture(CODE)) == (429, "")
    assert read(town, *picture(CODE)) == (200, CODE)
