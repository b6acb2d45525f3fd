"""What a clause without a number is: a trend, a boolean, a reference, a scope, or (anything else) a state."""

from __future__ import annotations

import re

_BOOLEAN = frozenset("是 否 有 无 已完成 未完成 √ × ✓ ✔ 是/否 有/无".split())

# The yardstick is elsewhere: contract, document, plan, budget, standard, actual cost, the level of others.
_YARDSTICK = (
    "合同|协议|文件|计划|预算|标准|规定|办法|方案|要求|规范|实际|指标任务|程序|制度|政策|定额|概算|批复|通知|意见|额度|进度|收入|采购|指导价|市场价|时限|法律|法规|条例|细则|图纸|设计|招标|中标|节点|需求|目标任务|任务书|清单|比例|程序"
)
_REFERENCE = re.compile(
    rf"^(?:该.{{0,12}}应)?(?:全部|均|都|严格|完全|在.{{1,6}}内)*(?:按|依|遵|参)(?:照|据|循)?(?!时|期|质|量|月|季|周).*?(?:{_YARDSTICK}|测算|支付|结算)"
    rf"|^(?:根据|遵循|遵守|执行|对照|参照|以).{{0,20}}(?:{_YARDSTICK})(?:为准|执行|支付|发放|要求)?$"
    r"|^(?:成本|支出|费用|投资|总?经费|资金)?(?:严格)?控制在.{0,16}(?:内|以下|标准|预算|范围)$"
    r"|^(?:不|未|无|不得|严禁)(?:超|超过|超出|突破|高于|大于|低于)(?:过|出)?(?:年初|年度|批复|项目|财政|部门|下达)*(?:预算|概算|标准|计划|合同|限额|市场|总额|规定|指标|定额)"
    r"|^(?:达到|符合|满足|不低于|高于|优于|处于|接近|等于).{0,12}(?:平均水平|平均值|标准|规定|规范|要求|水准|规程)(?:要求|以上)?$"
    r"|^(?:与|和|同).{1,16}(?:一致|相符|持平|相当)$|^(?:详见|见)|^据实|^以.{1,12}为准$"
)
_SCOPE = re.compile(
    r"^(?:覆盖|涉及|包括|包含|涵盖|惠及|面向|辐射)[^，。]*$"
    r"|^(?:[\u4e00-\u9fff]{0,6})(?:全(?:国|省|市|县|区|州|镇|乡|校|院|局|域|体|辖区)|各(?:县|区|乡|镇|村|级|单位|部门|股室|科室|学校)|[市县区镇乡村]域?(?:内|所有|各|基层|范围)|所有|辖区)"
    r"[\u4e00-\u9fff、，()及和]*(?:单位|部门|乡镇|街道|社区|村|人员|群众|居民|学校|基层|企业|机构|范围|人口|学生|教师|干部|职工|农户|医院|卫生院|卫生室|党员|股室|科室|使用)$"
    r"|^[\u4e00-\u9fff]{2,5}[市县区州镇乡](?:基层|范围内?|辖区|全域|境内)?$"
    r"|^[\u4e00-\u9fff、]+(?:股|科|室|处|局)[\u4e00-\u9fff]{0,8}(?:使用|系统)$"
)

_CHANGE = "提高|提升|增加|增长|上升|增强|加强|改善|改进|优化|好转|扩大|减少|降低|减低|下降|缩小|缩短|节省|节约|增多|增进|拓宽|减轻|缓解|回升|上涨|减缓|改观|进步|提速|壮大"
_ADVERB = "有所|较上年|比上年|较上年度|较去年|比去年|同比|环比|较往年|较以往|较前年|逐步|逐年|逐渐|不断|持续|稳步|稳定|明显|显著|大幅|大幅度|大力|有效|进一步|切实|全面|极大|较大|较大幅度|巩固|得到|得以|获得|有|实现|日益|日趋|日渐|更加|更|很大|较好|一定程度|一定|有力|着力|继续|均|都|普遍|总体|整体|平稳|快速|适度|合理|可|能|将|会|的|地|上"
_LONG_SUBJECT = re.compile(r"(?:确保|保证|保障|通过|促进|推进|实现|使|让|为|打造|营造|建设|建立|完善|形成|开展|做好|落实|加快|推动|解决|满足|维护|完成)")
_GROWTH = re.compile(rf"^(?:(?:{_ADVERB})+(?:{_CHANGE}|发展|向好|扩展)(?:明显|显著)?)$")
_TREND = re.compile(
    rf"^(?P<subject>[^，,。;；]{{0,24}}?)(?:{_ADVERB})*(?:{_CHANGE})(?:了|明显|显著|幅度|较大|很大|程度)?(?P<object>[^，,。;；]{{0,24}})$"
)
_LEVEL = re.compile(r"^(?:不低于|不高于|不少于|不超过|高于|低于|优于|超过|好于|达到或超过)(?:上一?年度?|去年|往年|上期|以前年度|上一年)(?:同期)?(?:的?(?:水平|数量|标准|实际|数))?$|^(?:保持|维持|基本保持|总体保持)(?:基本|总体|相对|持续)?(?:稳定|平稳|不变)$|^(?:与|较)(?:上一?年度?|去年)(?:同期)?(?:基本)?持平$")
_CLAUSE = re.compile(r"[，,。;+\n]+")


def kind(text: str) -> str:
    """The kind of `text`, a folded clause (or several) without numbers: trend, boolean, reference, scope or state."""
    if text in _BOOLEAN:
        return "boolean"
    if _REFERENCE.search(text):
        return "reference"
    if is_trend(text):
        return "trend"
    return "scope" if _SCOPE.search(text) else "state"


def is_trend(text: str) -> bool:
    """Whether each clause says a direction against its own past, and nothing else."""
    return all(_is_change(clause) for clause in _CLAUSE.split(text) if clause)


def _is_change(clause: str) -> bool:
    if _GROWTH.match(clause) or _LEVEL.match(clause):
        return True
    match = _TREND.match(clause)
    if not match:
        return False
    subject, after = match["subject"], match["object"]
    return not (subject and (after or _LONG_SUBJECT.search(subject)))
