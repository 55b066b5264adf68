"""Webhooks (事件通知): telling merchants' own servers what happened, in the form of the Standard Webhooks specification.

What may live here: the adapter that plays the Messenger role: messages, signatures, what answers mean, the guarded line.
What may not: when something is told (usecases, hosts), what is told (usecases.webhook_events), private keys (a vault signs).
"""

from xiaopos.gateways.webhooks.gateway import WebhookMessenger
from xiaopos.gateways.webhooks.line import LineTerms

__all__ = ["LineTerms", "WebhookMessenger"]
