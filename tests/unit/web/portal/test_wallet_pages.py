"""The owner's pages of contracts with wallets: what is shown, what is refused by its field, and never a key on a page."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from support.contracts import certificate_pem, private_pem, public_pem
from support.desk_town import Town
from support.pretend_channels import PretendWallet
from support.pretend_desk import PretendDesk
from support.world import World
from unit.web.console.test_reading_page import CountersHouse
from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.merchants.totp import code_at, step_at
from xiaopos.merchants.wallet_contracts import FORMS, ContractState
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.keys.models import KeyRecord
from xiaopos.store.people.models import User
from xiaopos.store.wallets.models import WaitingPairRow, WalletContractRow
from xiaopos.usecases.keep_wallet_contract import ContractFault, Finding, Probe, WalletContract
from xiaopos.web import asking, key_room
from xiaopos.web.accounts.sealing import seal_second_factor
from xiaopos.web.wallet_words import FAULT_WORDS, FIELD_WORDS, FINDING_WORDS, MODE_WORDS, STATE_WORDS, WALLET_WORDS

SECRET = bytes(range(20))


class Desk(PretendDesk):
    """Answers a probe as told, and cannot work with the field that is named."""

    found = Probe(Finding.WORKS, "ACQ.TRADE_NOT_EXIST")
    useless = ""

    async def probe(self, contract_id: str) -> Probe:
        self.asked.append(contract_id)
        return self.found

    def unusable(self, wallet: str, settings: Mapping[str, str]) -> str:
        return self.useless

    def notice_address(self, contract: WalletContract) -> str:
        return f"https://pos.example.com/notices/{contract.wallet}/{contract.contract_id}/"


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> CountersHouse:
    """A house that knows contracts with Alipay."""
    world, desk = World(), Desk()
    wallets = {
        "sandbox": world.wallet,
        "alipay": PretendWallet("alipay"),
        "alipay-trial": PretendWallet("alipay-trial"),
    }
    house = CountersHouse(replace(world.house, contracts=desk, wallets=wallets))
    monkeypatch.setattr(asking, "_players", [house])
    monkeypatch.setattr(key_room, "_openers", [lambda: world.house.vault])
    return house


@pytest.fixture
def owner(town: Town, house: CountersHouse) -> Town:
    """Chen has an authenticator."""
    User.objects.filter(username="chen").update(second_factor=seal_second_factor(SECRET, "chen"))
    return town


def desk_of(house: CountersHouse) -> Desk:
    assert isinstance(house.house.contracts, Desk)
    return house.house.contracts


def code() -> str:
    """What Chen's authenticator shows next: each code is good once."""
    User.objects.filter(username="chen").update(second_factor_step=0)
    return code_at(SECRET, step_at(datetime.fromtimestamp(time.time(), UTC)))


def form(**parts: object) -> dict[str, object]:
    given = {
        "mode": "public_key",
        "app_id": "2021000000000001",
        "private_key": private_pem("application").decode(),
        "wallet_public_key": public_pem("alipay"),
        "second_factor": code(),
    }
    return given | parts


def enters(town: Town, **parts: object) -> Any:
    return town.browser("chen").post(reverse("portal_wallet_enter", args=["alipay"]), form(**parts))


def kept(town: Town, **parts: object) -> str:
    answer = enters(town, **parts)
    assert answer.status_code == 302, answer.content.decode()
    return re.findall(r"contracts/([0-9a-f]{32})/", answer["Location"])[0]


def does(town: Town, name: str, contract_id: str, **parts: object) -> str:
    answer = town.browser("chen").post(reverse(name, args=[contract_id]), parts, follow=True)
    return answer.content.decode()


def state() -> list[str]:
    return list(WalletContractRow.objects.order_by("entered_at").values_list("state", flat=True))


def test_an_owner_enters_a_contract_and_no_key_is_ever_shown(owner: Town) -> None:
    contract_id = kept(owner)
    pages = owner.browser("chen")
    page = pages.get(reverse("portal_wallet_contract", args=[contract_id])).content.decode()
    assert "试用中，还不收款" in page
    assert "2021000000000001" in page
    assert f"https://pos.example.com/notices/alipay/{contract_id}/" in page
    listed = pages.get(reverse("portal_wallets")).content.decode()
    assert "支付宝" in listed
    assert contract_id in listed
    assert "PRIVATE KEY" not in page + listed
    assert "prevent" not in page
    assert AuditRow.objects.filter(action="enter_wallet_contract", actor="chen").exists()


def test_files_are_taken_as_they_are_given_out(owner: Town) -> None:
    contract_id = kept(
        owner,
        private_key="",
        private_key_file=SimpleUploadedFile("app.pem", b"\xef\xbb\xbf" + private_pem("application")),
        wallet_public_key="",
        wallet_public_key_file=SimpleUploadedFile("alipay.txt", public_pem("alipay").encode()),
    )
    assert WalletContractRow.objects.get(contract_id=contract_id).state == "trial"
    enters(owner, private_key_file=SimpleUploadedFile("app.der", b"\x30\x82\xff\xfe"))
    assert WalletContractRow.objects.count() == 1


def test_a_pair_can_be_made_here_and_its_public_half_is_shown(owner: Town) -> None:
    browser = owner.browser("chen")
    browser.post(reverse("portal_wallet_pair", args=["alipay"]))
    page = browser.get(reverse("portal_wallet_enter", args=["alipay"])).content.decode()
    assert "复制公钥" in page
    assert "MII" in page
    kept(owner, private_key="")
    assert not WaitingPairRow.objects.exists()
    assert KeyRecord.objects.get().origin == "generated"


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(owner: Town) -> None:
    answer = enters(owner, wallet_public_key=public_pem("application"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "这是您自己的公钥" in page
    assert "没有保存，没有动钱" in page
    assert 'value="2021000000000001"' in page, "what was typed stays"
    assert "PRIVATE KEY" not in page, "but no secret"
    assert not WalletContractRow.objects.exists()


def test_what_the_gateway_cannot_work_with_and_a_mode_that_there_is_not(owner: Town, house: CountersHouse) -> None:
    desk_of(house).useless = "wallet_public_key"
    assert "用不了" in enters(owner).content.decode()
    assert enters(owner, mode="pigeon").status_code == 404
    assert owner.browser("chen").get(reverse("portal_wallet_enter", args=["cash"])).status_code == 404
    assert owner.browser("chen").get(reverse("portal_wallet_enter", args=["wechat"])).status_code == 404


def test_certificates_have_a_form_of_their_own(owner: Town) -> None:
    page = owner.browser("chen").get(reverse("portal_wallet_enter", args=["alipay"]) + "?mode=certificate")
    assert "支付宝根证书" in page.content.decode()
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    pem = certificate_pem("application", starts=now)
    kept(owner, mode="certificate", app_certificate=pem, wallet_certificate=pem, root_certificate=pem)


def test_without_the_second_factor_nothing_is_changed(owner: Town) -> None:
    assert "动态码不对，没有保存" in enters(owner, second_factor="000000").content.decode()
    assert not WalletContractRow.objects.exists()
    contract_id = kept(owner)
    does(owner, "portal_wallet_probe", contract_id)
    said = does(owner, "portal_wallet_change", contract_id, event="activate", second_factor="000000")
    assert "动态码不对，没有改动" in said
    assert state() == ["trial"]


def test_too_many_wrong_codes_lock_for_a_while(owner: Town) -> None:
    answers = [enters(owner, second_factor="000000") for _ in range(8)]
    assert answers[-1].status_code == 429
    contract = owner.browser("chen").post(
        reverse("portal_wallet_change", args=["0" * 32]), {"event": "end", "second_factor": code()}
    )
    assert contract.status_code == 404
    assert not WalletContractRow.objects.exists()


def test_it_takes_payments_only_after_it_was_tested_and_ends_for_good(owner: Town, house: CountersHouse) -> None:
    contract_id = kept(owner)
    early = does(owner, "portal_wallet_change", contract_id, event="activate", second_factor=code())
    assert "还没有测试通过" in early
    desk_of(house).found = Probe(Finding.THEIR_KEY, "x")
    assert "验不过钱包的签名" in does(owner, "portal_wallet_probe", contract_id)
    desk_of(house).found = Probe(Finding.WORKS, "ACQ.TRADE_NOT_EXIST")
    assert "连接正常" in does(owner, "portal_wallet_probe", contract_id)
    assert "十秒后开始收款" in does(owner, "portal_wallet_change", contract_id, event="activate", second_factor=code())
    assert state() == ["active"]
    assert "十秒后停用" in does(owner, "portal_wallet_change", contract_id, event="end", second_factor=code())
    assert state() == ["ended"]
    assert "没有改动" in does(owner, "portal_wallet_change", contract_id, event="activate", second_factor=code())
    page = owner.browser("chen").post(reverse("portal_wallet_change", args=[contract_id]), {"event": "explode"})
    assert page.status_code == 404


def test_a_cent_is_asked_for_under_the_contract_on_trial(owner: Town, house: CountersHouse) -> None:
    contract_id = kept(owner)
    wallet = house.house.wallets["alipay-trial"]
    assert isinstance(wallet, PretendWallet)
    does(owner, "portal_wallet_pay", contract_id)
    does(owner, "portal_wallet_pay", contract_id, code="28 0000 0000 0000 0000")
    assert [asked.split()[0] for asked in wallet.asked] == ["show", "pay"]
    assert "0.01" in does(owner, "portal_wallet_pay", contract_id, code="28")
    assert owner.browser("chen").get(reverse("portal_wallet_tried", args=[contract_id])).status_code == 200
    assert owner.browser("chen").post(reverse("portal_wallet_back", args=[contract_id])).status_code == 404


def test_a_wallet_that_is_slow_is_said_to_be(owner: Town, house: CountersHouse) -> None:
    contract_id = kept(owner)
    assert owner.browser("chen").get(reverse("portal_wallets")).status_code == 200

    house.slow = True
    assert "钱包还没有回答" in does(owner, "portal_wallet_probe", contract_id)


def test_a_vault_that_is_away_loses_nothing(owner: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise KeyRefused(KeyFault.OUT_OF_REACH, "away")

    browser, pair = owner.browser("chen"), reverse("portal_wallet_pair", args=["alipay"])
    browser.post(pair)
    monkeypatch.setattr(key_room, "_openers", [away])
    assert "保管密钥的设备没有回应" in enters(owner).content.decode()
    assert "保管密钥的设备没有回应" in browser.post(pair, follow=True).content.decode()
    assert "复制公钥" not in browser.get(reverse("portal_wallet_enter", args=["alipay"])).content.decode()
    assert WaitingPairRow.objects.count() == 1
    assert not WalletContractRow.objects.exists()


def test_another_shops_contract_is_not_there(owner: Town) -> None:
    contract_id = kept(owner)
    WalletContractRow.objects.filter(contract_id=contract_id).update(merchant_id="898110058120001")
    assert owner.browser("chen").get(reverse("portal_wallet_contract", args=[contract_id])).status_code == 404


def test_everything_has_words() -> None:
    assert set(WALLET_WORDS) == set(FORMS)
    assert {(form.wallet, each.name) for form in FORMS.values() for each in form.fields} == set(FIELD_WORDS)
    assert {mode for form in FORMS.values() for mode in form.modes} == set(MODE_WORDS)
    assert set(STATE_WORDS) == set(ContractState)
    assert set(FAULT_WORDS) == set(ContractFault)
    assert set(FINDING_WORDS) == set(Finding)
