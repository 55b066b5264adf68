"""What a page says of agents and their promoters: states, changes, doubts, faults.

What may live here: words. What may not: rules (merchants.agents, usecases.keep_agents).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xiaopos.merchants.agents.authority import Doubt
from xiaopos.merchants.agents.states import AgentEvent, AgentState, PromoterEvent, PromoterState
from xiaopos.usecases.keep_agents import AgentFault

STATES = {
    AgentState.APPLIED: ("calm", pgettext_lazy("agent", "已登记，待核实")),
    AgentState.CHECKED: ("wait", pgettext_lazy("agent", "已核实，待授权")),
    AgentState.AUTHORISED: ("good", pgettext_lazy("agent", "已授权")),
    AgentState.SUSPENDED: ("warn", pgettext_lazy("agent", "已暂停")),
    AgentState.EXPIRED: ("warn", pgettext_lazy("agent", "授权到期")),
    AgentState.REVOKED: ("bad", pgettext_lazy("agent", "已吊销")),
    AgentState.REFUSED: ("bad", pgettext_lazy("agent", "已拒绝")),
}

EVENTS = {
    AgentEvent.CHECK: _("核实通过"),
    AgentEvent.AUTHORISE: _("授权"),
    AgentEvent.REFUSE: _("拒绝"),
    AgentEvent.SUSPEND: _("暂停授权"),
    AgentEvent.RESUME: _("恢复授权"),
    AgentEvent.REVOKE: _("吊销授权"),
}

PROMOTER_STATES = {
    PromoterState.ACTIVE: ("good", pgettext_lazy("promoter", "在岗")),
    PromoterState.SUSPENDED: ("warn", pgettext_lazy("promoter", "已暂停")),
    PromoterState.LEFT: ("calm", pgettext_lazy("promoter", "已离职")),
}

PROMOTER_EVENTS = {
    PromoterEvent.SUSPEND: _("暂停推广"),
    PromoterEvent.RESUME: _("恢复推广"),
    PromoterEvent.LEAVE: _("登记离职"),
}

DOUBTS = {
    Doubt.REVOKED: _("授权已被吊销"),
    Doubt.SUSPENDED: _("授权已暂停"),
    Doubt.NOT_AUTHORISED: _("还没有授权"),
    Doubt.EXPIRED: _("授权已到期"),
    Doubt.NOT_YET: _("授权还没有开始"),
    Doubt.RECHECK_DUE: _("一年一次的复核已过期"),
    Doubt.ABOVE: _("上级代理商现在没有授权"),
    Doubt.PROMOTER_SUSPENDED: _("推广员已暂停"),
    Doubt.PROMOTER_LEFT: _("推广员已离职"),
    Doubt.PROMOTER_NOT_YET: _("推广员还没有到岗"),
    Doubt.OTHER_AGENT: _("推广员不属于这个代理商"),
    Doubt.DEED: _("不在授权的工作以内"),
    Doubt.REGION: _("不在授权的地区以内"),
    Doubt.PRODUCT: _("不在授权的产品以内"),
}

FAULTS = {
    AgentFault.NO_REASON: _("请写明原因"),
    AgentFault.AGENT_UNKNOWN: _("没有这个代理商"),
    AgentFault.PARENT_UNKNOWN: _("没有这个上级代理商"),
    AgentFault.TOO_DEEP: _("代理最多三级，不能再往下发展"),
    AgentFault.NAME: _("名称要 1 到 40 个字"),
    AgentFault.LICENCE: _("统一社会信用代码不对，请照营业执照核对 18 位"),
    AgentFault.LICENCE_TAKEN: _("这个统一社会信用代码已经登记过"),
    AgentFault.FILING: _("备案编号要 4 到 40 个字母、数字或括号"),
    AgentFault.REGIONS: _("授权地区要写国标地区代码，最多 12 个，例如 31 或 3205"),
    AgentFault.BEYOND_PARENT: _("不能超出上级代理商的地区、产品、工作和期限"),
    AgentFault.DEEDS: _("请至少选一项可以做的工作"),
    AgentFault.DATES: _("授权期限不对：结束要晚于开始"),
    AgentFault.PROOF: _("请写明在哪里看到备案、选好截图，时间不能是将来"),
    AgentFault.PROOF_MISSING: _("三十天内没有人留存过备案截图，先留存再核实"),
    AgentFault.OWN_CHECK: _("核实的人不能自己授权，请另一位同事来做"),
    AgentFault.NOT_NOW: _("状态已经变了，请刷新后再看"),
    AgentFault.PROMOTER_UNKNOWN: _("没有这个推广员"),
    AgentFault.WORK_NUMBER: _("工号要 1 到 20 个字母或数字"),
    AgentFault.WORK_NUMBER_TAKEN: _("这个工号已经有人用"),
}
