"""What QR codes say: the code a shop shows, the code a payer shows.

What may live here: their texts, read and written. What may not: pictures (web draws them), calling a wallet.

    merchant_presented   the shop's code by EMVCo: built, read, checked      shop_tags       its tags
    unionpay_account     UnionPay's merchant account in it (tags 15, 16)
    consumer_presented   the payer's code of card apps, base64 of chip data
    payment_codes        the payer's row of digits: to which wallet          payment_codes.toml   the rows

>>> from xiaopos.wire.qr.merchant_presented import DataObject, build, template
>>> account = template("26", [DataObject("00", "cn.example.pay"), DataObject("01", "898320154110001")])
>>> shop = build(accounts=[account], category="5499", name="XIAOLIN TEA", city="HANGZHOU", local=("ZH", "小林茶铺"))
>>> shop.text()[-8:-4], shop.value("64", "01"), shop.dynamic
('6304', '小林茶铺', False)
"""
