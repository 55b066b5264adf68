"""What the audit trail's actions are called.

What may live here: those words. What may not: the trail (store.audit).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaopos.fleet.bindings import BindingEvent
from xiaopos.merchants.agents.states import AgentEvent
from xiaopos.merchants.badges.states import BadgeEvent
from xiaopos.merchants.wallet_contracts import ContractState
from xiaopos.web.agent_words import EVENTS as AGENT_EVENTS
from xiaopos.web.agent_words import PROMOTER_EVENTS
from xiaopos.web.application_words import EVENTS
from xiaopos.web.badge_words import EVENTS as BADGE_EVENTS
from xiaopos.web.depot_words import BINDING_EVENTS, DEVICE_EVENTS, PARCEL_EVENTS
from xiaopos.web.wallet_words import STATE_WORDS

ACTION_WORDS = {
    **{f"application_{event.value}": words for event, words in EVENTS.items()},
    "application_called": _("申请电话核实"),
    "application_shown": _("查看申请资料"),
    "application_picture_shown": _("查看申请照片"),
    "sign_in": _("登录"),
    "sign_in_failed": _("登录失败"),
    "sign_in_locked": _("登录暂停"),
    "sign_out": _("退出"),
    "webhook_added": _("新增通知地址"),
    "webhook_changed": _("修改通知地址"),
    "webhook_pause": _("暂停通知地址"),
    "webhook_resume": _("恢复通知地址"),
    "webhook_remove": _("删除通知地址"),
    "webhook_secret_renewed": _("更换通知签名密钥"),
    "webhook_tested": _("发测试通知"),
    "webhook_told_again": _("重发通知"),
    "invite_person": _("邀请人员"),
    "renew_sign_in": _("重置登录"),
    "join": _("设好登录"),
    "recovery_code_used": _("用恢复码登录"),
    "switch_person_on": _("启用账号"),
    "switch_person_off": _("停用账号"),
    "approval_refused": _("授权码不对"),
    "approval_locked": _("授权暂停"),
    "register_terminal": _("登记终端"),
    "change_terminal_profile": _("更换接入方式"),
    "enter_download": _("录入下发清单"),
    "approve_download": _("复核下发清单"),
    "drop_download": _("撤回清单录入"),
    "show_signature": _("查看电子签名"),
    "switch_terminal": _("启用或停用终端"),
    "ask_terminal": _("向终端下达指令"),
    "withdraw_ask": _("撤回终端指令"),
    "switch_network": _("停用或恢复卡网络"),
    "close_discrepancy": _("关闭差异记录"),
    "make_shop_code": _("新建收款码"),
    "lock_shop_code": _("锁定收款码金额"),
    "rotate_shop_code": _("更换收款码"),
    "retire_shop_code": _("停用收款码"),
    "read_message": _("解读报文"),
    "key_planned": _("登记密钥"),
    "key_component_entered": _("录入密钥分量"),
    "key_combined": _("合成密钥"),
    "key_asked": _("申请变更密钥"),
    "key_withdrawn": _("撤回密钥变更"),
    "key_refused": _("密钥步骤未做"),
    "key_generate": _("生成密钥"),
    "key_import": _("导入密钥"),
    "key_export": _("导出密钥"),
    "key_activate": _("启用密钥"),
    "key_retire": _("停用密钥"),
    "key_compromise": _("密钥可能泄露"),
    "key_destroy": _("销毁密钥"),
    "activation_refused": _("激活没有对上"),
    "agent_entered": _("登记代理商"),
    "agent_filing_captured": _("留存备案"),
    **{f"agent_{event.value}": words for event, words in AGENT_EVENTS.items()},
    f"agent_{AgentEvent.EXPIRE.value}": _("授权到期"),
    "promoter_entered": _("登记推广员"),
    **{f"promoter_{event.value}": words for event, words in PROMOTER_EVENTS.items()},
    "badge_issued": _("发工牌"),
    **{f"badge_{event.value}": words for event, words in BADGE_EVENTS.items()},
    f"badge_{BadgeEvent.REPLACE.value}": _("换新工牌"),
    "badge_reported": _("举报工牌"),
    "badge_report_upheld": _("举报查实"),
    "badge_report_dismissed": _("举报不成立"),
    "application_copied": _("导出申请资料"),
    "application_erased": _("删除申请资料"),
    "application_held": _("要求保留资料"),
    "application_let_go": _("不再保留资料"),
    "merchant_ended": _("结束业务"),
    "merchant_papers_kept": _("记下执照和账户"),
    "enter_advice_rules": _("录入选机规则"),
    "approve_advice_rules": _("复核选机规则"),
    "drop_advice_rules": _("撤回选机规则"),
    "screening_list_imported": _("导入名单"),
    "screening_list_ended": _("停用名单"),
    "screening_looked_up": _("查名单"),
    "stock_received": _("收货入库"),
    "stock_serials_again": _("收到重复的序列号"),
    "device_ordered": _("登记设备订单"),
    "device_order_cancelled": _("取消设备订单"),
    **{f"device_{event.value}": words for event, words in DEVICE_EVENTS.items()},
    "parcel_ordered": _("叫快递"),
    **{f"parcel_{event.value}": words for event, words in PARCEL_EVENTS.items()},
    **{f"binding_{event.value}": BINDING_EVENTS[event.value] for event in BindingEvent},
    "binding_change_asked": _("申请移机、换机或撤机"),
    "binding_change_dropped": _("撤下移机、换机或撤机"),
    "binding_report": _("报备"),
    "make_api_key": _("新建接口密钥"),
    "revoke_api_key": _("停用接口密钥"),
    "make_wallet_pair": _("生成钱包密钥对"),
    "enter_wallet_contract": _("录入钱包签约"),
    "probe_wallet_contract": _("试连钱包"),
    **{f"wallet_contract_{state.value}": STATE_WORDS[state] for state in ContractState},
    "speaker_paired": _("配对音箱"),
    "speaker_removed": _("停用音箱"),
}


def action_words(action: str) -> str:
    """What somebody did, as the audit trail names it; the name itself where it is of an older edition."""
    return str(ACTION_WORDS.get(action, action))
