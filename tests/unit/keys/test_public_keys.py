"""Keys as people are handed them: PEM, DER, bare base64, certificates; what is refused, and by which name."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import hypothesis
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption
from cryptography.hazmat.primitives.serialization import PrivateFormat as Private
from cryptography.hazmat.primitives.serialization import PublicFormat as Public
from hypothesis import strategies as st

from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused
from xiaopos.keys.public_keys import read_certificate, read_rsa_public
from xiaopos.keys.rsa_pairs import algorithm_of, pkcs8, read_private, signed, spki
from xiaopos.keys.signatures import verify_rsa
from xiaopos.keys.software_engine import SoftwareKey

FROM, UNTIL = datetime(2026, 8, 1, tzinfo=UTC), datetime(2031, 8, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def owner() -> rsa.RSAPrivateKey:
    """A merchant's key."""
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def wrapped_keys(owner: rsa.RSAPrivateKey) -> list[bytes]:
    """What is altered byte by byte: a private key, a public key and a certificate, in DER and in PEM."""
    private = [
        owner.private_bytes(encoding, Private.PKCS8, NoEncryption()) for encoding in (Encoding.DER, Encoding.PEM)
    ]
    certificate = _certificate(owner)
    public = [
        owner.public_key().public_bytes(each, Public.SubjectPublicKeyInfo) for each in (Encoding.DER, Encoding.PEM)
    ]
    return [*private, *public, certificate.public_bytes(Encoding.DER), certificate.public_bytes(Encoding.PEM)]


@pytest.fixture(scope="module")
def gm_public() -> bytes:
    """An SM2 public key, of a kind that the RSA readers do not know."""
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "SM2", "-outform", "DER"], capture_output=True, check=True
    )
    words = ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"]
    return subprocess.run(words, input=made.stdout, capture_output=True, check=True).stdout


def _certificate(key: CertificateIssuerPrivateKeyTypes) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "小林茶铺")])
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 0x0ABC123DEF, FROM, UNTIL).sign(key, SHA256())
    )  # fmt: skip


def _fault(call: Callable[[], object]) -> KeyFault:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.fault


def _lines(pem: bytes) -> bytes:
    """A PEM without a single line end, as it comes out of some forms."""
    return pem.replace(b"\n", b"")


def test_a_private_key_is_read_in_every_wrapping(owner: rsa.RSAPrivateKey) -> None:
    for form in (Private.PKCS8, Private.TraditionalOpenSSL):
        der = owner.private_bytes(Encoding.DER, form, NoEncryption())
        pem = owner.private_bytes(Encoding.PEM, form, NoEncryption())
        bare = base64.encodebytes(der)
        mixed = _certificate(owner).public_bytes(Encoding.PEM) + pem
        for given in (der, pem, pem.replace(b"\n", b"\r\n"), _lines(pem), bare, base64.b64encode(der), b"\n" + mixed):
            assert read_private(given).private_numbers() == owner.private_numbers()
    assert read_private(pkcs8(owner)).private_numbers() == owner.private_numbers()
    assert algorithm_of(owner) is KeyAlgorithm.RSA2048


def test_a_public_key_is_read_in_every_wrapping_and_out_of_certificates(owner: rsa.RSAPrivateKey) -> None:
    public = owner.public_key()
    known = spki(public)
    certificate = _certificate(owner)
    for given in (
        known,
        base64.b64encode(known),
        public.public_bytes(Encoding.PEM, Public.SubjectPublicKeyInfo),
        _lines(public.public_bytes(Encoding.PEM, Public.SubjectPublicKeyInfo)),
        public.public_bytes(Encoding.DER, Public.PKCS1),
        public.public_bytes(Encoding.PEM, Public.PKCS1),
        certificate.public_bytes(Encoding.DER),
        certificate.public_bytes(Encoding.PEM),
        b"Bag Attributes\n" + certificate.public_bytes(Encoding.PEM) * 2,
    ):
        assert read_rsa_public(given) == known
    assert verify_rsa(known, b"answer", signed(owner, b"answer"))
    assert not verify_rsa(known, b"answer", signed(owner, b"another"))


def test_a_certificate_says_its_number_and_its_time(owner: rsa.RSAPrivateKey) -> None:
    certificate = _certificate(owner)
    for encoding in (Encoding.DER, Encoding.PEM):
        found = read_certificate(certificate.public_bytes(encoding))
        assert found == (spki(owner.public_key()), "ABC123DEF", FROM, UNTIL)


def test_private_keys_that_do_not_serve_are_refused_by_name(owner: rsa.RSAPrivateKey, gm_public: bytes) -> None:
    password = BestAvailableEncryption(b"password")
    curve = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(owner)
    locked_der = owner.private_bytes(Encoding.DER, Private.PKCS8, password)
    pem = owner.private_bytes(Encoding.PEM, Private.PKCS8, NoEncryption())
    numbers = rsa.generate_private_key(65537, 2048).private_numbers()
    own = owner.private_numbers()
    mixed = rsa.RSAPrivateNumbers(own.p, own.q, numbers.d, own.dmp1, own.dmq1, own.iqmp, own.public_numbers)
    broken = mixed.private_key(unsafe_skip_rsa_key_validation=True)
    unknown = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "SM2", "-outform", "DER"], capture_output=True, check=True
    )
    for given, fault in (
        (owner.private_bytes(Encoding.PEM, Private.PKCS8, password), KeyFault.LOCKED),
        (owner.private_bytes(Encoding.PEM, Private.TraditionalOpenSSL, password), KeyFault.LOCKED),
        (locked_der, KeyFault.LOCKED),
        (base64.b64encode(locked_der), KeyFault.LOCKED),
        (spki(owner.public_key()), KeyFault.NOT_PRIVATE),
        (gm_public, KeyFault.NOT_PRIVATE),
        (certificate.public_bytes(Encoding.DER), KeyFault.NOT_PRIVATE),
        (certificate.public_bytes(Encoding.PEM), KeyFault.NOT_PRIVATE),
        (curve.private_bytes(Encoding.PEM, Private.PKCS8, NoEncryption()), KeyFault.WRONG_ALGORITHM),
        (curve.private_bytes(Encoding.PEM, Private.TraditionalOpenSSL, NoEncryption()), KeyFault.WRONG_ALGORITHM),
        (unknown.stdout, KeyFault.WRONG_ALGORITHM),
        (pem[:200] + pem[203:], KeyFault.WRONG_FORM),
        (pem[:-40], KeyFault.WRONG_FORM),
        (pkcs8(broken), KeyFault.WRONG_FORM),
        (b"", KeyFault.WRONG_FORM),
        ("私钥".encode(), KeyFault.WRONG_FORM),
        (bytes(5_001), KeyFault.WRONG_FORM),
        (pem + b" " * 65_536, KeyFault.WRONG_FORM),
    ):
        assert _fault(lambda given=given: read_private(given)) is fault  # type: ignore[misc]  # bound in the loop


def test_a_pair_of_an_odd_size_or_exponent_is_refused() -> None:
    for exponent, bits, fault in (
        (65537, 1024, KeyFault.WEAK_KEY),
        (3, 2048, KeyFault.WEAK_KEY),
        (65537, 2056, KeyFault.WRONG_ALGORITHM),
    ):
        key = rsa.generate_private_key(exponent, bits)
        assert _fault(lambda key=key: algorithm_of(key)) is fault  # type: ignore[misc]  # bound in the loop


def test_public_keys_that_do_not_serve_are_refused_by_name(owner: rsa.RSAPrivateKey, gm_public: bytes) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    on_a_curve = curve.public_key().public_bytes(Encoding.DER, Public.SubjectPublicKeyInfo)
    short = spki(rsa.generate_private_key(65537, 1024).public_key())
    for given, fault in (
        (owner.private_bytes(Encoding.PEM, Private.PKCS8, NoEncryption()), KeyFault.NOT_PUBLIC),
        (pkcs8(owner), KeyFault.NOT_PUBLIC),
        (base64.b64encode(pkcs8(owner)), KeyFault.NOT_PUBLIC),
        (owner.private_bytes(Encoding.DER, Private.PKCS8, BestAvailableEncryption(b"password")), KeyFault.NOT_PUBLIC),
        (on_a_curve, KeyFault.WRONG_ALGORITHM),
        (_certificate(curve).public_bytes(Encoding.PEM), KeyFault.WRONG_ALGORITHM),
        (gm_public, KeyFault.WRONG_ALGORITHM),
        (short, KeyFault.WEAK_KEY),
        (b"", KeyFault.WRONG_FORM),
        ("公钥".encode(), KeyFault.WRONG_FORM),
    ):
        assert _fault(lambda given=given: read_rsa_public(given)) is fault  # type: ignore[misc]  # bound in the loop
    assert _fault(lambda: read_certificate(spki(owner.public_key()))) is KeyFault.WRONG_FORM


def test_a_key_that_is_no_pair_has_no_public_half() -> None:
    key = SoftwareKey(KeyAlgorithm.AES256, bytes(range(32)))
    assert _fault(key.public) is KeyFault.WRONG_ALGORITHM
    assert _fault(lambda: key.sign(b"")) is KeyFault.WRONG_ALGORITHM


@hypothesis.given(data=st.data())
def test_whatever_is_altered_is_read_or_refused(data: st.DataObject, wrapped_keys: list[bytes]) -> None:
    known = bytearray(data.draw(st.sampled_from(wrapped_keys)))
    for _ in range(data.draw(st.integers(1, 3))):
        known[data.draw(st.integers(0, min(len(known) - 1, 400)))] = data.draw(st.integers(0, 255))
    for read in (read_private, read_rsa_public, read_certificate):
        with suppress(KeyRefused):
            read(bytes(known))


def test_no_refusal_shows_a_key(owner: rsa.RSAPrivateKey) -> None:
    given = base64.b64encode(pkcs8(owner))[:-8]
    with pytest.raises(KeyRefused) as refused:
        read_private(given)
    assert given[:8].decode() not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
