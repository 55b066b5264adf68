"""Reading the customer's code from a picture, for browsers that cannot do it themselves.

What may live here: the picture's size and reading it. What may not: keeping pictures, taking payments. A picture is the grey
values of its points, row by row; it stays in memory until it is read, and nothing of it is written anywhere.
"""

from __future__ import annotations

import threading

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from xiaopos.merchants.roles import Permission
from xiaopos.web.access import requires

WIDEST, TALLEST, SMALLEST = 800, 800, 40
"""Points. A phone's camera gives more; the page makes it smaller before it sends it."""
LONGEST_CODE = 64
AT_ONCE = 2
_at_work = threading.BoundedSemaphore(AT_ONCE)


@sensitive_variables()
@requires(Permission.TAKE_PAYMENT)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """The code in the picture, empty when there is none to be read. 429 when too many pictures are being read: try the next."""
    width, height = _side(request, "w", WIDEST), _side(request, "h", TALLEST)
    if not width or not height or len(request.body) != width * height:
        return JsonResponse({"code": ""}, status=400)
    if not _at_work.acquire(blocking=False):
        return JsonResponse({"code": ""}, status=429)
    try:
        return JsonResponse({"code": code_in(request.body, width, height)})
    finally:
        _at_work.release()


def _side(request: HttpRequest, name: str, most: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 and SMALLEST <= int(text) <= most else 0


def code_in(points: bytes, width: int, height: int) -> str:
    """The first QR code or Code 128 in a picture of grey values; empty when there is none, or none that a payer could show."""
    import zxingcpp  # a quarter of a megabyte of tables: only where it is needed

    picture = memoryview(points).cast("B", shape=(height, width))
    formats = zxingcpp.barcode_formats_from_str("QRCode,Code128")
    found = zxingcpp.read_barcodes(picture, formats=formats)
    return next((one.text for one in found if one.valid and 0 < len(one.text) <= LONGEST_CODE), "")
