"""Every text of the figures' workbooks: ``(Chinese, English)``. Terms as in the printed report."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("{county}巡查统计", "Patrol figures of {county}"),
    "about": ("说明", "About"),
    "measure": ("项目", "What"),
    "value": ("内容", "Value"),
    "since": ("起始日", "First day"),
    "until": ("截止日", "Last day"),
    "counted_at": ("当日数据截至", "Today counted at"),
    "uncounted": ("尚未汇总的日期", "Days not counted yet"),
    "none": ("无", "none"),
    "whole": ("合计", "All"),
    "unknown": ("（未登记）", "(not in the registry)"),
    # sheets
    "coverage": ("巡查覆盖", "Coverage"),
    "incidents": ("事件", "Incidents"),
    "false-alarms": ("误报", "False alarms"),
    "response": ("响应时效", "Response"),
    "departments": ("部门", "Departments"),
    "spot-checks": ("人工抽查", "Spot-checks"),
    "days": ("按日", "By day"),
    "kinds": ("按类型", "By kind"),
    # groups
    "group": ("分组", "Group"),
    "day": ("日期", "Day"),
    "camera": ("点位", "Camera"),
    "camera_id": ("点位编号", "Camera id"),
    "kind": ("类型", "Kind"),
    "department": ("部门", "Department"),
    "step": ("环节", "Step"),
    # coverage
    "looks": ("点位日", "Look-days"),
    "kept": ("间隔达标", "Kept every gap"),
    "coverage_all": ("间隔达标率（全部）", "Coverage by gap, all"),
    "coverage_answering": ("间隔达标率（在线）", "Coverage by gap, answering"),
    "window_all": ("时段覆盖率（全部）", "Coverage by window, all"),
    "window_answering": ("时段覆盖率（在线）", "Coverage by window, answering"),
    "over": ("在线而超时的点位日", "Over while answering"),
    "over_min": ("超时（分）", "Past the period (min)"),
    "attempts": ("巡查次数", "Looks made"),
    "inspected": ("有效", "Inspected"),
    "unusable": ("画面不可用", "Unusable"),
    "unreachable": ("无画面", "Unreachable"),
    "missed": ("漏巡", "Missed"),
    "late": ("迟到", "Late"),
    "judged_share": ("识别完成率", "Fully judged"),
    "p50_min": ("间隔中位数（分）", "Median gap (min)"),
    "p95_min": ("间隔 P95（分）", "P95 gap (min)"),
    "worst_min": ("最大间隔（分）", "Worst gap (min)"),
    "cause.capacity": ("漏巡：容量不足", "Missed: capacity"),
    "cause.service_down": ("漏巡：服务停机", "Missed: service down"),
    "cause.maintenance": ("漏巡：维护", "Missed: maintenance"),
    "cause.platform_down": ("漏巡：平台离线", "Missed: platform away"),
    # incidents
    "new": ("新事件", "New"),
    "flagged": ("其中报警", "Flagged"),
    "open": ("进行中", "Open"),
    "confirmed": ("属实", "Confirmed"),
    "false_alarm": ("误报", "False alarm"),
    "duplicate": ("重复", "Duplicate"),
    "unclear": ("不清", "Unclear"),
    "exempt": ("豁免", "Exempt"),
    "waiting": ("未研判", "Not judged"),
    "judged_on": ("当日研判", "Judged on it"),
    "waiting_end": ("日终未研判", "Not judged at its end"),
    # false alarms, spot-checks
    "judged": ("已判", "Judged"),
    "false": ("误报", "False"),
    "share": ("比例", "Share"),
    "low": ("95 % 区间下限", "95 % interval, low"),
    "high": ("95 % 区间上限", "95 % interval, high"),
    "drawn": ("抽取", "Drawn"),
    "answered": ("已判定", "Answered"),
    "overlooked": ("漏检", "Overlooked"),
    # response, departments
    "matters": ("推送", "Matters"),
    "reached": ("完成", "Reached"),
    "median_min": ("中位数（分）", "Median (min)"),
    "p90_min": ("P90（分）", "P90 (min)"),
    "due": ("应完成", "Due"),
    "in_time": ("按时", "In time"),
    "in_time_share": ("按时率", "In time, share"),
    "told": ("主办推送", "Told"),
    "copies": ("抄送", "Copies"),
    "refused": ("拒绝", "Refused"),
    "escalated": ("升级", "Escalated"),
    "disposed": ("已处置", "Disposed"),
    "ended": ("其他结束", "Ended otherwise"),
    "open_now": ("当前未结", "Open now"),
    "late_now": ("当前超时", "Late now"),
    "kind.congestion": ("道路拥堵", "Congestion"),
    "kind.fireworks": ("燃放烟花爆竹", "Fireworks"),
    "kind.fishing": ("禁捕水域垂钓捕捞", "Fishing"),
    "step.sent": ("发出", "Sent"),
    "step.received": ("签收", "Received"),
    "step.accepted": ("受理", "Accepted"),
    "step.on_scene": ("到场", "On scene"),
    "step.disposed": ("处置", "Disposed"),
    # what is counted
    "def.coverage": (
        "一个点位一天计一次；间隔是相邻两次有效巡查开始之间的时间，只有有效巡查重新计时。全天从未超过周期即达标。“在线”不含仅因离线而超时的点位。单日数字与巡查台账一致。",
        (
            "One look on one day counts once. A gap runs from the start of one inspected look to the next; nothing else ends it. A look kept "
            "its gaps if it was never past its period. Answering leaves out looks that were over only while away. A single day agrees with "
            "the printed report."
        ),
    ),
    "def.incidents": (
        "事件按首次发现日计；研判结论取最后一次。未研判数是当日结束时尚无任何结论的事件。",
        (
            "An incident counts on the day it was first seen; of verdicts the last one counts. Not judged at a day's end: incidents without "
            "any verdict by then."
        ),
    ),
    "def.false-alarms": (
        "最后结论在期内作出、且结论为属实、误报或豁免的报警为已判；误报占已判的比例，附 95 % 威尔逊区间。豁免说明报警本身是对的。疑似不计。",
        (
            "Flags whose last verdict was given in the days: judged are those confirmed, false alarm or exempt; the share is false of "
            "judged, with Wilson's 95 % interval. An exempt matter was there: the flag was right."
        ),
    ),
    "def.response": (
        "从推送生成（经研判的即确认之时）起算到各环节的时间；不含抄送。到期未答复也计入应完成。",
        (
            "From the moment the alert was written, which for a reviewed incident is its confirmation, to each step; copies are left out. A limit "
            "that passed without an answer counts as due."
        ),
    ),
    "def.departments": (
        "期内开始的推送；“当前”两项不限期。超时指当前环节已过时限。",
        "Matters opened in the days; the two that say now are of any day. Late: past the limit of the step it waits for.",
    ),
    "def.spot-checks": (
        "随机抽取的“正常”巡查中，人工判定为漏检的比例（看不清的不计），附 95 % 区间；零漏检时按三法则。",
        (
            "Clear looks drawn by chance: the share in which a person found something overlooked, of those a person could tell, with a 95 % "
            "interval; with none overlooked, the rule of three."
        ),
    ),
}
