"""The rows of the tag dictionary, as text: a table to read and to compare with the standards' own.

What may live here: rows. What may not: anything else; what the columns mean is said in `dictionary`.

    tag | format | bytes | from C card T terminal I issuer P parameters | templates | E EMV P PBOC S scheme ? memory | zh | en
"""

from __future__ import annotations

ROWS = """
42   | n   | 3      | C | BF0C 73  | E | 发卡行标识号码 | issuer identification number (IIN)
4F   | b   | 5-16   | C | 61       | E | 应用标识符(卡片) | application identifier (card)
50   | ans | 1-16   | C | 61 A5    | E | 应用标签 | application label
56   | ans | 0-76   | C | 70 77    | E | 磁道1数据 | track 1 data
57   | b   | 0-19   | C | 70 77 61 | E | 磁道2等效数据 | track 2 equivalent data
5A   | cn  | 0-10   | C | 70 77 62 | E | 应用主账号 | application PAN
5D   | b   | 5-16   | C | 61       | P | 目录定义文件名称 | directory definition file name
61   | var | 0-252  | C | 70 BF0C  | E | 应用模板 | application template
62   | var | 0-252  | C |          | E | 通用数据模板(CPM) | common data template (CPM)
63   | var | 0-252  | C | 61       | E | 应用专用透明模板(CPM) | application specific transparent template (CPM)
64   | var | 0-252  | C | 62       | E | 通用透明模板(CPM) | common data transparent template (CPM)
6F   | var | 0-252  | C |          | E | 文件控制信息模板 | FCI template
70   | var | 0-252  | C |          | E | 应用基本数据模板(记录) | record template
71   | var | 0-252  | I |          | E | 发卡行脚本模板1 | issuer script template 1 (before the second GENERATE AC)
72   | var | 0-252  | I |          | E | 发卡行脚本模板2 | issuer script template 2 (after the second GENERATE AC)
73   | var | 0-252  | C | 61       | E | 目录自定义模板 | directory discretionary template
77   | var | 0-252  | C |          | E | 响应报文模板格式2 | response message template format 2
80   | var | 0-252  | C |          | E | 响应报文模板格式1 | response message template format 1
81   | b   | 4      | T |          | E | 授权金额(二进制) | amount, authorised (binary)
82   | b   | 2      | C | 77 80    | E | 应用交互特征 | application interchange profile
83   | b   | 0-252  | T |          | E | 命令模板 | command template
84   | b   | 5-16   | C | 6F       | E | 专用文件名称 | dedicated file name
85   | an  | 5      | C |          | E | 载荷格式指示符(CPM) | payload format indicator (CPM)
86   | b   | 4-261  | I | 71 72    | E | 发卡行脚本命令 | issuer script command
87   | b   | 1      | C | 61 A5    | E | 应用优先指示器 | application priority indicator
88   | b   | 1      | C | A5       | E | 短文件标识符 | short file identifier
89   | ans | 6      | I |          | E | 授权码 | authorisation code
8A   | an  | 2      | I |          | E | 授权响应代码 | authorisation response code
8B   | var | 0-64   | T |          | E | 受理终端信息 | POI information
8C   | b   | 0-252  | C | 70 77    | E | 卡片风险管理数据对象列表1 | CDOL1
8D   | b   | 0-252  | C | 70 77    | E | 卡片风险管理数据对象列表2 | CDOL2
8E   | b   | 8-252  | C | 70 77    | E | 持卡人验证方法列表 | CVM list
8F   | b   | 1      | C | 70 77    | E | 认证中心公钥索引(卡片) | CA public key index (card)
90   | b   | 0-248  | C | 70 77    | E | 发卡行公钥证书 | issuer public key certificate
91   | b   | 8-16   | I |          | E | 发卡行认证数据 | issuer authentication data
92   | b   | 0-248  | C | 70 77    | E | 发卡行公钥余数 | issuer public key remainder
93   | b   | 0-248  | C | 70 77    | E | 签名的静态应用数据 | signed static application data
94   | b   | 0-252  | C | 77 80    | E | 应用文件定位器 | application file locator
95   | b   | 5      | T |          | E | 终端验证结果 | terminal verification results
97   | b   | 0-252  | C | 70 77    | E | 交易证书数据对象列表 | TDOL
98   | b   | 20     | T |          | E | 交易证书哈希值 | TC hash value
99   | b   | 0-16   | T |          | E | 交易PIN数据 | transaction PIN data
9A   | n   | 3      | T |          | E | 交易日期 | transaction date
9B   | b   | 2      | T |          | E | 交易状态信息 | transaction status information
9C   | n   | 1      | T |          | E | 交易类型 | transaction type
9D   | b   | 5-16   | C | 61       | E | 目录数据文件名称 | DDF name
A5   | var | 0-252  | C | 6F       | E | FCI数据专用模板 | FCI proprietary template
5F20 | ans | 0-26   | C | 70 77 62 | E | 持卡人姓名 | cardholder name
5F24 | n   | 3      | C | 70 77    | E | 应用失效日期 | application expiry date
5F25 | n   | 3      | C | 70 77    | E | 应用生效日期 | application effective date
5F28 | n   | 2      | C | 70 77    | E | 发卡行国家代码 | issuer country code
5F2A | n   | 2      | T |          | E | 交易货币代码 | transaction currency code
5F2D | an  | 2-8    | C | A5 62    | E | 首选语言 | language preference
5F30 | n   | 2      | C | 70 77    | E | 服务码 | service code
5F34 | n   | 1      | C | 70 77 61 | E | 应用主账号序列号 | application PAN sequence number
5F36 | n   | 1      | T |          | E | 交易货币指数 | transaction currency exponent
5F50 | ans | 0-252  | C | BF0C 73 61 | E | 发卡行URL | issuer URL
5F53 | var | 0-34   | C | BF0C 73  | E | 国际银行账号(IBAN) | international bank account number (IBAN)
5F54 | var | 8-11   | C | BF0C 73  | E | 银行标识代码(BIC) | bank identifier code (BIC)
5F55 | a   | 2      | C | BF0C 73  | E | 发卡行国家代码(两字母) | issuer country code (alpha 2)
5F56 | a   | 3      | C | BF0C 73  | E | 发卡行国家代码(三字母) | issuer country code (alpha 3)
5F57 | n   | 1      | T |          | E | 账户类型 | account type
9F01 | n   | 6      | T |          | E | 收单行标识 | acquirer identifier
9F02 | n   | 6      | T |          | E | 授权金额(数值型) | amount, authorised (numeric)
9F03 | n   | 6      | T |          | E | 其他金额(数值型) | amount, other (numeric)
9F04 | b   | 4      | T |          | E | 其他金额(二进制) | amount, other (binary)
9F05 | b   | 1-32   | C | 70 77    | E | 应用自定义数据 | application discretionary data
9F06 | b   | 5-16   | T |          | E | 应用标识符(终端) | application identifier (terminal)
9F07 | b   | 2      | C | 70 77    | E | 应用用途控制 | application usage control
9F08 | b   | 2      | C | 70 77 61 | E | 应用版本号(卡片) | application version number (card)
9F09 | b   | 2      | T |          | E | 应用版本号(终端) | application version number (terminal)
9F0A | b   | 0-252  | C | A5 BF0C 73 | E | 应用选择注册专有数据 | application selection registered proprietary data
9F0B | ans | 0-45   | C | 70 77    | E | 持卡人姓名扩展 | cardholder name extended
9F0C | n   | 3-4    | C | BF0C 73  | E | 发卡行标识号码扩展 | issuer identification number extended
9F0D | b   | 5      | C | 70 77    | E | 发卡行行为代码(缺省) | issuer action code, default
9F0E | b   | 5      | C | 70 77    | E | 发卡行行为代码(拒绝) | issuer action code, denial
9F0F | b   | 5      | C | 70 77    | E | 发卡行行为代码(联机) | issuer action code, online
9F10 | b   | 0-32   | C | 77 80    | E | 发卡行应用数据 | issuer application data
9F11 | n   | 1      | C | A5       | E | 发卡行代码表索引 | issuer code table index
9F12 | ans | 1-16   | C | 61 A5    | E | 应用首选名称 | application preferred name
9F13 | b   | 2      | C |          | E | 上次联机应用交易计数器寄存器 | last online ATC register
9F14 | b   | 1      | C | 70 77    | E | 连续脱机交易下限 | lower consecutive offline limit
9F15 | n   | 2      | T |          | E | 商户类别码 | merchant category code
9F16 | ans | 15     | T |          | E | 商户标识 | merchant identifier
9F17 | b   | 1      | C |          | E | PIN尝试计数器 | PIN try counter
9F18 | b   | 4      | I | 71 72    | E | 发卡行脚本标识 | issuer script identifier
9F19 | n   | 6      | C | 70 77 61 | E | 令牌请求方标识 | token requestor ID
9F1A | n   | 2      | T |          | E | 终端国家代码 | terminal country code
9F1B | b   | 4      | P |          | E | 终端最低限额 | terminal floor limit
9F1C | an  | 8      | T |          | E | 终端标识 | terminal identification
9F1D | b   | 1-8    | P |          | E | 终端风险管理数据 | terminal risk management data
9F1E | an  | 8      | T |          | E | 接口设备序列号 | interface device serial number
9F1F | ans | 0-54   | C | 70 77    | E | 磁道1自定义数据 | track 1 discretionary data
9F20 | cn  | 0-8    | C | 70 77    | E | 磁道2自定义数据 | track 2 discretionary data
9F21 | n   | 3      | T |          | E | 交易时间 | transaction time
9F22 | b   | 1      | P |          | E | 认证中心公钥索引(终端) | CA public key index (terminal)
9F23 | b   | 1      | C | 70 77    | E | 连续脱机交易上限 | upper consecutive offline limit
9F24 | an  | 29     | C | 70 77 61 | E | 支付账户参考号 | payment account reference
9F25 | n   | 2      | C | 70 77 61 | E | 主账号后四位 | last 4 digits of PAN
9F26 | b   | 8      | C | 77 80 63 64 | E | 应用密文 | application cryptogram
9F27 | b   | 1      | C | 77 80 63 64 | E | 密文信息数据 | cryptogram information data
9F29 | b   | 0-8    | C | 61       | E | 扩展选择 | extended selection
9F2A | b   | 1-8    | C | 61       | E | 内核标识 | kernel identifier
9F2D | b   | 0-248  | C | 70 77    | E | IC卡PIN加密公钥证书 | ICC PIN encipherment public key certificate
9F2E | b   | 1-3    | C | 70 77    | E | IC卡PIN加密公钥指数 | ICC PIN encipherment public key exponent
9F2F | b   | 0-248  | C | 70 77    | E | IC卡PIN加密公钥余数 | ICC PIN encipherment public key remainder
9F32 | b   | 1-3    | C | 70 77    | E | 发卡行公钥指数 | issuer public key exponent
9F33 | b   | 3      | T |          | E | 终端性能 | terminal capabilities
9F34 | b   | 3      | T |          | E | 持卡人验证结果 | CVM results
9F35 | n   | 1      | T |          | E | 终端类型 | terminal type
9F36 | b   | 2      | C | 77 80 63 64 | E | 应用交易计数器 | application transaction counter
9F37 | b   | 4      | T | 63 64    | E | 不可预知数 | unpredictable number
9F38 | b   | 0-252  | C | A5       | E | 处理选项数据对象列表 | PDOL
9F39 | n   | 1      | T |          | E | 服务点输入方式 | POS entry mode
9F3A | b   | 4      | T |          | E | 参考货币金额 | amount, reference currency
9F3B | n   | 2-8    | C | 70 77    | E | 应用参考货币 | application reference currency
9F3C | n   | 2      | T |          | E | 交易参考货币代码 | transaction reference currency code
9F3D | n   | 1      | T |          | E | 交易参考货币指数 | transaction reference currency exponent
9F40 | b   | 5      | T |          | E | 终端附加性能 | additional terminal capabilities
9F41 | n   | 2-4    | T |          | E | 交易序列计数器 | transaction sequence counter
9F42 | n   | 2      | C | 70 77    | E | 应用货币代码 | application currency code
9F43 | n   | 1-4    | C | 70 77    | E | 应用参考货币指数 | application reference currency exponent
9F44 | n   | 1      | C | 70 77    | E | 应用货币指数 | application currency exponent
9F45 | b   | 2      | C |          | E | 数据认证码 | data authentication code
9F46 | b   | 0-248  | C | 70 77    | E | IC卡公钥证书 | ICC public key certificate
9F47 | b   | 1-3    | C | 70 77    | E | IC卡公钥指数 | ICC public key exponent
9F48 | b   | 0-248  | C | 70 77    | E | IC卡公钥余数 | ICC public key remainder
9F49 | b   | 0-252  | C | 70 77    | E | 动态数据认证数据对象列表 | DDOL
9F4A | b   | 0-252  | C | 70 77    | E | 静态数据认证标签列表 | SDA tag list
9F4B | b   | 0-248  | C | 77 80    | E | 签名的动态应用数据 | signed dynamic application data
9F4C | b   | 2-8    | C |          | E | IC卡动态数 | ICC dynamic number
9F4D | b   | 2      | C | BF0C 73  | E | 日志入口 | log entry
9F4E | ans | 0-252  | T |          | E | 商户名称和位置 | merchant name and location
9F4F | b   | 0-252  | C |          | E | 日志格式 | log format
9F50 | n   | 6      | C |          | ? | 脱机累计余额 | offline accumulator balance
9F51 | n   | 2      | C | 70 77    | P | 应用货币代码(卡片内部) | application currency code (of the card's own)
9F52 | b   | 2-8    | C | 70 77    | P | 应用缺省行为 | application default action
9F53 | b   | 1      | C |          | P | 连续脱机交易限制数(国际-货币) | consecutive transaction limit (international)
9F54 | n   | 6      | C |          | P | 累计脱机交易金额限制数 | cumulative total transaction amount limit
9F55 | b   | 1      | C |          | P | 地域指示位 | geographic indicator
9F56 | b   | 1      | C |          | P | 发卡行认证指示位 | issuer authentication indicator
9F57 | n   | 2      | C | 70 77    | P | 发卡行国家代码(卡片内部) | issuer country code (of the card's own)
9F58 | b   | 1      | C |          | P | 连续脱机交易下限(卡片内部) | lower consecutive offline limit (of the card's own)
9F59 | b   | 1      | C |          | P | 连续脱机交易上限(卡片内部) | upper consecutive offline limit (of the card's own)
9F5A | b   | 1-16   | C |          | S | 应用程序标识 | application program identifier
9F5B | b   | 1-253  | T |          | ? | 发卡行脚本结果 | issuer script results
9F5C | n   | 6      | C |          | P | 累计脱机交易金额上限 | cumulative total transaction amount upper limit
9F5D | n   | 3-6    | C | 77       | P | 可用脱机消费金额 | available offline spending amount; Mastercard: ACI
9F61 | ans | 0-40   | C | 70 77    | P | 持卡人证件号 | cardholder identity number
9F62 | n   | 1-6    | C | 70 77    | P | 持卡人证件类型 | cardholder identity type; Mastercard: PCVC3 position (track 1)
9F63 | b   | 1-16   | C | 70 77    | P | 卡产品标识信息 | card product identification; Visa: offline counter
9F66 | b   | 2-4    | T |          | E | 终端交易属性 | terminal transaction qualifiers; Mastercard: PUNATC
9F67 | b   | 1-4    | C |          | S | NATC或形态因素 | Mastercard: digits of the ATC in track 2; American Express: form factor
9F68 | b   | 4      | C | 70 77    | P | 卡片附加处理 | card additional processes
9F69 | b   | 1-16   | C | 70 77    | P | 卡片认证相关数据 | card authentication related data; Mastercard: UDOL
9F6B | b   | 0-19   | C | 70 77    | P | 卡片CVM限额 | card CVM limit; Mastercard: track 2 data, so never shown
9F6C | b   | 2      | C | 70 77    | E | 卡片交易属性 | card transaction qualifiers
9F6D | n   | 1-6    | C |          | P | 电子现金重置阈值 | electronic cash reset threshold; Mastercard: version
9F6E | b   | 4-32   | C | 77       | S | 形态因素指示器 | Visa: form factor indicator; Mastercard: third party data
9F70 | b   | 0-248  | C |          | ? | 受保护数据信封1 | protected data envelope 1
9F72 | b   | 1      | C |          | P | 连续脱机交易限制数(国际-国家) | consecutive transaction limit (international, country)
9F73 | n   | 4      | C |          | P | 货币转换因子 | currency conversion factor
9F74 | an  | 6      | C | 70 77    | P | 电子现金发卡行授权码 | electronic cash issuer authorisation code
9F75 | n   | 6      | C |          | P | 累计脱机交易金额限制数(双货币) | cumulative transaction amount limit (dual currency)
9F76 | n   | 2      | C |          | P | 第二应用货币代码 | second application currency code
9F77 | n   | 6      | C |          | P | 电子现金余额上限 | electronic cash balance limit
9F78 | n   | 6      | C |          | P | 电子现金单笔交易限额 | electronic cash single transaction limit
9F79 | n   | 6      | C | 77       | P | 电子现金余额 | electronic cash balance
9F7A | b   | 1      | T |          | P | 电子现金终端支持指示器 | electronic cash terminal support indicator
9F7B | n   | 6      | P |          | P | 电子现金终端交易限额 | electronic cash terminal transaction limit
9F7C | b   | 0-32   | C | 77       | S | 客户专有数据 | customer exclusive data; Mastercard: merchant custom data
BF0C | var | 0-222  | C | A5       | E | FCI发卡行自定义数据 | FCI issuer discretionary data
BF4C | var | 0-252  | C |          | E | 生物识别重试计数器模板 | biometric try counters template
DF01 | b   | 1      | P |          | P | 应用选择指示符 | application selection indicator
DF02 | b   | 1-248  | P |          | P | 认证中心公钥模 | CA public key modulus
DF03 | b   | 20-32  | P |          | P | 认证中心公钥校验值 | CA public key checksum
DF04 | b   | 1-3    | P |          | P | 认证中心公钥指数 | CA public key exponent
DF05 | var | 3-8    | P |          | P | 认证中心公钥有效期 | CA public key expiry
DF06 | b   | 1      | P |          | P | 认证中心公钥哈希算法标识 | CA public key hash algorithm
DF07 | b   | 1      | P |          | P | 认证中心公钥算法标识 | CA public key algorithm
DF11 | b   | 5      | P |          | P | 终端行为代码(缺省) | terminal action code, default
DF12 | b   | 5      | P |          | P | 终端行为代码(联机) | terminal action code, online
DF13 | b   | 5      | P |          | P | 终端行为代码(拒绝) | terminal action code, denial
DF14 | b   | 0-252  | P |          | P | 缺省DDOL | default DDOL
DF15 | b   | 4      | P |          | P | 偏置随机选择阈值 | threshold for biased random selection
DF16 | n   | 1      | P |          | P | 偏置随机选择最大目标百分数 | maximum target percentage for biased random selection
DF17 | n   | 1      | P |          | P | 随机选择目标百分数 | target percentage for random selection
DF18 | b   | 1      | P |          | P | 终端联机PIN支持能力 | terminal online PIN capability
DF19 | n   | 6      | P |          | P | 非接触读写器脱机最低限额 | contactless reader floor limit
DF20 | n   | 6      | P |          | P | 非接触读写器交易限额 | contactless reader transaction limit
DF21 | n   | 6      | P |          | P | 读写器持卡人验证方法限额 | reader CVM required limit
DF31 | b   | 5-48   | T |          | P | 发卡行脚本结果 | issuer script result
DF4D | b   | 2      | C | BF0C     | P | 圈存日志入口 | load log entry
DF4F | b   | 0-252  | C |          | P | 圈存日志格式 | load log format
DF60 | b   | 1      | C |          | P | CAPP交易指示位 | extended contactless application indicator
DF61 | b   | 1      | C |          | P | 分段扣费应用标识 | segmented fare application indicator
DF62 | n   | 6      | C |          | P | 分段扣费抵扣限额 | segmented fare deduction limit
DF63 | n   | 6      | C |          | P | 分段扣费已抵扣金额 | segmented fare amount deducted
DF69 | b   | 1      | T |          | P | SM算法支持指示器 | SM algorithm support indicator
"""
