"""What a page says of keys: usages, states, changes, and why a step was not made.

What may live here: words. What may not: rules (usecases.key_ceremony).
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from xiaopos.keys import KeyState, KeyUsage
from xiaopos.usecases.key_ceremony import CeremonyFault, Change, Origin

USAGES: dict[KeyUsage, Promise] = {
    KeyUsage.ZMK: gettext_lazy("区域主密钥"),
    KeyUsage.TMK: gettext_lazy("终端主密钥"),
    KeyUsage.TPK: gettext_lazy("终端 PIN 密钥"),
    KeyUsage.TAK: gettext_lazy("终端 MAC 密钥"),
    KeyUsage.TDK: gettext_lazy("终端磁道密钥"),
    KeyUsage.ZPK: gettext_lazy("区域 PIN 密钥"),
    KeyUsage.ZAK: gettext_lazy("区域 MAC 密钥"),
    KeyUsage.IMK_AC: gettext_lazy("发卡行应用密文主密钥"),
    KeyUsage.IMK_SMI: gettext_lazy("发卡行脚本完整性主密钥"),
    KeyUsage.IMK_SMC: gettext_lazy("发卡行脚本保密主密钥"),
    KeyUsage.BDK: gettext_lazy("DUKPT 基础派生密钥"),
    KeyUsage.IK: gettext_lazy("DUKPT 初始密钥"),
    KeyUsage.SIGN: gettext_lazy("签名私钥"),
    KeyUsage.AEAD: gettext_lazy("渠道共享密钥（打开渠道加密的通知）"),
    KeyUsage.COMPONENT: gettext_lazy("密钥分量"),
    KeyUsage.SEAL: gettext_lazy("数据库字段加密密钥"),
    KeyUsage.TOKEN: gettext_lazy("数据库查找散列密钥"),
}

STATES: dict[KeyState, Promise] = {
    KeyState.AWAITED: gettext_lazy("等待产生"),
    KeyState.GENERATED: gettext_lazy("已生成，未启用"),
    KeyState.IMPORTED: gettext_lazy("已导入，未启用"),
    KeyState.ACTIVE: gettext_lazy("使用中"),
    KeyState.RETIRED: gettext_lazy("已退役，只读旧数据"),
    KeyState.COMPROMISED: gettext_lazy("可能泄露，已停用"),
    KeyState.DESTROYED: gettext_lazy("已销毁"),
}

CHANGES: dict[Change, Promise] = {
    Change.GENERATE: pgettext_lazy("key", "生成"),
    Change.IMPORT: pgettext_lazy("key", "导入"),
    Change.EXPORT: pgettext_lazy("key", "导出"),
    Change.ACTIVATE: pgettext_lazy("key", "启用"),
    Change.RETIRE: pgettext_lazy("key", "退役"),
    Change.COMPROMISE: pgettext_lazy("key", "报告泄露"),
    Change.DESTROY: pgettext_lazy("key", "销毁"),
}

ORIGINS: dict[Origin, Promise] = {
    Origin.GENERATED: gettext_lazy("在加密机内生成"),
    Origin.COMPONENTS: gettext_lazy("由两到三位保管人录入分量"),
    Origin.IMPORTED: gettext_lazy("在另一把密钥保护下导入"),
}

FAULTS: dict[CeremonyFault, Promise] = {
    CeremonyFault.NO_REASON: gettext_lazy("没有做：请写明原因。"),
    CeremonyFault.NO_SUCH_KEY: gettext_lazy("没有做：找不到这把密钥，或承载密钥没有在使用。"),
    CeremonyFault.NOT_NOW: gettext_lazy("没有做：密钥现在的状态不允许，或已有一项变更在等待批准。"),
    CeremonyFault.WRONG_ALGORITHM: gettext_lazy("没有做：这种用途的密钥不能用这种算法。"),
    CeremonyFault.SAME_PERSON: gettext_lazy("没有做：需要另一个人来批准。"),
    CeremonyFault.CHECK_VALUE: gettext_lazy("没有做：校验值不符，请重新核对。"),
    CeremonyFault.NOT_CARRIED: gettext_lazy("没有做：这种用途的密钥不在另一把密钥之下传送，请用分量或在加密机内生成。"),
    CeremonyFault.NOT_ROTATED: gettext_lazy("没有做：用这把密钥加密的数据换钥后会找不回来，不能换。"),
    CeremonyFault.VAULT_REFUSED: gettext_lazy("没有做：加密机拒绝了。"),
}


def words_of(value: str, kinds: type[Any], words: dict[Any, Promise]) -> str:
    """The words for a stored value; the value itself for one that an older version wrote."""
    try:
        return str(words[kinds(value)])
    except (ValueError, KeyError):
        return value
