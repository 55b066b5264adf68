"""What pages say of devices, orders, parcels, bindings and activation: states with their tone, events, faults.

What may live here: those words. What may not: rules.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xiaopos.fleet.bindings import BindingState, Part, ReportEvent, ReportState
from xiaopos.fleet.deliveries.states import ParcelEvent, ParcelState
from xiaopos.fleet.stock.lists import LineFault
from xiaopos.fleet.stock.states import DeviceEvent, DeviceState, OrderState
from xiaopos.usecases.activate_terminal import ActivationFault
from xiaopos.usecases.change_binding import ChangeFault, ChangeKind
from xiaopos.usecases.fill_orders import StockFault
from xiaopos.usecases.follow_delivery import ParcelFault
from xiaopos.usecases.keep_papers import PapersFault
from xiaopos.usecases.receive_stock import ReceiptFault
from xiaopos.usecases.report_binding import ReportFault

Told = tuple[str, Any]
"""A tone (good, warn, bad, calm) and the words."""

DEVICES: dict[DeviceState, Told] = {
    DeviceState.IN_STOCK: ("good", pgettext_lazy("device", "在库")),
    DeviceState.RESERVED: ("calm", pgettext_lazy("device", "已预留")),
    DeviceState.PACKED: ("calm", pgettext_lazy("device", "已装箱")),
    DeviceState.SENT: ("calm", pgettext_lazy("device", "路上")),
    DeviceState.DELIVERED: ("warn", pgettext_lazy("device", "已送到，等激活")),
    DeviceState.ACTIVE: ("good", pgettext_lazy("device", "使用中")),
    DeviceState.RETURNING: ("warn", pgettext_lazy("device", "退回途中")),
    DeviceState.RETURNED: ("warn", pgettext_lazy("device", "已退回，待检查")),
    DeviceState.LOST: ("bad", pgettext_lazy("device", "丢失")),
    DeviceState.SCRAPPED: ("calm", pgettext_lazy("device", "已报废")),
}
DEVICE_EVENTS: dict[DeviceEvent, Any] = {
    DeviceEvent.RESERVE: pgettext_lazy("device", "预留给订单"),
    DeviceEvent.RELEASE: pgettext_lazy("device", "放回库存"),
    DeviceEvent.PACK: pgettext_lazy("device", "装箱"),
    DeviceEvent.UNPACK: pgettext_lazy("device", "拆箱"),
    DeviceEvent.SEND: pgettext_lazy("device", "交给快递"),
    DeviceEvent.DELIVER: pgettext_lazy("device", "送到"),
    DeviceEvent.ACTIVATE: pgettext_lazy("device", "激活"),
    DeviceEvent.REST: pgettext_lazy("device", "等重新激活"),
    DeviceEvent.TURN_BACK: pgettext_lazy("device", "往回送"),
    DeviceEvent.COME_BACK: pgettext_lazy("device", "收到退机"),
    DeviceEvent.LOSE: pgettext_lazy("device", "报丢失"),
    DeviceEvent.INSPECT: pgettext_lazy("device", "检查完好，清除密钥，重新入库"),
    DeviceEvent.SCRAP: pgettext_lazy("device", "报废"),
}
ORDERS: dict[OrderState, Told] = {
    OrderState.OPEN: ("warn", pgettext_lazy("order", "等设备")),
    OrderState.RESERVED: ("calm", pgettext_lazy("order", "已预留，待装箱")),
    OrderState.PACKED: ("calm", pgettext_lazy("order", "已装箱，待寄出")),
    OrderState.SENT: ("calm", pgettext_lazy("order", "路上")),
    OrderState.DELIVERED: ("warn", pgettext_lazy("order", "已送到，等激活")),
    OrderState.DONE: ("good", pgettext_lazy("order", "已激活")),
    OrderState.CANCELLED: ("calm", pgettext_lazy("order", "已取消")),
}
PARCELS: dict[ParcelState, Told] = {
    ParcelState.ORDERED: ("calm", pgettext_lazy("parcel", "已叫快递，还没取件")),
    ParcelState.PICKED_UP: ("calm", pgettext_lazy("parcel", "快递已取件")),
    ParcelState.IN_TRANSIT: ("calm", pgettext_lazy("parcel", "运输中")),
    ParcelState.OUT_FOR_DELIVERY: ("calm", pgettext_lazy("parcel", "正在派送")),
    ParcelState.DELIVERED: ("good", pgettext_lazy("parcel", "已送到")),
    ParcelState.REFUSED: ("warn", pgettext_lazy("parcel", "没有人收")),
    ParcelState.LOST: ("bad", pgettext_lazy("parcel", "快递说丢失了")),
    ParcelState.RETURNING: ("warn", pgettext_lazy("parcel", "正在退回")),
    ParcelState.RETURNED: ("calm", pgettext_lazy("parcel", "已退回我们这里")),
    ParcelState.CANCELLED: ("calm", pgettext_lazy("parcel", "已取消")),
}
PARCEL_NEXT: dict[ParcelState, Any] = {
    ParcelState.ORDERED: _("取件以后这里会更新。"),
    ParcelState.PICKED_UP: _("路上一般两三天。"),
    ParcelState.IN_TRANSIT: _("路上一般两三天。"),
    ParcelState.OUT_FOR_DELIVERY: _("请保持手机畅通。收件前看一眼封条，破了就拒收。"),
    ParcelState.DELIVERED: _("登录商户后台，在“启用终端”里照步骤激活。不要把激活码告诉任何人。"),
    ParcelState.REFUSED: _("快递没有送成。请联系我们，我们再安排。"),
    ParcelState.LOST: _("您不用赔，也不用做什么：这台机器已经作废，我们会另寄一台。"),
    ParcelState.RETURNING: _("机器正在退回。还要的话请联系我们。"),
    ParcelState.RETURNED: _("机器已经退回。还要的话请联系我们。"),
    ParcelState.CANCELLED: _("这次寄送取消了。有疑问请联系我们。"),
}
PARCEL_EVENTS: dict[ParcelEvent, Any] = {
    ParcelEvent.PICK_UP: pgettext_lazy("parcel", "取件"),
    ParcelEvent.MOVE_ON: pgettext_lazy("parcel", "到达"),
    ParcelEvent.GO_OUT: pgettext_lazy("parcel", "开始派送"),
    ParcelEvent.DELIVER: pgettext_lazy("parcel", "签收"),
    ParcelEvent.REFUSE: pgettext_lazy("parcel", "没有人收"),
    ParcelEvent.LOSE: pgettext_lazy("parcel", "丢失"),
    ParcelEvent.TURN_BACK: pgettext_lazy("parcel", "开始退回"),
    ParcelEvent.COME_BACK: pgettext_lazy("parcel", "退到仓库"),
    ParcelEvent.CANCEL: pgettext_lazy("parcel", "取消"),
}
BINDINGS: dict[BindingState, Told] = {
    BindingState.AWAITED: ("warn", pgettext_lazy("binding", "等激活，不能收款")),
    BindingState.BOUND: ("good", pgettext_lazy("binding", "六项齐全，可以收款")),
    BindingState.PROVED: ("good", pgettext_lazy("binding", "试收一分已通过")),
    BindingState.SUSPENDED: ("bad", pgettext_lazy("binding", "绑定中断，不能收款")),
    BindingState.CLOSED: ("calm", pgettext_lazy("binding", "已关闭")),
}
BINDING_EVENTS: dict[str, Any] = {
    "pack": pgettext_lazy("binding", "装箱，等激活"),
    "pack_again": pgettext_lazy("binding", "换设备重新装箱"),
    "free": pgettext_lazy("binding", "设备离开，密钥作废"),
    "activate": pgettext_lazy("binding", "激活"),
    "prove": pgettext_lazy("binding", "试收通过"),
    "suspend": pgettext_lazy("binding", "中断"),
    "resume": pgettext_lazy("binding", "恢复"),
    "rebind": pgettext_lazy("binding", "移机或换机，重新激活"),
    "close": pgettext_lazy("binding", "关闭"),
    "report": pgettext_lazy("binding", "报备"),
}
PARTS: dict[Part, Any] = {
    Part.SERIAL: _("序列号"),
    Part.ACQUIRER: _("收单机构"),
    Part.MERCHANT: _("商户编号"),
    Part.LICENCE: _("营业执照或身份证"),
    Part.ACCOUNT: _("收款账户"),
    Part.ADDRESS: _("布放地址"),
}
REPORTS: dict[ReportState, Told] = {
    ReportState.NOT_DUE: ("calm", pgettext_lazy("report", "还不用报备")),
    ReportState.DUE: ("warn", pgettext_lazy("report", "待报备")),
    ReportState.SENT: ("calm", pgettext_lazy("report", "已报送，等回复")),
    ReportState.ACCEPTED: ("good", pgettext_lazy("report", "报备通过")),
    ReportState.REJECTED: ("bad", pgettext_lazy("report", "报备被退回")),
}
REPORT_EVENTS: dict[ReportEvent, Any] = {
    ReportEvent.SEND: pgettext_lazy("report", "已报送"),
    ReportEvent.ACCEPT: pgettext_lazy("report", "通过"),
    ReportEvent.REJECT: pgettext_lazy("report", "被退回"),
}
CHANGES: dict[ChangeKind, tuple[Any, Any]] = {
    ChangeKind.MOVE: (_("移机"), _("搬到别的地址或门店：密钥作废，用新激活码在新地址重新激活")),
    ChangeKind.REPLACE: (_("换机"), _("终端号不变，换一台设备：旧机退回或报丢失，新机重新激活")),
    ChangeKind.CLOSE: (_("撤机"), _("终端号停用，设备退回或报丢失")),
    ChangeKind.RESUME: (_("恢复绑定"), _("查清以后恢复收款")),
}
_NO_REASON, _NOT_NOW = _("请写明原因"), _("状态变了，或别人先处理了，请刷新再看")
STOCK_FAULTS: dict[StockFault, Any] = {
    StockFault.NO_REASON: _NO_REASON,
    StockFault.SHOP_UNKNOWN: _("没有这家门店"),
    StockFault.MODEL_UNKNOWN: _("型号库里没有这个型号"),
    StockFault.PROFILE_UNKNOWN: _("这个型号不支持所选的接入方式"),
    StockFault.PHONE: _("手机号不对"),
    StockFault.ADDRESS: _("地址要 1 到 120 个字"),
    StockFault.ORDER_UNKNOWN: _("没有这张订单"),
    StockFault.DEVICE_UNKNOWN: _("没有这个序列号"),
    StockFault.NONE_IN_STOCK: _("这个型号没有库存了"),
    StockFault.OTHER_MODEL: _("序列号是别的型号"),
    StockFault.PAPERS_MISSING: _("还没有这个商户的执照和账户：先通过进件，或由审核员补录"),
    StockFault.NUMBER: _("没有可用的终端号"),
    StockFault.NOT_NOW: _NOT_NOW,
}
RECEIPT_FAULTS: dict[ReceiptFault, Any] = {
    ReceiptFault.NO_REASON: _NO_REASON,
    ReceiptFault.NOTE: _("请写送货单号，最多 60 个字"),
    ReceiptFault.EMPTY: _("清单里一台也没有"),
    ReceiptFault.TOO_LONG: _("一次最多 2000 台，请分几次"),
    ReceiptFault.OVERTAKEN: _("别人刚刚收了其中几台，请刷新再看"),
}
LINE_FAULTS: dict[LineFault, Any] = {
    LineFault.UNREADABLE: _("这一行不是“序列号,型号”"),
    LineFault.SERIAL_WRONG: _("序列号的写法不对"),
    LineFault.MODEL_UNKNOWN: _("型号库里没有这个型号"),
    LineFault.TWICE: _("同一份清单里写了两次"),
    LineFault.KNOWN: _("这个序列号已经在系统里，请核对实物"),
}
PARCEL_FAULTS: dict[ParcelFault, Any] = {
    ParcelFault.NO_REASON: _NO_REASON,
    ParcelFault.ORDER_UNKNOWN: _("没有这张订单"),
    ParcelFault.NOT_PACKED: _("还没有装箱"),
    ParcelFault.COURIER: _("快递没有接单，或运单号不对"),
    ParcelFault.PARCEL_UNKNOWN: _("没有这个包裹，或不是这家快递的"),
    ParcelFault.PLACE: _("地点最多 60 个字"),
    ParcelFault.NOT_NOW: _NOT_NOW,
}
PAPERS_FAULTS: dict[PapersFault, Any] = {
    PapersFault.NO_REASON: _NO_REASON,
    PapersFault.MERCHANT_UNKNOWN: _("没有这个商户"),
    PapersFault.LICENCE: _("不是统一社会信用代码，也不是身份证号"),
    PapersFault.ACCOUNT: _("账号要 6 到 34 位数字或字母"),
    PapersFault.IN_THE_FUTURE: _("通过的日期不能在将来"),
}
CHANGE_FAULTS: dict[ChangeFault, Any] = {
    ChangeFault.NO_REASON: _NO_REASON,
    ChangeFault.TERMINAL_UNKNOWN: _("这台终端不是从这里装箱的"),
    ChangeFault.SHOP_UNKNOWN: _("没有这家门店"),
    ChangeFault.ADDRESS: _("地址要 1 到 120 个字"),
    ChangeFault.UNCHANGED: _("和现在一样，没有要改的"),
    ChangeFault.WAITING: _("已有一项改动在等复核"),
    ChangeFault.NOT_WAITING: _("没有等复核的改动"),
    ChangeFault.SAME_PERSON: _("要由另一个人来做"),
    ChangeFault.NOT_NOW: _NOT_NOW,
}
REPORT_FAULTS: dict[ReportFault, Any] = {
    ReportFault.NO_REASON: _NO_REASON,
    ReportFault.TERMINAL_UNKNOWN: _("这台终端不是从这里装箱的"),
    ReportFault.REFERENCE: _("请写报备编号，最多 60 个字"),
    ReportFault.NOT_NOW: _NOT_NOW,
}
ACTIVATION_FAULTS: dict[ActivationFault, tuple[Any, Any]] = {
    ActivationFault.LESSON_MISSING: (_("请先完成入门课"), _("两分钟，六道题，全对才能激活。")),
    ActivationFault.NOT_MATCHED: (
        _("序列号、激活码和手机号对不上"),
        _("请照机身背面和装箱单重新输入。试错五次激活码就作废，要联系我们换新的。"),
    ),
    ActivationFault.PAPERS_MISSING: (_("资料还不齐，不能激活"), _("请联系我们核对执照、账户和地址。")),
    ActivationFault.NOT_NOW: (_("现在不能激活这台机器"), _("它可能已经激活，或状态刚刚变了；请看终端页，或联系我们。")),
}
