"""A day's takings: hours are the merchant's own, the business day begins at the cut-over, the drawing fits."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from support.desk_town import Town
from support.world import NOODLES, TEA
from xiaopos.kernel.money import Money
from xiaopos.payments.payment import Method
from xiaopos.store.merchants.models import MerchantTerms
from xiaopos.store.merchants.queries import currency_of, merchant_facts, merchant_names
from xiaopos.store.payments.portal_queries import DayTakings, day_takings, one_payment
from xiaopos.store.people.staff_queries import people_of
from xiaopos.web.pages.merchant.chart import FALL, RISE, WIDTH, chart

DAY = date(2026, 3, 14)
NOON = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def takings(
    *, now: datetime = NOON, zone: ZoneInfo = ZONE, cut_over_hour: int = 24, currency: str = "CNY"
) -> DayTakings:
    return day_takings(TEA, DAY, now=now, zone=zone, cut_over_hour=cut_over_hour, currency=currency)


def test_hours_are_local_and_begin_at_the_cut_over(town: Town):
    town.approved(10_00, at=datetime(2026, 3, 13, 16, 30, tzinfo=UTC))
    town.approved(20_00, at=datetime(2026, 3, 14, 3, 59, 59, tzinfo=UTC))
    town.approved(5_00, at=datetime(2026, 3, 13, 3, 0, tzinfo=UTC))
    town.approved(6_00, at=datetime(2026, 3, 13, 8, 0, tzinfo=UTC))
    town.approved(99_00, merchant_id=NOODLES, at=NOON)
    day = takings()
    assert {hour.hour: hour.today.sales.minor for hour in day.hours if hour.today.sales_count} == {0: 10_00, 11: 20_00}
    assert {hour.hour: hour.before.sales.minor for hour in day.hours if hour.before.sales_count} == {11: 5_00, 16: 6_00}
    assert (day.today.sales, day.before.sales, day.before_so_far.sales) == (Money(30_00), Money(11_00), Money(5_00))
    assert [hour.hour for hour in takings(cut_over_hour=23).hours][:3] == [23, 0, 1]


def test_another_zone_sees_other_hours(town: Town):
    town.approved(10_00, at=NOON)
    day = takings(zone=ZoneInfo("Europe/Berlin"))
    assert {hour.hour for hour in day.hours if hour.today.sales_count} == {5}


def test_only_what_stands_counts_and_refunds_are_beside(town: Town):
    sale = town.approved(10_00, at=NOON, method=Method.SHOP_CODE)
    town.refunded(sale, 3_00)
    town.voided(town.approved(4_00, at=NOON))
    town.declined(5_00, at=NOON)
    town.unknown(6_00, at=NOON)
    day = takings()
    assert (day.today.sales, day.today.sales_count) == (Money(10_00), 1)
    assert (day.today.refunds, day.today.refunds_count) == (Money(3_00), 1)
    assert day.today.net == Money(7_00)
    assert dict(day.methods)[Method.SHOP_CODE].net == Money(7_00)
    assert dict(day.methods)[Method.CARD].sales_count == 0
    assert takings(currency="HKD").today.sales_count == 0


def test_the_sum_of_hours_and_of_methods_is_the_day(town: Town):
    for number, method in enumerate((Method.CARD, Method.PAYER_CODE, Method.SHOP_CODE)):
        town.approved(1_00 + number, at=NOON.replace(hour=number), method=method)
    day = takings()
    total = day.today
    for parts in ([hour.today for hour in day.hours], [part for _, part in day.methods]):
        summed = parts[0]
        for part in parts[1:]:
            summed = summed + part
        assert summed == total


def test_the_drawing_fits_its_box_and_shows_the_smallest_sale(town: Town):
    town.approved(1, at=NOON)
    town.approved(10_000_00, at=NOON.replace(hour=2))
    town.refunded(town.approved(9_000_00, at=NOON.replace(hour=3)), 9_000_00)
    drawing = chart(takings().hours)
    for column in drawing.columns:
        assert 0 <= column.x <= column.inner_x < column.middle < column.x + column.width <= WIDTH
        assert column.inner_width > 0
        for y, height in (column.before, column.today):
            assert y >= 0
            assert y + height == RISE
        assert column.refunds[1] <= FALL
    heights = {column.hour.hour: column.today[1] for column in drawing.columns}
    assert (heights[12], heights[10]) == (2, RISE)
    assert [column.refunds[1] for column in drawing.columns if column.refunds[1]] == [FALL]
    assert sum(column.labelled for column in drawing.columns) == 8


def test_a_drawing_of_nothing(town: Town):
    assert {column.today[1] for column in chart(takings().hours).columns} == {0}
    assert chart(()).columns == ()


def test_terms_give_the_currency_and_nobody_has_no_staff(town: Town):
    MerchantTerms.objects.create(
        merchant_id=TEA, valid_from=date(2026, 3, 15), plan_id="standard", currency="HKD", payment_limit_minor=1,
        author="qian", approver="gao",
    )  # fmt: skip
    assert (currency_of(TEA, DAY), currency_of(TEA, date(2026, 3, 15))) == ("CNY", "HKD")
    assert currency_of(TEA, date(2025, 1, 1)) == "CNY"
    assert people_of("") == ()
    assert merchant_facts("0") is None
    assert merchant_names([]) == {}
    assert one_payment(TEA, "0") is None
