"""How the cardholder shows that the card is theirs: the card's list of methods (8E) and what was done (9F34).

What may live here: reading both, in words. What may not: choosing a method (the terminal's kernel does that).

    8E     amount X 4 | amount Y 4 | rule 2 | rule 2 ...     EMV book 3, 10.5 and annex C3
    9F34   method 1 | condition 1 | result 1                 EMV book 4 annex A4
    rule   byte 1: b7 go on with the next rule if this one fails, b6-b1 method; byte 2: condition
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xiaopos.wire.emv.codes import Words
from xiaopos.wire.malformed import Malformed

METHODS: Mapping[int, Words] = MappingProxyType(
    {
        0x00: ("持卡人验证处理失败", "fail CVM processing"),
        0x01: ("IC卡明文PIN验证", "plaintext PIN verified by the card"),
        0x02: ("联机加密PIN验证", "enciphered PIN verified online"),
        0x03: ("IC卡明文PIN验证并签名", "plaintext PIN verified by the card, and signature"),
        0x04: ("IC卡密文PIN验证", "enciphered PIN verified by the card"),
        0x05: ("IC卡密文PIN验证并签名", "enciphered PIN verified by the card, and signature"),
        0x06: ("人脸 脱机验证", "face, verified offline"),
        0x07: ("人脸 联机验证", "face, verified online"),
        0x08: ("指纹 脱机验证", "finger, verified offline"),
        0x09: ("指纹 联机验证", "finger, verified online"),
        0x0A: ("掌纹 脱机验证", "palm, verified offline"),
        0x0B: ("掌纹 联机验证", "palm, verified online"),
        0x0C: ("虹膜 脱机验证", "iris, verified offline"),
        0x0D: ("虹膜 联机验证", "iris, verified online"),
        0x0E: ("声音 脱机验证", "voice, verified offline"),
        0x0F: ("声音 联机验证", "voice, verified online"),
        0x1E: ("签名(纸)", "signature (paper)"),
        0x1F: ("无需持卡人验证", "no CVM required"),
        0x20: ("持卡人证件出示(PBOC)", "identity document shown (PBOC)"),
    }
)
"""b6-b1 of a rule's first byte; 20 is PBOC's own."""

CONDITIONS: Mapping[int, Words] = MappingProxyType(
    {
        0x00: ("总是", "always"),
        0x01: ("无人值守现金交易", "if unattended cash"),
        0x02: ("非现金且非返现交易", "if not unattended cash, not manual cash and not purchase with cashback"),
        0x03: ("终端支持该方法", "if the terminal supports the method"),
        0x04: ("人工值守现金交易", "if manual cash"),
        0x05: ("返现交易", "if purchase with cashback"),
        0x06: ("应用货币交易且低于X", "if in the application currency and under X"),
        0x07: ("应用货币交易且高于X", "if in the application currency and over X"),
        0x08: ("应用货币交易且低于Y", "if in the application currency and under Y"),
        0x09: ("应用货币交易且高于Y", "if in the application currency and over Y"),
    }
)

RESULTS: Mapping[int, Words] = MappingProxyType(
    {0: ("未知", "unknown"), 1: ("失败", "failed"), 2: ("成功", "successful")}
)
_NOT_PERFORMED: Words = ("未进行", "not performed")


def _look(table: Mapping[int, Words], code: int) -> Words:
    return table.get(code, (f"保留 {code:02X}", f"RFU {code:02X}"))


@dataclass(frozen=True, slots=True)
class CvmRule:
    """One rule of the list, its two bytes: `code` (method and what follows) and `condition`."""

    code: int
    condition: int

    @property
    def method(self) -> int:
        """b6-b1: how the cardholder is verified."""
        return self.code & 0x3F

    @property
    def goes_on(self) -> bool:
        """b7: whether the next rule is tried when this one fails."""
        return bool(self.code & 0x40)

    def words(self) -> Words:
        """The rule as one sentence in each language; methods and conditions without a meaning as RFU."""
        method, when = _look(METHODS, self.method), _look(CONDITIONS, self.condition)
        then = (
            ("失败则用下一条", "else the next rule") if self.goes_on else ("失败即验证失败", "else verification failed")
        )
        return f"{when[0]}: {method[0]},{then[0]}", f"{when[1]}: {method[1]}, {then[1]}"


@dataclass(frozen=True, slots=True)
class CvmList:
    """Tag 8E: the amounts X and Y in minor units of the application currency (9F42), and the rules in their order."""

    amount_x_minor: int
    amount_y_minor: int
    rules: tuple[CvmRule, ...]

    @classmethod
    def parse(cls, value: bytes) -> CvmList:
        """Reads tag 8E. Raises Malformed under 8 bytes, over 252, and for half a rule at the end.

        >>> [rule.method for rule in CvmList.parse(bytes.fromhex("000000000000000042031F03")).rules]
        [2, 31]
        """
        if not 8 <= len(value) <= 252 or len(value) % 2:
            raise Malformed(None, len(value), "8 to 252 bytes, an even number", str(len(value)), "8E")
        rules = [CvmRule(value[at], value[at + 1]) for at in range(8, len(value), 2)]
        return cls(int.from_bytes(value[:4], "big"), int.from_bytes(value[4:8], "big"), tuple(rules))

    def encode(self) -> bytes:
        """The tag's value, byte for byte as it was read."""
        rules = [bytes([rule.code, rule.condition]) for rule in self.rules]
        return self.amount_x_minor.to_bytes(4, "big") + self.amount_y_minor.to_bytes(4, "big") + b"".join(rules)


@dataclass(frozen=True, slots=True)
class CvmResults:
    """Tag 9F34: the method that was performed last (3F none), under which condition, and how it ended."""

    method: int
    condition: int
    result: int

    @classmethod
    def parse(cls, value: bytes) -> CvmResults:
        """Reads tag 9F34. Raises Malformed for another size than 3 bytes."""
        if len(value) != 3:
            raise Malformed(None, min(len(value), 3), "3 bytes", str(len(value)), "9F34")
        return cls(value[0] & 0x3F, value[1], value[2])

    @property
    def online_pin(self) -> bool:
        """Whether a PIN was taken for the issuer to verify; then the request carries a PIN block."""
        return self.method == 2

    def words(self) -> Words:
        """Method, condition and result in each language.

        >>> CvmResults.parse(bytes.fromhex("420300")).words()[1]
        'enciphered PIN verified online (if the terminal supports the method): unknown'
        """
        method = _NOT_PERFORMED if self.method == 0x3F else _look(METHODS, self.method)
        when, result = _look(CONDITIONS, self.condition), _look(RESULTS, self.result)
        return f"{method[0]}({when[0]}): {result[0]}", f"{method[1]} ({when[1]}): {result[1]}"
