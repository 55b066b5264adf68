"""The description fits the API, in both languages, for programs and for people."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from django.utils import translation

from support.api_counter import Counter
from xiaopos.kernel.refusal import Reason
from xiaopos.web.api import description
from xiaopos.web.api.operations import OPERATIONS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words(node: Any) -> list[str]:
    """Every title, summary and description of a document."""
    if isinstance(node, dict):
        own = [value for key, value in node.items() if key in ("description", "summary") and isinstance(value, str)]
        return own + [word for value in node.values() for word in words(value)]
    return [word for item in node for word in words(item)] if isinstance(node, list) else []


def test_every_operation_and_every_shape_is_described(counter: Counter) -> None:
    document = counter.client.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    described = {one["operationId"] for path in document["paths"].values() for one in path.values()}
    assert described == {one.name for one in OPERATIONS}
    assert set(document["components"]["schemas"]) == set(description.MEANINGS)


def test_every_schema_is_a_schema() -> None:
    for schema in description.document()["components"]["schemas"].values():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_the_description_is_whole_in_both_languages() -> None:
    with translation.override("zh-hans"):
        chinese = words(description.document())
    with translation.override("en"):
        english = words(description.document())
    assert len(chinese) == len(english) > 100
    assert all(CHINESE.search(word) for word in chinese)
    assert [word for word in english if CHINESE.search(word)] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_shows_every_operation_and_every_reason(counter: Counter, language: str) -> None:
    response = counter.client.get("/api/", headers={"Accept-Language": language})
    page = response.content.decode()
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in page
    for reason in Reason:
        assert f'id="reason-{reason.value}"' in page
    for target in re.findall(r'href="#([^"]+)"', page):
        assert target == "main" or f'id="{target}"' in page
    assert "//cdn" not in page
    own_words = page[page.index("<article") : page.index('id="states"')]
    assert bool(CHINESE.search(own_words)) == (language == "zh-CN")


def test_the_description_is_only_read(counter: Counter) -> None:
    assert counter.client.post("/api/openapi.json").status_code == 405
