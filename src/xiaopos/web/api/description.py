"""The API described: the OpenAPI 3.1 document and what the readable page shows, both drawn from the table and the structs.

What may live here: turning structs into schemas, translating meanings. What may not: an operation, a field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext as in_their_words  # for texts that are marked where they stand
from django.utils.translation import gettext_lazy as _

from xiaopos import __version__
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.states import State
from xiaopos.web.api import repeats, shapes
from xiaopos.web.api.operations import OPERATIONS, Operation
from xiaopos.web.api.problems import status_of
from xiaopos.web.words import reason_words, state_words

Json = dict[str, Any]

SERVER = "/api/v1"
_REF = "#/components/schemas/{name}"

MEANINGS: dict[str, Any] = {
    "NewPayerCodePayment": _("扫顾客的付款码收款"),
    "NewShopCodePayment": _("让顾客扫店家的收款码"),
    "NewRefund": _("退款请求"),
    "NewCapture": _("预授权完成请求"),
    "NewVoid": _("撤销请求"),
    "Payment": _("一笔收款、撤销或退款，与账上一致"),
    "PaymentPage": _("一个营业日的一页交易"),
    "Why": _("没有成功的原因"),
    "Problem": _("请求没有执行的原因（RFC 9457）"),
    "FieldProblem": _("一个有误的字段"),
    "Reason": _("原因的固定名称"),
    "State": _("交易的状态"),
    "Kind": _("交易的种类"),
    "Method": _("付款方式"),
    "MoneyMoved": _("是否动钱"),
}

ANSWERS: dict[int, Any] = {
    200: _("已办好"),
    201: _("结果已知：看 state 和 why"),
    202: _("还在进行：稍后用同一个号查询，或原样重发"),
    400: _("请求内容有误"),
    401: _("密钥缺失或无效"),
    403: _("密钥没有这项权限，或商户、终端已停用"),
    404: _("没有这笔交易"),
    409: _("与已有的交易冲突"),
    413: _("请求太长"),
    415: _("请求不是 JSON"),
    422: _("看懂了，但不能这样办"),
    429: _("这把密钥调用太频繁：等 Retry-After 所说的秒数"),
    500: _("系统故障"),
    503: _("暂时无法受理，或结果未知：用同一个号原样重发"),
}


ABOUT_LIMITS: dict[str, Any] = {
    "RateLimit-Policy": _("这把密钥的限额：w 秒内 q 次"),
    "RateLimit": _("还可以马上调用 r 次；t 秒后恢复全部"),
}


def server() -> str:
    """The path under which every operation is."""
    return SERVER


def document() -> Json:
    """The OpenAPI 3.1 document in the current language."""
    roots = _roots()
    schemas, components = msgspec.json.schema_components([*roots, shapes.Problem], ref_template=_REF)
    schema_of = dict(zip((id(root) for root in roots), schemas, strict=False))
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schema_of)
    whole: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": gettext("小POS 接口"),
            "version": __version__,
            "description": gettext("供商户自己的收银系统使用。每个请求带上密钥；金额一律以最小货币单位计。"),
        },
        "servers": [{"url": SERVER}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": _told(components),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": gettext("商户的接口密钥")}},
        },
    }
    return {name: _translated(part) for name, part in whole.items()}


def _roots() -> list[Any]:
    roots: list[Any] = []
    for operation in OPERATIONS:
        roots += [shape for shape in (operation.body, operation.query, operation.gives) if shape is not None]
    return roots


def _told(components: Json) -> Json:
    """The components without what only this source says, with what people read instead."""
    return {
        name: {**schema, "description": str(MEANINGS[name])} for name, schema in components.items() if name in MEANINGS
    }


def _translated(node: Any) -> Any:
    """The document with the meanings of fields in the current language."""
    if isinstance(node, dict):
        return {
            key: in_their_words(value)
            if key == "description" and isinstance(value, str) and value
            else _translated(value)
            for key, value in node.items()
        }
    return [_translated(item) for item in node] if isinstance(node, list) else node


def _operation(operation: Operation, schema_of: dict[int, Any]) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": str(operation.title),
        "description": str(operation.about),
        "security": [{"key": [operation.scope.value]}],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": {str(status): _answer(status, operation, schema_of) for status in sorted(statuses(operation))},
    }
    if operation.body is not None:
        content = {"application/json": {"schema": schema_of[id(operation.body)]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def statuses(operation: Operation) -> Iterator[int]:
    """Every status with which an operation may answer."""
    yield operation.done
    if operation.waits:
        yield 202
    if operation.method == "POST" or operation.query is not None:
        yield 400
    yield from (401, 403)
    if "{" in operation.path:
        yield 404
    if operation.waits:
        yield from (409, 422)
    if operation.body is not None:
        yield from (413, 415)
    yield from (429, 500, 503)


def _answer(status: int, operation: Operation, schema_of: dict[int, Any]) -> Json:
    fine = status < 300
    schema = schema_of[id(operation.gives)] if fine else {"$ref": _REF.format(name="Problem")}
    answer: Json = {
        "description": str(ANSWERS[status]),
        "content": {"application/json" if fine else "application/problem+json": {"schema": schema}},
    }
    if status not in (401, 403):
        answer["headers"] = {name: _header(ABOUT_LIMITS[name]) for name in ABOUT_LIMITS}
    if fine and operation.waits:
        answer["headers"]["Location"] = _header(_("这笔交易的地址"))
    if status in (429, 503):
        answer.setdefault("headers", {})["Retry-After"] = _header(_("等几秒再来"))
    return answer


def _header(about: Any) -> Json:
    return {"description": str(about), "schema": {"type": "string"}}


def _path_parameters(operation: Operation) -> Iterator[Json]:
    if "{payment_id}" in operation.path:
        schema = msgspec.json.schema(shapes.PaymentId)
        meaning = schema.pop("description")
        yield {"name": "payment_id", "in": "path", "required": True, "description": meaning, "schema": schema}


def _query_parameters(operation: Operation) -> Iterator[Json]:
    if operation.query is None:
        return
    _top, components = msgspec.json.schema_components([operation.query])
    query = components[operation.query.__name__]
    for name, schema in query["properties"].items():
        plain = next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)
        meaning = plain.pop("description")
        plain.pop("default", None)
        required = name in query.get("required", ())
        yield {"name": name, "in": "query", "required": required, "description": meaning, "schema": plain}


def _header_parameters(operation: Operation) -> Iterator[Json]:
    if operation.method == "POST":
        meaning = gettext("这个请求的名字，由调用方起：同名同内容的重发在 24 小时内得到一字不差的同一回答；可不填")
        schema = {"type": "string", "pattern": repeats.FORM}
        yield {"name": repeats.HEADER, "in": "header", "required": False, "description": meaning, "schema": schema}


def page(base: str) -> Json:
    """What the readable page shows, in the current language."""
    whole = document()
    return {
        "base": base,
        "operations": [_on_page(operation, whole) for operation in OPERATIONS],
        "schemas": [
            {
                "name": name,
                "meaning": schema["description"],
                "fields": list(_fields(schema)),
                "words": schema.get("enum"),
            }
            for name, schema in whole["components"]["schemas"].items()
            if name not in ("Reason", "State")
        ],
        "states": [(state.value, state_words(state)) for state in State],
        "reasons": [(reason.value, status_of(reason), reason_words(reason)) for reason in Reason],
    }


def _on_page(operation: Operation, whole: Json) -> Json:
    described = whole["paths"][operation.path][operation.method.lower()]
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = [
        (status, answer["description"], _form(next(iter(answer["content"].values()))["schema"]))
        for status, answer in described["responses"].items()
    ]
    return {
        "operation": operation,
        "path": SERVER + operation.path,
        "parameters": [
            (one["name"], _form(one["schema"]), one["required"], one["description"]) for one in described["parameters"]
        ],
        "bodies": [_name_of(part["$ref"]) for part in body.get("anyOf", [body]) if part],
        "answers": answers,
    }


def _fields(schema: Json) -> Iterator[tuple[str, str, bool, str]]:
    """Name, form, whether it must be there, meaning."""
    for name, field in schema.get("properties", {}).items():
        yield name, _form(field), name in schema.get("required", ()), field.get("description", "")


def _name_of(ref: str) -> str:
    return ref.rpartition("/")[2]


def _form(schema: Json) -> str:
    """A schema in a few words: `string date`, `integer 1..100`, `Payment`, `array of Payment`, `string or null`."""
    if "anyOf" in schema:
        return " | ".join(_form(part) for part in schema["anyOf"])
    for key in ("$ref", "allOf"):
        if key in schema:
            return _name_of(schema[key]) if key == "$ref" else _form(schema[key][0])
    if "enum" in schema:
        return " | ".join(f'"{word}"' for word in schema["enum"])
    if schema["type"] == "array":
        return f"[{_form(schema['items'])}]"
    bounds = f"{schema.get('minimum', '')}..{schema.get('maximum', '')}"
    return " ".join(
        part
        for part in (schema["type"], schema.get("format", ""), schema.get("pattern", ""), bounds)
        if part not in ("", "..")
    )
