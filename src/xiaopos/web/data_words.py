"""What pages say of people's data: purposes, kinds of record, why nothing was done.

What may live here: those words. What may not: the operator's own words for consents and retention.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaopos.merchants.applications.rulebook import Purpose
from xiaopos.usecases.keep_personal_data import DataFault

PURPOSES: dict[Purpose, Any] = {
    Purpose.REVIEW: _("审核申请"),
    Purpose.CONTACT: _("联系您"),
    Purpose.NEWS: _("新产品消息"),
}
FAULTS: dict[DataFault, Any] = {
    DataFault.UNKNOWN: _("没有这份申请，或资料已经删除"),
    DataFault.NO_REASON: _("请写明原因"),
    DataFault.NOT_NOW: _("申请正在审核或已经删除，现在不能做。可以先撤回申请"),
    DataFault.HELD: _("法规要求保存，现在不能删除"),
    DataFault.TOO_SOON: _("法规要求再保存一段时间，到期会自动删除"),
    DataFault.NEEDED: _("没有这一项就不能申请；不同意的话请撤回申请"),
}
