"""Pictures of applicants: told by their first bytes, drawn anew, sealed, and shown only with a reason and the viewer's name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from support.applicants import AT, HE, Office, a_picture
from xiaopos.gateways.clamd import ClamdScanner
from xiaopos.merchants.applications.fields import Field
from xiaopos.merchants.applications.pictures import (
    LARGEST_BYTES,
    MOST_PIXELS,
    PictureFault,
    PictureKind,
    picture_fault,
    size_of,
    sniff,
)
from xiaopos.store.applications.models import PictureRow
from xiaopos.store.applications.queries import pictures_of
from xiaopos.store.audit.models import AuditRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.apply_for_pos import withdraw
from xiaopos.usecases.keep_documents import (
    LookFault,
    NewPicture,
    PictureLook,
    Scan,
    Undrawable,
    show_picture,
    take_in,
)
from xiaopos.web.pictures import TypstRedrawer

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080100012c01011100")
"""The head of a photograph of 300 by 256 pixels."""


def frame(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


SIZE = b"\x08" + (256).to_bytes(2, "big") + (300).to_bytes(2, "big") + b"\1\1\1\0"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", PictureFault.EMPTY),
        (b"\xff\xd8\xff" + bytes(LARGEST_BYTES), PictureFault.TOO_LARGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PictureFault.NO_PICTURE),
        (b"GIF89a", PictureFault.NO_PICTURE),
        (b"MZ\x90", PictureFault.NO_PICTURE),
        (b"%PDF-1.7", PictureFault.PDF),
        (b"\x89PNG\r\n\x1a\n", PictureFault.BROKEN),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIDAT" + bytes(20), PictureFault.BROKEN),
        (a_picture(300, 199), PictureFault.TOO_SMALL),
        (a_picture()[:16] + (10_000).to_bytes(4, "big") * 2, PictureFault.TOO_MANY_PIXELS),
        (a_picture(), None),
        (JPEG, None),
    ],
)
def test_what_a_file_is(data: bytes, fault: PictureFault | None) -> None:
    assert picture_fault(data) is fault


@pytest.mark.parametrize(
    ("parts", "size"),
    [
        (b"\xff\xd8" + frame(0xE1, b"Exif") + b"\xff" + frame(0xC2, SIZE), (300, 256)),
        (b"\xff\xd8\xff\x01" + frame(0xC4, bytes(30)) + frame(0xCF, SIZE), (300, 256)),
        (b"\xff\xd8" + b"\0" * 20, None),
        (b"\xff\xd8\xff\xe0\x00\x01" + bytes(20), None),
        (b"\xff\xd8" + frame(0xE0, bytes(4)), None),
        (b"\xff\xd8" + frame(0xC0, bytes(9)), None),
    ],
)
def test_how_large_a_photograph_would_be_drawn(parts: bytes, size: tuple[int, int] | None) -> None:
    assert size_of(PictureKind.JPEG, parts) == size


def test_documents_have_no_size_here() -> None:
    assert size_of(PictureKind.PDF, b"%PDF-") is None
    assert MOST_PIXELS > 50_000_000


class Known:
    """A scanner that says one thing."""

    def __init__(self, says: Scan) -> None:
        self.says = says

    def scan(self, data: bytes) -> Scan:
        assert data
        return self.says


class Blind:
    """A drawer that cannot."""

    def redraw(self, data: bytes) -> bytes:
        raise Undrawable

    def mark(self, picture: bytes, words: str) -> bytes:
        raise Undrawable

    def grey(self, picture: bytes) -> bytes:
        raise Undrawable


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def test_a_picture_is_drawn_anew_sealed_and_shown_with_the_viewers_name(office: Office) -> None:
    number, drawer = office.begins(), TypstRedrawer()
    sent = a_picture(2000, 1000) + b"what else was in the file"
    taken = take_in(
        number, Field.ID_FRONT, sent, AT, office.desk, pictures=office.pictures, scanner=None, redrawer=drawer
    )
    assert isinstance(taken, NewPicture)
    assert size_of(PictureKind.PNG, taken.content) == (1600, 800)
    assert b"what else" not in taken.content
    (line,) = pictures_of(number)
    assert (line.field, line.scan, line.size) == ("id_front", "unscanned", len(taken.content))
    assert taken.content[:60] not in bytes(PictureRow.objects.get().sealed)
    look = PictureLook(number, line.picture_id, HE, AT)
    shown = show_picture(look, "he 2026-06-01 10:00", pictures=office.pictures, redrawer=drawer)
    assert isinstance(shown, bytes)
    assert sniff(shown) is PictureKind.PNG
    assert shown != taken.content
    (audit,) = AuditRow.objects.filter(action="application_picture_shown")
    assert (audit.actor, audit.reason, audit.detail) == ("he", "the papers fit", {"field": "id_front"})


def test_nobody_looks_without_a_reason_or_at_nothing(office: Office) -> None:
    number, drawer = office.applies(), TypstRedrawer()
    picture_id = pictures_of(number)[0].picture_id
    silent = PictureLook(number, picture_id, Actor("he", "risk", ""), AT)
    assert show_picture(silent, "he", pictures=office.pictures, redrawer=drawer) is LookFault.NO_REASON
    other = PictureLook(number, "nothing", HE, AT)
    assert show_picture(other, "he", pictures=office.pictures, redrawer=drawer) is LookFault.UNKNOWN
    assert office.pictures.content(number, "nothing") is None
    assert not AuditRow.objects.filter(action="application_picture_shown").exists()


@pytest.mark.parametrize(
    ("scanner", "drawer", "fault"),
    [
        (Known(Scan.VIRUS), TypstRedrawer(), PictureFault.VIRUS),
        (Known(Scan.CLEAN), Blind(), PictureFault.BROKEN),
    ],
)
def test_what_is_not_kept(office: Office, scanner: Known, drawer: TypstRedrawer | Blind, fault: PictureFault) -> None:
    number = office.begins()
    took = take_in(
        number, Field.ID_BACK, a_picture(), AT, office.desk, pictures=office.pictures, scanner=scanner, redrawer=drawer
    )
    assert took is fault
    assert not PictureRow.objects.exists()


def test_what_nobody_asked_for_is_not_taken(office: Office) -> None:
    number = office.begins()

    def took(name: Field, data: bytes = b"", whose: str = number) -> object:
        return take_in(
            whose, name, data or a_picture(), AT, office.desk,
            pictures=office.pictures, scanner=Known(Scan.CLEAN), redrawer=TypstRedrawer(),
        )  # fmt: skip

    assert took(Field.LICENCE_PICTURE) is PictureFault.NOT_NOW
    assert took(Field.SHOP_NAME) is PictureFault.NOT_NOW
    assert took(Field.ID_BACK, whose="nothing") is PictureFault.NOT_NOW
    assert took(Field.ID_BACK, b"%PDF-1.4") is PictureFault.PDF
    assert isinstance(took(Field.ID_BACK), NewPicture)
    assert isinstance(took(Field.ID_BACK), NewPicture)
    assert sorted(PictureRow.objects.values_list("replaced_at", flat=True), key=str) == [AT, None]
    read = office.book.recall(number)
    assert read is not None
    withdraw(number, AT, office.desk)
    assert not office.pictures.keep(read, NewPicture(Field.ID_BACK, b"x", Scan.CLEAN, AT), office.new_id(AT))
    assert took(Field.ID_BACK) is PictureFault.NOT_NOW


# -- the scanner -----------------------------------------------------------------------------------------------------


@pytest.fixture
def daemon() -> Callable[[bytes], tuple[int, list[bytes]]]:
    """A daemon that answers one question."""

    def answering(answer: bytes) -> tuple[int, list[bytes]]:
        door, heard = socket.create_server(("127.0.0.1", 0)), []

        def serve() -> None:
            line, _ = door.accept()
            with line, door:
                got = b""
                while not got.endswith(bytes(4)) and (part := line.recv(65_536)):
                    got += part
                heard.append(got)
                line.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return door.getsockname()[1], heard

    return answering


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"stream: OK\0", Scan.CLEAN),
        (b"stream: Eicar-Test-Signature FOUND\0", Scan.VIRUS),
        (b"INSTREAM size limit exceeded. ERROR\0", Scan.UNSCANNED),
        (b"", Scan.UNSCANNED),
    ],
)
def test_what_the_scanner_says(daemon: Callable[[bytes], tuple[int, list[bytes]]], answer: bytes, says: Scan) -> None:
    port, heard = daemon(answer)
    assert ClamdScanner("127.0.0.1", port, timeout_s=5).scan(b"x" * 70_000) is says
    assert heard[0].startswith(b"zINSTREAM\0" + (65_536).to_bytes(4, "big") + b"xxx")
    assert heard[0].endswith(bytes(4))


def test_a_scanner_that_is_not_there_has_not_scanned() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert ClamdScanner("127.0.0.1", port, timeout_s=1).scan(b"x") is Scan.UNSCANNED
