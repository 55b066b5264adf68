"""Asking WeChat Pay: each question signed, each answer verified over its bytes, its certificates fetched when they are needed.

What may live here: signing, asking, verifying, the rotation of WeChat Pay's keys. What may not: what an answer means
(`messages`), the Wallet role (`gateway`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from xiaopos.gateways.wallet_line import HttpAnswer, Lost, NotSent, WalletLine
from xiaopos.gateways.wechat_pay.account import PUBLIC_KEY_PREFIX, WeChatAccount
from xiaopos.gateways.wechat_pay.messages import dump
from xiaopos.gateways.wechat_pay.platform_keys import PlatformKeys
from xiaopos.gateways.wechat_pay.signing import (
    SERIAL,
    Body,
    Distrusted,
    Said,
    authorization,
    doubt,
    hinted,
    read_object,
    request_text,
)
from xiaopos.kernel.clock import Clock
from xiaopos.keys import Vault

CERTIFICATES = "/v3/certificates"
_FETCH_EVERY = timedelta(hours=12)
"""WeChat Pay's advice: certificates are fetched at least so often, for the next one comes a day before it is used."""
_FETCH_AGAIN = timedelta(minutes=1)
"""Not sooner after a try: whoever invents serials must not make us ask all day."""

Answered = Said | Distrusted | NotSent | Lost


class Asker:
    """The way to WeChat Pay and back. `make_nonce` gives 16 to 32 letters and digits that never come twice."""

    def __init__(
        self, account: WeChatAccount, *, vault: Vault, clock: Clock, make_nonce: Callable[[], str], name: str
    ) -> None:
        self.account = account
        self.keys = PlatformKeys(account.wallet_keys)
        self._vault = vault
        self._clock = clock
        self._make_nonce = make_nonce
        self._line = WalletLine(name, account.url, account.terms)
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._tries = 0
        self._refused: Distrusted | NotSent | Lost | None = None

    async def start(self) -> None:
        """Open the session."""
        await self._line.start()

    async def stop(self) -> None:
        """Close the session."""
        task, self._fetching = self._fetching, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._line.stop()

    async def ask(
        self, method: str, path: str, content: Body | None = None, *, new_payment: bool = False
    ) -> Said | NotSent | Lost:
        """A question and its answer, believed or lost. Nothing is asked while no answer could be believed."""
        refused = await self._prepare()
        if refused is not None:
            return NotSent(f"the wallet's certificates are not known: {refused.cause}")
        answer = await self._asked(method, path, content, new_payment=new_payment)
        if isinstance(answer, Distrusted):
            return Lost(f"the wallet's answer is not to be believed: {answer.cause}")
        return answer

    async def ask_and_judge(self, method: str, path: str) -> Answered:
        """A question and its answer, with what is wrong about it."""
        refused = await self._prepare()
        return refused if refused is not None else await self._asked(method, path, None, new_payment=False)

    async def _prepare(self) -> Distrusted | NotSent | Lost | None:
        """See that there are keys by which an answer could be believed; None when there are."""
        if self.account.public_key_id or not self._is_due():
            return None
        before = self._tries
        async with self._lock:
            # Whoever waited here while another fetched shares what came of it.
            refused = await self._fetch() if self._tries == before else self._refused
        return None if self.keys.at(self._clock.now()) else refused

    async def _asked(self, method: str, path: str, content: Body | None, *, new_payment: bool) -> Answered:
        body = b"" if content is None else dump(content)
        headers = self.headers(method, path, body, signer=True)
        answer = await self._line.ask(method, path, body, headers, new_payment=new_payment)
        if not isinstance(answer, HttpAnswer):
            return answer
        said = self._judged(answer)
        if isinstance(said, Distrusted) and said.stranger and await self._learns(said.stranger):
            said = self._judged(answer)
        return said

    def headers(self, method: str, path: str, body: bytes, *, signer: bool = False) -> dict[str, str]:
        """A request's headers. With `signer` WeChat Pay is told with which public key it should sign, if we have one."""
        timestamp, nonce = str(int(self._clock.now().timestamp())), self._make_nonce()
        account = self.account
        signature = self._vault.sign(key=account.signing_key, data=request_text(method, path, timestamp, nonce, body))
        given = {
            "Authorization": authorization(
                mchid=account.mchid, serial=account.serial, nonce=nonce, timestamp=timestamp, signature=signature
            ),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "xiaopos",
        }
        return {**given, SERIAL: account.public_key_id} if signer and account.public_key_id else given

    def _judged(self, answer: HttpAnswer) -> Said | Distrusted:
        now = self._clock.now()
        doubted = doubt(answer.headers, answer.body, self.keys.at(now), now, self.keys.seen)
        if doubted is not None:
            code, field = ("", "") if answer.status < 400 else hinted(answer.body)
            cause = f"HTTP {answer.status} {code}: {doubted.cause}".replace(" :", ":")
            return Distrusted(cause, code, field, doubted.stranger, doubted.clock)
        body = read_object(answer.body) if answer.body else {}
        return Distrusted("it is no JSON object in UTF-8") if body is None else Said(answer.status, body)

    # -- WeChat Pay's keys -------------------------------------------------------------------------------------------

    def _is_due(self) -> bool:
        now = self._clock.now()
        if not self.keys.at(now):
            return True
        tried = self._tried_at is not None and now - self._tried_at < _FETCH_AGAIN
        return not tried and (self._fetched_at is None or now - self._fetched_at >= _FETCH_EVERY)

    async def _learns(self, serial: str) -> bool:
        """Whether a key that was not known is known now. Public keys are entered, certificates are fetched."""
        if serial.startswith(PUBLIC_KEY_PREFIX):
            return False
        async with self._lock:
            now = self._clock.now()
            if self._tried_at is None or now - self._tried_at >= _FETCH_AGAIN:
                await self._fetch()
        return serial in self.keys.at(self._clock.now())

    def learn_soon(self, serial: str) -> None:
        """Fetch certificates beside what is under way: somebody signed with one that is not known."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.get_running_loop().create_task(self._learn(serial))

    async def _learn(self, serial: str) -> None:
        await self._learns(serial)

    async def fetch_certificates(self) -> Distrusted | NotSent | Lost | None:
        """Fetch WeChat Pay's platform certificates; None when they are known now."""
        async with self._lock:
            return await self._fetch()

    async def _fetch(self) -> Distrusted | NotSent | Lost | None:
        self._tried_at = self._clock.now()
        self._refused = await self._fetched()
        self._tries += 1
        return self._refused

    async def _fetched(self) -> Distrusted | NotSent | Lost | None:
        headers = self.headers("GET", CERTIFICATES, b"")
        # As patient as a new payment: while the wallet does not answer, nobody waits for its certificates.
        answer = await self._line.ask("GET", CERTIFICATES, b"", headers, new_payment=True)
        if not isinstance(answer, HttpAnswer):
            return answer
        if answer.status != 200:
            code, field = hinted(answer.body)
            return Distrusted(f"HTTP {answer.status} {code}: no certificates".replace(" :", ":"), code, field)
        now, key = self._clock.now(), self.account.api_v3_key
        refused = self.keys.take(answer.body, answer.headers, now, vault=self._vault, api_v3_key=key)
        if refused is None:
            self._fetched_at = now
        return refused
