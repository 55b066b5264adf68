"""Words and tables of portal and console at their edges."""

from __future__ import annotations

import pytest

from xiaopos.web import audit_words, stories
from xiaopos.web.pages.tables import csv_file
from xiaopos.web.templatetags import desk


@pytest.mark.parametrize(
    ("word", "name"),
    [
        (stories.job_words, "new_job"),
        (stories.entry_words, "new_entry"),
        (stories.account_words, "equity:capital"),
        (stories.account_kind_words, "new_kind"),
        (stories.capability_words, "new_thing"),
        (stories.discrepancy_words, "new_difference"),
        (audit_words.action_words, "new_action"),
    ],
)
def test_a_name_without_a_word_stays_as_it_is(word, name):
    assert word(name) == name


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@name", "'@name"),
        ("+86", "'+86"),
        ("-5.00", "-5.00"),
        ("--5", "--5"),
        ("-name", "'-name"),
        (None, ""),
        (7, "7"),
        ('say "hi", you', '"say ""hi"", you"'),
    ],
)
def test_a_cell_is_never_run(cell, written):
    content = b"".join(csv_file("name", ["head"], [[cell]])).decode("utf-8-sig")
    assert content.splitlines()[1] == (written or '""')


def test_shares_and_names():
    assert (desk.permille(666), desk.permille(None), desk.percent(3_800)) == ("66.6 %", "-", "0.38 %")
    assert desk.named(None, "8981") == "8981"
    assert desk.profile_words(None) == ""
