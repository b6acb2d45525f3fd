"""Numbers that count nothing: document numbers, ordinals, sessions, roads, grades, hot lines, slogans.

What these patterns find is left alone, as is every number no unit, sign or name makes a quantity of.
"""

from __future__ import annotations

_N = "[0-9零〇一二两三四五六七八九十百]"
_PATTERNS = (
    # In quotes or book-title marks stands a name: “三率”, “最后一公里”, 《…2021—2025年》.
    r"“[^”%≥≤]{1,30}”|\"[^\"%≥≤]{1,30}\"|‘[^’%≥≤]{1,20}’|《[^》]{1,60}》",
    # Documents and their clauses: 财通字【2016】430号, 川财规[2019]10号, 第12号.
    r"[〔\[【(]\d{4}[〕\]】)]第?\d+号|\d+号(?:文|令|公告|文件)",
    rf"第{_N}+(?:\.\d+)?[^0-9，。;季月]?",
    # Sessions: 十四届六次会议, 十九届五中全会, 十八届人大六次会议.
    rf"{_N}+届(?:[^0-9，。;]{{0,8}}?{_N}+[次中](?:全体)?(?:会议|全会|代表大会|大会))?",
    # Codes, roads, versions, grades: G318, PM2.5, V2.0, H5, 5A级, 4G, 3D打印, 2号楼, 三甲.
    r"[A-Za-z]+-?\d+(?:\.\d+)*[A-Za-z]*",
    r"\d+(?:[A-Z]+级|A景区|[号級级类型](?!电)|年级|年代|年制|环路)|(?<!\d)(?:[2-6]G|[234]D|[248]K)(?=[^A-Za-z0-9/]|$)",
    r"\d+(?:\.\d+)?(?:千伏|[kK][vV])(?=[线变输电配及母开])",
    # On duty round the clock, times of day, ratios, sizes: 7×24小时, 8:30, 师生比1:20, 1920*1080.
    r"\d+\*24小时?|24\*\d+小时?|(?:全天)?24小时(?=值[班守]|在岗|轮[班岗]|无休|在线|不间断|开[通放]|全天|待命|监[控测]|畅通|备勤|运[行转]|服务)|全天24小时|365天(?=不间断|无休|全天|值[班守])",
    # Slogans in figures: 5+2, 1户1策, 师生1比1.
    r"(?<![\d.])\d+(?:\+|比)\d+(?![\d.])|(?<!\d)1[户人村企校县镇乡区园事案岗车家院店]1[策档品证码卡表册案图牌员长站]",
    r"\d+(?::\d+)+|\d+(?:\*\d+)+(?![0-9.]|[万亿]?元)|\d{1,2}点\d{0,2}分?",
    # Hot lines and telephones: 110接警, 12345热线, 0812-8650000.
    r"(?:1[12]\d|12\d{3}|9[56]\d{3,4}|100\d\d)(?=接警|热线|指挥|急救|报警|平台|联动|服务|电话|调度|专线|社会|客服|投诉)|0\d{2,3}-?\d{7,8}",
    # Ranks: 前10名, 前三; list marks: 1、… (2)… 3.…; 1+N.
    rf"前{_N}+[名位强]?(?![年天周月日季小个])|[近首]{_N}+个?[年月]|\(\d{{1,2}}\)(?=[^\d，。,;])|(?:^|(?<=[;。，,:]))\d{{1,2}}[、.)](?=[^\d元万]|(?:19|20)\d\d年)|\d+\+[A-Za-zX]",
    # (含95%) only repeats.
    r"\((?:[不均]?含|包括)(?:本数|[\d.]+[%元人个天]?)?\)(?!以|及)",
)
NAMES = "|".join(f"(?:{pattern})" for pattern in _PATTERNS)
