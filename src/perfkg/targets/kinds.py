"""What words without a number are: a trend, a boolean, a reference, a scope, or (anything else) a state."""

from __future__ import annotations

import re

_BOOLEAN = frozenset(("是", "否", "有", "无", "已完成", "未完成", "√", "*", "✓", "✔"))
_CUT = re.compile(r"[，,。;+\n]+")

# A reference: the yardstick is elsewhere, in a contract, document, plan, budget, standard, cost or the level of others.
_YARDSTICK = (
    "合同|协议|文件|计划|预算|标准|规定|办法|方案|要求|规范|实际|指标任务|程序|制度|政策|定额|概算|批复|通知|意见|额度|进度|收入|采购"
    "|指导价|市场|时限|法律|法规|条例|细则|图纸|设计|招标|中标|节点|需求|任务书|清单|比例|规程"
)
_WITHIN = r"(?:年初|年度|批复|项目|财政|部门|下达|全年|当年|总|成本|资金|经费)*"
_REFERENCE = re.compile(
    rf"^(?:该.{{0,12}}应)?(?:全部|均|都|严格|完全|在.{{1,6}}内)*(?:按|依|遵|参)(?:照|据|循)?(?!时|期|质|量|月|季|周)"
    rf".*?(?:{_YARDSTICK}|测算|支付|结算)"
    rf"|^(?:严格)?(?:根据|遵循|遵守|执行|落实|对照|参照|以).{{0,20}}(?:{_YARDSTICK})(?:为准|执行|支付|发放|要求)?$"
    rf"|^(?:成本|支出|费用|投资|总?经费|资金)?(?:严格)?控制在.{{0,16}}(?:内|以下|标准|预算|范围)$"
    rf"|^(?:[≤<=]|不|未|无|不得|严禁|小于|低于)(?:超|超过|超出|突破|高于|大于|低于|等于)?(?:过|出)?{_WITHIN}"
    r"(?:预算|概算|标准|计划|合同|限额|市场|总额|规定|指标|定额)[^，。]{0,8}$"
    r"|^(?:达到|符合|满足|不低于|高于|低于|优于|处于|接近|等于).{0,12}(?:平均水平|平均值|平均价格|标准|规定|规范|要求|水准|规程|政策)(?:要求|以上)?$"
    rf"|^在.{{0,8}}(?:{_YARDSTICK}).{{0,8}}(?:内|前)(?:完成|到位|支付|办结)?$"
    r"|^(?:与|和|同).{1,16}(?:一致|相符|相当)$|^(?:详见|见附)|^据实|^以.{1,12}为准$"
)

# A trend: a direction against one's own past, and nothing else.
_CHANGE = (
    "提高|提升|增加|增长|上升|增强|加强|改善|改进|优化|好转|扩大|减少|降低|减低|下降|缩小|缩短|节省|节约|增多|增进|拓宽|减轻"
    "|回升|上涨|减缓|改观|进步|提速|壮大|向好|稳中有升|稳中向好|稳中有进|稳中有降"
)
_ADVERB = (
    "有所|较上年度?|比上年度?|较去年|比去年|同比|环比|较往年|较以往|逐步|逐年|逐月|逐渐|不断|持续|稳步|稳定|明显|显著|大幅度?|大力|有效|进一步|切实|全面|极大|较大"
    "|巩固|得到|得以|获得|有|实现|日益|日趋|日渐|更加|更|很大|较好|一定|有力|着力|继续|均|都|普遍|总体|整体|平稳|快速|适度|合理|可|能|将|会|的|地|上|程度"
)
_CLAIM = re.compile(
    "确保|保证|保障|通过|促进|推进|实现|使|让|为|打造|营造|建设|建立|完善|形成|开展|做好|落实|加快|推动|解决|满足|维护|完成"
)
_GROWTH = re.compile(rf"^(?:{_ADVERB})+(?:{_CHANGE}|发展|扩展)(?:明显|显著)?$")
_DIRECTION = re.compile(
    rf"^(?P<subject>.{{0,24}}?)(?:{_ADVERB})*(?:{_CHANGE})(?:了|明显|显著|幅度|较大|很大|程度)?(?P<object>.{{0,24}})$"
)
_PAST = r"(?:上一?年度?|去年|往年|上期|以前年度)"
_LEVEL = re.compile(
    rf"^(?:不低于|不高于|不少于|不超过|高于|低于|优于|超过|好于)(?:{_PAST})(?:同期)?的?(?:水平|数量|标准|实际|数)?$"
    rf"|^(?:基本|总体)?(?:保持|维持)(?:基本|总体|相对|持续)?(?:稳定|平稳|不变)$|^(?:与|较){_PAST}(?:同期)?(?:基本)?持平$"
)

# A scope: only who or what is covered.
_WHO = (
    "单位|部门|乡镇|街道|社区|村|人员|群众|居民|学校|基层|企业|机构|范围|人口|学生|教师|干部|职工|农户|医院|卫生院|卫生室|党员|股室|科室"
    "|户|儿童|老人|家庭|对象|使用"
)
_SCOPE = re.compile(
    r"^(?:覆盖(?!率|面)|涉及|包括|包含|涵盖|惠及|面向|辐射)[^，。]*$"
    r"|^[\u4e00-\u9fff]{0,6}(?:全(?:国|省|市|县|区|州|镇|乡|校|院|局|域|体|辖区)|各(?:县|区|乡|镇|村|级|单位|部门|股室|科室|学校)"
    r"|[市县区镇乡村]域?(?:内|所有|各|基层|范围)|所有|辖区)"
    rf"[\u4e00-\u9fff、，()]*(?:{_WHO})$"
    r"|^[\u4e00-\u9fff]{2,5}[市县区州镇乡](?:基层|范围内?|辖区|全域|境内)?$|^全(?:国|省|市|县|区|州|镇|乡|校|院|局)$"
    r"|^[\u4e00-\u9fff、]+(?:股|科|室|处|局)[\u4e00-\u9fff]{0,8}(?:使用|系统)$"
)
_BARE_SCOPE = re.compile(rf"^[\u4e00-\u9fff、]{{1,12}}(?:{_WHO})$")
_VERB = re.compile(
    "提|增|减|保|确|完|达|满|做|服|推|促|实|改|加|为|解|维|建|落|进|无|没|零|不|已|能|可|得|让|使|帮|助|受|发|支|培|培训|便|利|带|优|创|化|扶|救"
)


def kind(text: str) -> str:
    """The kind of `text`, a folded clause (or several) without numbers: trend, boolean, reference, scope or state."""
    if text in _BOOLEAN:
        return "boolean"
    if _REFERENCE.search(text):
        return "reference"
    if all(_is_change(clause) for clause in _CUT.split(text) if clause):
        return "trend"
    scope = _SCOPE.search(text) or (_BARE_SCOPE.match(text) and not _VERB.search(text))
    return "scope" if scope else "state"


def _is_change(clause: str) -> bool:
    if _GROWTH.match(clause) or _LEVEL.match(clause):
        return True
    match = _DIRECTION.match(clause)
    if not match:
        return False
    return not (match["subject"] and (match["object"] or _CLAIM.search(match["subject"])))
