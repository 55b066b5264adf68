"""What Alipay signs, and which answers are believed."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.alipay_town import pkcs8, public_of
from xiaopos.gateways.alipay.signing import Distrusted, fits, members, notified_text, open_answer, signed_text
from xiaopos.keys.signatures import RsaSigningKey

METHOD = "alipay.trade.query"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAME = "alipay_trade_query_response"
BODY = '{"code":"10000","msg":"Success","subject":"}{\\"茶\\"","list":[{"a":"1"}]}'


def sealed(text: str) -> str:
    """Alipay's signature over a text."""
    return base64.b64encode(RsaSigningKey(pkcs8("alipay")).sign(text.encode())).decode()


def answered(body: str = BODY, *, name: str = NAME, sign: str | None = None, more: str = "") -> bytes:
    """An answer as it comes over the line."""
    return f'{{"{name}":{body},{more}"sign":"{sealed(body) if sign is None else sign}"}}'.encode()


def opened(raw: bytes) -> object:
    """What is made of it in public-key mode."""
    return open_answer(raw, METHOD, {"": public_of("alipay")})


def cause(raw: bytes) -> str:
    """Why it is not believed."""
    answer = opened(raw)
    assert isinstance(answer, Distrusted), answer
    return answer.cause


def test_a_signed_answer_is_believed_as_it_came() -> None:
    assert opened(answered()) == {"code": "10000", "msg": "Success", "subject": '}{"茶"', "list": [{"a": "1"}]}
    spaced = '{ "code" : "10000" }'
    assert opened(f' {{ "sign" : "{sealed(spaced)}" , "{NAME}" : {spaced} }} '.encode()) == {"code": "10000"}
    assert opened(answered('{"code":"40002"}', name="error_response")) == {"code": "40002"}


def test_a_slash_that_was_escaped_after_signing_does_no_harm() -> None:
    body = '{"code":"10000","qr_code":"https://qr.alipay.com/x"}'
    assert opened(answered(body.replace("/", "\\/"), sign=sealed(body))) == {
        "code": "10000",
        "qr_code": "https://qr.alipay.com/x",
    }


@pytest.mark.parametrize("sign", ["", "!", "AAAA", sealed(BODY)[::-1], sealed(BODY + " "), "茶"])
def test_an_answer_without_a_valid_signature_is_not_believed_but_told(sign: str) -> None:
    assert cause(answered(sign=sign)) == "the wallet's answer has no valid signature; it says 10000"


def test_a_body_that_was_changed_is_not_believed() -> None:
    paid = BODY.replace("10000", "10003")
    assert "no valid signature" in cause(answered(paid, sign=sealed(BODY)))
    assert "no valid signature" in cause(f'{{"{NAME}":{BODY},"sign":7}}'.encode())
    unsigned = f'{{"{NAME}":{{"code":"40002","sub_code":"isv.invalid-app-id"}}}}'.encode()
    assert cause(unsigned) == "the wallet's answer has no valid signature; it says 40002 isv.invalid-app-id"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>502</html>",
        b"{}x",
        b"{}",
        b"[1]",
        b'{"a":1',
        b'{"a" 1}',
        b'{"a":1,}',
        b'{1:"a"}',
        b"\xff\xfe",
        answered() + b"{}",
        answered().replace(b'"sign"', f'"{NAME}"'.encode()),
        b'{"a":' + b"[" * 60_000,
    ],
)
def test_what_is_no_answer_cannot_be_read(raw: bytes) -> None:
    assert cause(raw) == "the wallet's answer cannot be read"


@pytest.mark.parametrize("raw", [answered(name="alipay_trade_pay_response"), f'{{"{NAME}":"x","sign":""}}'.encode()])
def test_an_answer_to_another_question_is_none(raw: bytes) -> None:
    assert cause(raw) == "the wallet's answer is to another question"


def test_with_certificates_the_answer_names_one_that_is_trusted() -> None:
    keys = {"old": public_of("stranger"), "new": public_of("alipay")}
    assert open_answer(answered(more='"alipay_cert_sn":"new",'), METHOD, keys) == opened(answered())
    for named in ('"alipay_cert_sn":"old",', '"alipay_cert_sn":"next",', '"alipay_cert_sn":7,', ""):
        assert isinstance(open_answer(answered(more=named), METHOD, keys), Distrusted)


def test_a_signed_text_has_its_parameters_in_order_and_none_that_is_empty() -> None:
    parameters = {"version": "1.0", "app_id": "2021", "sign_type": "RSA2", "sign": "x", "notify_url": ""}
    assert signed_text(parameters) == "app_id=2021&sign_type=RSA2&version=1.0"
    assert notified_text(
        {**parameters, "charset": "GBK", "subject": "茶"}
    ) == "app_id=2021&charset=GBK&subject=茶&version=1.0".encode("gbk")
    with pytest.raises(ValueError, match="character set"):
        notified_text({"charset": "latin-1"})


def test_members_keep_every_value_as_it_is_written() -> None:
    assert members('{"a": {"b" : [1, 2]}, "c":1.50}') == {"a": '{"b" : [1, 2]}', "c": "1.50"}


def test_what_nobody_signed_is_told_on_as_a_word_at_the_most() -> None:
    assert cause(answered('{"code":"a b\\u0007","sub_code":["x"]}', sign="")).endswith("; it says ? ?")
    named = answered(more='"alipay_cert_sn":"\\ud800",')
    assert cause(named) == "the wallet signs with a certificate that is not ours to trust (?); it says 10000"


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), JSON), st.sampled_from([(",", ":"), (" , ", " : "), (",\n", ":\t")]))
def test_members_are_what_a_reader_of_json_finds(whole: dict[str, object], marks: tuple[str, str]) -> None:
    found = members(json.dumps(whole, ensure_ascii=False, separators=marks))
    if whole:
        assert found is not None
        assert {name: json.loads(text) for name, text in found.items()} == whole
    else:
        assert found is None


@settings(max_examples=60, deadline=None)
@given(st.binary() | st.text().map(str.encode) | JSON.map(json.dumps).map(str.encode))
def test_whatever_comes_is_not_believed_unsigned(raw: bytes) -> None:
    assert isinstance(opened(raw), Distrusted)


def test_a_signature_of_another_key_does_not_fit() -> None:
    assert fits(public_of("alipay"), BODY.encode(), sealed(BODY))
    assert not fits(public_of("stranger"), BODY.encode(), sealed(BODY))
