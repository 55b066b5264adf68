"""The pretend network's control: what it holds and what it does wrong next, as JSON for stories and the demo's buttons.

What may live here: the endpoints. What may not: card numbers in full; the page (the phone's server carries these routes).
"""

from __future__ import annotations

from aiohttp import web

from xiaopos.simulator.moods import Mood
from xiaopos.simulator.network.server import CardNetwork


def control_routes(network: CardNetwork, prefix: str = "/control/network") -> list[web.RouteDef]:
    """Routes: GET cards, GET transactions, and GET, POST, DELETE moods."""

    async def cards(_: web.Request) -> web.Response:
        rows = [
            {
                "label": card.label,
                "pan": card.pan.masked,
                "expiry": card.expiry,
                "kind": card.kind.value,
                "issuer": card.issuer,
                "status": card.status.value,
                "balance_minor": network.balance(card.label),
            }
            for card in network.cards
        ]
        return web.json_response({"simulated": True, "cards": rows})

    async def transactions(_: web.Request) -> web.Response:
        rows = [
            {
                "rrn": one.rrn,
                "mti": one.mti,
                "card": one.label,
                "amount_minor": one.amount_minor,
                "response_code": one.response_code,
                "state": one.state,
                "refunded_minor": one.refunded_minor,
            }
            for one in network.transactions()
        ]
        return web.json_response({"simulated": True, "transactions": rows})

    async def moods(_: web.Request) -> web.Response:
        return web.json_response({"simulated": True, "moods": network.moods.as_json()})

    async def set_mood(request: web.Request) -> web.Response:
        try:
            mood = Mood.from_json(await request.json())
        except (ValueError, AttributeError) as wrong:
            return web.json_response({"error": str(wrong)}, status=400)
        await network.set_mood(mood)
        return await moods(request)

    async def lift(request: web.Request) -> web.Response:
        await network.lift_moods()
        return await moods(request)

    return [
        web.get(f"{prefix}/cards", cards),
        web.get(f"{prefix}/transactions", transactions),
        web.get(f"{prefix}/moods", moods),
        web.post(f"{prefix}/moods", set_mood),
        web.delete(f"{prefix}/moods", lift),
    ]
