"""Chip data (field 55) of a PRETEND card: the right tags with a really computed cryptogram, and nothing of a real kernel.

What may live here: the pretend chip. What may not: application selection, data authentication, risk management; a real
EMV kernel is part of the certified terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.keys import Vault, WrappedKey
from xiaopos.terminal.cards import CardRead, How
from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583 import Malformed

SIGNED_TAGS = ("9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "82", "9F36", "9F10")
"""The values, in this order and without tags or lengths, over which the pretend card computes its cryptogram (9F26)."""

_NOTICE_TAGS = ("95", "82", "9F10", "9F26", "9F33", "9F36", "9F37")
SCRIPT_DONE = "20"
"""The first byte of a script's result: the last command was carried out."""

_REVERSAL_TAGS = ("95", "9F10", "9F36")


@dataclass(frozen=True, slots=True)
class PretendChip:
    """The chip of a pretend card: `issuer_key` (IMK_AC) stands for the issuer from whose key the card's own is derived."""

    vault: Vault
    issuer_key: WrappedKey

    def tags(
        self,
        card: CardRead,
        *,
        how: How,
        amount_minor: int,
        currency: str,
        transaction_type: str,
        counter: int,
        unpredictable: bytes,
        local: datetime,
        with_pin: bool,
    ) -> dict[str, bytes]:
        """The tags of a request (domain A17), the cryptogram among them.

        `counter` is the card's transaction counter (1..65535), `unpredictable` 4 random bytes of the terminal.
        """
        atc = counter.to_bytes(2, "big")
        values = {
            "9F27": "80",
            "9F10": "07010103A0A00001",
            "9F37": unpredictable.hex(),
            "9F36": atc.hex(),
            "95": "0000048000" if with_pin else "0000008000",
            "9A": local.strftime("%y%m%d"),
            "9C": transaction_type,
            "9F02": f"{amount_minor:012d}",
            "5F2A": currency.zfill(4),
            "82": "7C00",
            "9F1A": "0156",
            "9F03": "000000000000",
            "9F33": "E0F8C8" if how is How.INSERT else "E0E1C8",
            "9F34": "420300" if with_pin else "1F0300",
            "9F35": "22",
            "84": "A000000333010102",
            "9F09": "0030",
            "9F41": f"{counter:08d}",
        }
        tags = {tag: bytes.fromhex(value) for tag, value in values.items()}
        signed = b"".join(tags[tag] for tag in SIGNED_TAGS)
        cryptogram = self.vault.arqc(key=self.issuer_key, pan=card.pan, psn=card.sequence[-2:], atc=atc, data=signed)
        return {"9F26": cryptogram, **tags}


def field_55(tags: dict[str, bytes]) -> bytes:
    """The tags as BER-TLV. Every value here is shorter than 128 bytes."""
    return b"".join(bytes.fromhex(tag) + bytes((len(value),)) + value for tag, value in tags.items())


def reversal_field_55(tags: dict[str, bytes]) -> bytes:
    """The short list that a reversal carries (domain A17)."""
    return field_55({tag: tags[tag] for tag in _REVERSAL_TAGS})


def script_results(issuer_data: bytes) -> bytes:
    """What the pretend chip makes of the issuer's scripts (71, 72) in an answer's field 55: each is carried out.

    Five bytes for each: the result, then the script's number (9F18). Empty for no script, or data that cannot be read.
    """
    try:
        scripts = [one for one in tlv.parse(issuer_data, field=55) if one.tag in ("71", "72")]
        numbers = [tlv.first(tlv.parse(one.value, field=55), "9F18") or bytes(4) for one in scripts]
    except Malformed:
        return b""
    return b"".join(bytes.fromhex(SCRIPT_DONE) + number for number in numbers)


def notice_field_55(results: bytes, asked: bytes) -> bytes:
    """Field 55 of a script notice: DF31 with the results, and what the payment's own field 55 said of the chip."""
    said = tlv.firsts(tlv.parse(asked, field=55))
    return field_55({"DF31": results, **{tag: said[tag] for tag in _NOTICE_TAGS if tag in said}})
