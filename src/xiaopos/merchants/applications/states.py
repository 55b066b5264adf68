"""The life of an application.

What may live here: the states, the events, the table. What may not: anything else. Who may do what, and what must be known before
it, is usecases.review_application's.
"""

from __future__ import annotations

from enum import Enum

from xiaopos.kernel.machine import Machine


class ApplicationState(Enum):
    """Where an application is."""

    DRAFT = "draft"
    """The applicant is writing it."""
    SUBMITTED = "submitted"
    """Waits in the queue."""
    IN_REVIEW = "in_review"
    """Somebody has taken it from the queue."""
    CALL_DUE = "call_due"
    """Somebody must call the applicant before it is decided."""
    RETURNED = "returned"
    """Parts of it are with the applicant, each with a reason."""
    SECOND_REVIEW = "second_review"
    """One person would approve it; another must, too."""
    APPROVED = "approved"
    """The merchant is made."""
    REFUSED = "refused"
    """For a reason; the applicant may appeal."""
    APPEALED = "appealed"
    """Another person looks at the refusal."""
    UPHELD = "upheld"
    """The refusal stands."""
    WITHDRAWN = "withdrawn"
    """The applicant took it back."""
    EXPIRED = "expired"
    """The applicant did not go on in time."""


class ApplicationEvent(Enum):
    """What happens to an application."""

    SUBMIT = "submit"
    """The applicant hands it in, or hands the returned parts in again."""
    TAKE = "take"
    PUT_BACK = "put_back"
    """Whoever took it gives it back to the queue."""
    PLAN_CALL = "plan_call"
    CALL = "call"
    """The call was made, or given up."""
    RETURN = "return"
    PASS_ON = "pass_on"
    """One person would approve it: on to a second."""
    SEND_BACK = "send_back"
    """The second person wants it looked at again."""
    APPROVE = "approve"
    REFUSE = "refuse"
    APPEAL = "appeal"
    REOPEN = "reopen"
    """The appeal was right."""
    UPHOLD = "uphold"
    """The appeal was not."""
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


_S, _E = ApplicationState, ApplicationEvent

APPLICATION_LIFE: Machine[ApplicationState, ApplicationEvent] = Machine(
    "application",
    starts=_S.DRAFT,
    table={
        (_S.DRAFT, _E.SUBMIT): _S.SUBMITTED,
        (_S.DRAFT, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.DRAFT, _E.EXPIRE): _S.EXPIRED,
        (_S.SUBMITTED, _E.TAKE): _S.IN_REVIEW,
        (_S.SUBMITTED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.IN_REVIEW, _E.PUT_BACK): _S.SUBMITTED,
        (_S.IN_REVIEW, _E.PLAN_CALL): _S.CALL_DUE,
        (_S.IN_REVIEW, _E.RETURN): _S.RETURNED,
        (_S.IN_REVIEW, _E.PASS_ON): _S.SECOND_REVIEW,
        (_S.IN_REVIEW, _E.APPROVE): _S.APPROVED,
        (_S.IN_REVIEW, _E.REFUSE): _S.REFUSED,
        (_S.IN_REVIEW, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.CALL_DUE, _E.CALL): _S.IN_REVIEW,
        (_S.CALL_DUE, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.RETURNED, _E.SUBMIT): _S.SUBMITTED,
        (_S.RETURNED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.RETURNED, _E.EXPIRE): _S.EXPIRED,
        (_S.SECOND_REVIEW, _E.SEND_BACK): _S.SUBMITTED,
        (_S.SECOND_REVIEW, _E.APPROVE): _S.APPROVED,
        (_S.SECOND_REVIEW, _E.REFUSE): _S.REFUSED,
        (_S.SECOND_REVIEW, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.REFUSED, _E.APPEAL): _S.APPEALED,
        (_S.APPEALED, _E.REOPEN): _S.SUBMITTED,
        (_S.APPEALED, _E.UPHOLD): _S.UPHELD,
        (_S.APPEALED, _E.WITHDRAW): _S.WITHDRAWN,
    },
)

WITH_US = frozenset({_S.SUBMITTED, _S.IN_REVIEW, _S.CALL_DUE, _S.SECOND_REVIEW, _S.APPEALED})
"""Where the applicant waits for us: the queue, each with a time by which something happens."""
WITH_APPLICANT = frozenset({_S.DRAFT, _S.RETURNED})
"""Where we wait for the applicant."""
