"""What the house sees of an application besides what it says itself, on the rows that keep it."""

from __future__ import annotations

import pytest

from support.applicants import AT, COMPANY, HE, PERSON, Office, a_picture
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.risk.rings.likeness import HEIGHT, WIDTH
from xiaopos.risk.rings.traits import TraitKind
from xiaopos.risk.screening.matching import ListedKind
from xiaopos.store.rings.book import TraitRows
from xiaopos.usecases.import_screening_list import ListVersion, import_list
from xiaopos.usecases.keep_documents import NewPicture, take_in
from xiaopos.usecases.review_application import ReviewFault, approve
from xiaopos.usecases.see_risk import subjects_of
from xiaopos.web.pictures import TypstRedrawer

IDS = ("11010519491231002X", "310101199003071238", "310101199003071254", "310101199003071270", "440524188001010014")
DOOR = "0f0f0f0f0f0f0f0f"
LISTED = "number,kind,name,aliases,id,birthday,reason\n1,person,林曉,,,1949-12-31,fraud\n2,company,梧桐书店有限公司,,,,unpaid\n"


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def with_check(first: str) -> str:
    """A resident id by its first 17 digits."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True)) % 11]


def papers(place: int, **more: str) -> dict[Field, str]:
    """Papers of somebody else: another person, card and address, but what is said otherwise."""
    own = {
        Field.PERSON_NAME: "王李张赵孙周"[place],
        Field.RESIDENT_ID: with_check(f"3101011990030712{place}"),
        Field.CARD_NUMBER: f"622202123456789{place:04d}",
        Field.SHOP_ADDRESS: f"上海市浦东新区柳巷 {place + 20} 号",
    }
    return own | {Field(name): text for name, text in more.items()}


def applies(office: Office, place: int, **shared: str) -> str:
    """One more applies, who shares something with those before."""
    office.later(hours=1)
    return office.applies(papers=papers(place, **shared), phone=f"1380000010{place}")


def test_those_who_share_an_account_are_a_ring_however_they_write_their_address(office: Office) -> None:
    first, *_, last = (applies(office, place, card_number="6222021234567890128") for place in range(4))
    found = office.standing(last)
    assert "ring account" in found.risk.reasons
    assert found.risk.score >= 600
    assert office.standing(first).risk.score >= 600, "what came later counts for whoever was first"
    finding = office.rings.find(found.application, found.values, office.at)
    assert (finding.is_ring, finding.subjects, len(finding.ties)) == (True, 4, 6)
    office.takes(last)
    office.calls(last)
    assert office.approves(last) is ApplicationState.SECOND_REVIEW
    assert TraitRows().finding(last) is not None


def test_one_who_applies_for_two_shops_is_no_ring(office: Office) -> None:
    office.applies()
    second = office.applies(papers={Field.SHOP_ADDRESS: "浦东柳巷9号"}, phone="13800000009")
    assert not any(reason.startswith("ring") for reason in office.standing(second).risk.reasons)


def test_an_address_is_one_however_it_begins(office: Office) -> None:
    for place, address in enumerate(("上海市浦东新区柳巷 8 号", "浦东新区柳巷八号", "上海浦东柳巷8号")):
        last = applies(office, place, shop_address=address)
    standing = office.standing(last)
    finding = office.rings.find(standing.application, standing.values, office.at)
    shared = {shared.trait.kind for tie in finding.ties for shared in tie.shared}
    assert not finding.is_ring, "an address alone says little"
    assert shared <= {TraitKind.ADDRESS}
    trait = next(
        trait
        for each in office.rings.book.applicants([last])
        for trait in each.traits
        if trait.kind is TraitKind.ADDRESS
    )
    assert office.rings.book.holders([trait], 9, {})[trait].count == 3


def test_one_picture_of_a_door_sent_by_three_people_ties_them(office: Office) -> None:
    for place in range(3):
        office.later(hours=1)
        last = office.begins(phone=f"1380000010{place}")
        office.fills_in(last, papers(place))
        office.sends(last, Field.DOOR_PICTURE, f"{int(DOOR, 16) ^ place:016x}")
        office.hands_in(last)
    assert "ring picture" in office.standing(last).risk.reasons


def test_what_a_picture_is_like_is_kept_of_shops_alone(office: Office) -> None:
    number, drawer = office.begins(Kind.SOLE), TypstRedrawer()
    for field, known in ((Field.DOOR_PICTURE, True), (Field.ID_FRONT, False)):
        taken = take_in(
            number, field, a_picture(), AT, office.desk, pictures=office.pictures, scanner=None, redrawer=drawer
        )
        assert isinstance(taken, NewPicture), taken
        assert bool(taken.likeness) is known
        assert len(drawer.grey(taken.content)) == WIDTH * HEIGHT
    assert office.pictures.likenesses(number) == {"0" * 16}


def test_somebody_on_a_list_is_seen_in_any_writing_and_decided_by_two(office: Office) -> None:
    listed = import_list("名单", LISTED.encode(), HE, AT, book=office.lists, make_id=office.new_id)
    assert isinstance(listed, ListVersion)
    number = office.applies()
    risk = office.standing(number).risk
    assert (risk.score, "listed certain" in risk.reasons) == (1000, True), "the same name, the same birthday"
    found = office.lists.found(number)
    assert found is not None
    assert [hit.shown for hit in found.hits] == ["林曉"]
    company = office.applies(Kind.COMPANY)
    assert "listed possible" in office.standing(company).risk.reasons
    office.takes(number)
    office.calls(number)
    assert office.approves(number) is ApplicationState.SECOND_REVIEW
    assert approve(number, HE, office.at, office.desk) is ReviewFault.SAME_PERSON


def test_an_applicant_learns_nothing_of_it_and_is_asked_for_nothing_more(office: Office) -> None:
    import_list("名单", LISTED.encode(), HE, AT, book=office.lists, make_id=office.new_id)
    number = office.begins()
    office.fills_in(number)
    standing = office.standing(number)
    assert not any(reason.startswith(("ring", "listed")) for reason in standing.risk.reasons)
    assert office.lists.found(number) is None


def test_what_was_kept_of_it_can_be_forgotten(office: Office) -> None:
    import_list("名单", LISTED.encode(), HE, AT, book=office.lists, make_id=office.new_id)
    number = office.applies()
    for view in office.desk.views:
        view.forget(number)
    assert not office.rings.book.applicants([number])
    assert office.lists.found(number) is None


def test_everybody_behind_an_application_is_screened() -> None:
    found = subjects_of(COMPANY | {Field.OWNERS: "周, 美；吴"})
    assert [(each.kind, each.names) for each in found] == [
        (ListedKind.PERSON, ("吴",)),
        (ListedKind.COMPANY, ("梧桐书店有限公司",)),
        *((ListedKind.PERSON, (name,)) for name in "周美吴"),
    ]
    assert found[0].codes == (PERSON[Field.RESIDENT_ID],)
    assert subjects_of({}) == []
