"""A badge's text: what was signed is read again, and nothing else is."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.badges import BEGINS, CLAIMS, KEYS, OPERATOR, OTHER, PAIR, a_badge
from support.channels import new_vault
from xiaopos.keys import KeyAlgorithm
from xiaopos.keys.ed25519 import SeedKey, verify_ed25519
from xiaopos.keys.sm2 import Signature
from xiaopos.merchants.badges.credential import (
    LONGEST,
    MOST_REGIONS,
    PublishedKey,
    Suite,
    Unreadable,
    badge_text,
    read_badge,
    signing_input,
)


def packed(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def signed_over(header: object, said: object) -> str:
    text = f"{packed(header)}.{packed(said)}"
    return f"{text}.{urlsafe_b64encode(PAIR.sign(text.encode())).decode().rstrip('=')}"


HEADER = {"alg": "EdDSA", "kid": "k1", "typ": "xiaopos-badge+jwt"}


def said_of(badge: str) -> dict[str, object]:
    part = badge.split(".")[1]
    found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(found, dict)
    return found


def test_what_was_signed_is_read_again() -> None:
    assert read_badge(a_badge(), OPERATOR, KEYS) == CLAIMS
    assert len(a_badge()) < LONGEST / 2


def test_the_signature_is_that_of_rfc_8037() -> None:
    """Appendix A.4: the same form, by somebody else's hand."""
    seed = urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    text = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert badge_text(text, SeedKey(seed).sign(text)) == f"{text.decode()}.{signature}"
    assert verify_ed25519(SeedKey(seed).public, text, urlsafe_b64decode(signature + "=="))


def test_signed_by_sm2() -> None:
    vault = new_vault()
    pair = vault.generate_pair(algorithm=KeyAlgorithm.SM2)
    signed = signing_input(CLAIMS, "sm", Suite.SM2)
    text = badge_text(signed, Signature.from_der(vault.sign(key=pair, data=signed)).raw())
    keys = {"sm": PublishedKey("sm", Suite.SM2, vault.public_key(key=pair))}
    assert read_badge(text, OPERATOR, keys) == CLAIMS
    body, _, signature = text.rpartition(".")
    other = "A" * len(signature)
    assert read_badge(f"{body}.{other}", OPERATOR, keys) is Unreadable.FORGED
    keys["sm"] = replace(keys["sm"], public=b"\x04" + bytes(64))
    assert read_badge(text, OPERATOR, keys) is Unreadable.FORGED
    as_edwards = {"sm": PublishedKey("sm", Suite.ED25519, PAIR.public)}
    assert read_badge(text, OPERATOR, as_edwards) is Unreadable.KEY_UNKNOWN, "a key is of one suite"


def test_every_single_character_counts() -> None:
    text = a_badge()
    for place, mark in enumerate(text):
        for other in "A9.":
            if other != mark:
                read = read_badge(text[:place] + other + text[place + 1 :], OPERATOR, KEYS)
                assert isinstance(read, Unreadable), f"place {place}: {other} for {mark}"
        assert isinstance(read_badge(text[:place], OPERATOR, KEYS), Unreadable)


def test_whose_badge_it_is() -> None:
    assert read_badge(a_badge(), "other.example", KEYS) is Unreadable.OTHER_OPERATOR
    assert read_badge(a_badge(key_id="k9"), OPERATOR, KEYS) is Unreadable.KEY_UNKNOWN
    assert read_badge(a_badge(key_id="k2"), OPERATOR, KEYS) is Unreadable.FORGED
    assert read_badge(a_badge(pair=OTHER), OPERATOR, KEYS) is Unreadable.FORGED


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "typ": "JWT"},
        {**HEADER, "crit": ["x"]},
        {**HEADER, "jwk": {}},
        {**HEADER, "kid": ["k1"]},
        {"alg": "EdDSA", "kid": "k1"},
        ["EdDSA"],
        "x",
    ],
)
def test_no_other_header_is_believed(header: object) -> None:
    assert isinstance(read_badge(signed_over(header, said_of(a_badge())), OPERATOR, KEYS), Unreadable)


@pytest.mark.parametrize(
    "change",
    [
        {"jti": "x"},
        {"jti": 7},
        {"who": ""},
        {"who": "x" * 41},
        {"who": "a\nb"},
        {"at": ["31010"]},
        {"at": ["31"] * (MOST_REGIONS + 1)},
        {"at": 31},
        {"may": ["collect_fees"]},
        {"may": None},
        {"iat": -1},
        {"iat": 2**40},
        {"exp": 0},
        {"exp": 10**30},
        {"exp": "soon"},
    ],
)
def test_what_no_house_signs_is_no_badge_even_when_signed(change: dict[str, object]) -> None:
    assert read_badge(signed_over(HEADER, said_of(a_badge()) | change), OPERATOR, KEYS) is Unreadable.NO_BADGE


def test_more_claims_than_ours_are_let_be_and_fewer_are_not() -> None:
    said = said_of(a_badge())
    assert read_badge(signed_over(HEADER, said | {"new": 1}), OPERATOR, KEYS) == CLAIMS
    for name in said.keys() - {"iss"}:
        less = {key: value for key, value in said.items() if key != name}
        assert read_badge(signed_over(HEADER, less), OPERATOR, KEYS) is Unreadable.NO_BADGE


@given(
    st.text(max_size=200)
    | st.from_regex(r"[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,80}\.[A-Za-z0-9_-]{0,90}", fullmatch=True)
)
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(read_badge(text, OPERATOR, KEYS), Unreadable)


def test_deep_nesting_is_no_badge() -> None:
    deep = urlsafe_b64encode(b"[" * 400 + b"]" * 400).decode().rstrip("=")
    assert read_badge(f"{deep}.{deep}.{'A' * 86}", OPERATOR, KEYS) is Unreadable.NO_BADGE


@pytest.mark.parametrize(
    "change",
    [
        {"badge_id": "x"},
        {"name": "x" * 41},
        {"agent": ""},
        {"regions": ("1",)},
        {"expires_at": BEGINS},
        {"issued_at": datetime(1969, 1, 1, tzinfo=UTC)},
    ],
)
def test_claims_that_could_not_be_read_again_are_none(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"badge|characters"):
        replace(CLAIMS, **change)  # type: ignore[arg-type]  # the test is about wrong values


def test_a_key_needs_a_plain_name_and_a_badge_its_whole_signature() -> None:
    with pytest.raises(ValueError, match="key's name"):
        signing_input(CLAIMS, "a b", Suite.ED25519)
    with pytest.raises(ValueError, match="64 bytes"):
        badge_text(b"a.b", b"short")
    with pytest.raises(ValueError, match="at most"):
        badge_text(b"a" * LONGEST, bytes(64))
