"""People who can sign in: a cashier without a second factor, a manager and an administrator with one."""

from __future__ import annotations

import functools

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from xiaopos.store.people.models import User
from xiaopos.web.accounts.sealing import seal_second_factor

PASSWORD = "a long enough password"
SECRET = b"12345678901234567890"
TEA = "898110058120001"
APPROVAL = "246810"

hashed = functools.cache(make_password)  # argon2 is slow on purpose


def person(username, role, merchant_id="", *, second_factor=True, **more):
    return User.objects.create(
        username=username,
        password=hashed(PASSWORD),
        name_zh=username,
        name_en=username,
        role=role,
        merchant_id=merchant_id,
        second_factor=seal_second_factor(SECRET, username) if second_factor else "",
        **more,
    )


@pytest.fixture
def people(db):
    return {
        "zhou": person("zhou", "cashier", TEA, second_factor=False),
        "lin": person("lin", "manager", TEA, approval_code=hashed(APPROVAL), is_demo=True),
        "chen": person("chen", "owner", "898110058120002", approval_code=hashed("135790")),
        "gao": person("gao", "administrator"),
    }


@pytest.fixture
def browser(people):
    return Client(enforce_csrf_checks=False)
