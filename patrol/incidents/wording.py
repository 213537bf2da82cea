"""The detectors' sentences in Chinese, for the people of the county: alerts, the review page, the phone.

A detector gives its reason in English, as logs, reports and machines read it. What is said here covers every sentence that a detector
or a look puts together; the tests make sentences from all rules and see that no English is left. Unknown text stays as it came.
"""

from __future__ import annotations

import re

_VERDICTS = {"clear": "未见异常", "candidate": "疑似", "flagged": "报警"}
_N = r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_PARTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        # fireworks
        (
            rf"white flashes at one place for {_N} s; by day that is not sure",
            r"同一位置白色闪光持续 \1 秒；白天不能确定",
        ),
        (r"by day, no train of white flashes at one place", "白天，同一位置无连续白色闪光"),
        (r"no sparks", "未见火花"),
        (rf"sparks in {_N} of {_N} s, (\d+) at once at most", r"\2 秒中 \1 秒有火花，同时最多 \3 处"),
        (r"they neither burst nor flicker as sparks do", "不像火花那样炸开或闪烁"),
        (r"the scene is too bright to be sure", "画面过亮，不能确定"),
        (r"too little to be sure", "过少，不能确定"),
        (r"streaks that all lie one way, all over the picture: rain or snow", "满画面同向条纹，为雨或雪"),
        (
            r"specks from nowhere all over the picture: insects, rain or snow near the lens",
            "满画面突现亮点，为镜头前的飞虫、雨或雪",
        ),
        (
            r"lights that come back where they were, again and again: signs or mirrored lamps",
            "灯光在原处反复亮起，为招牌或灯光倒影",
        ),
        (r"flash train", "连续闪光"),
        (r"(\d+) bursts", r"\1 次炸开"),
        (r"sparks that flicker", "闪烁的火花"),
        (r"a picture full of sparks", "满画面火花"),
        (r"the look is too short", "时长过短"),
        (
            r"the whole picture keeps changing with them, as by an arc or lightning",
            "整幅画面随之明暗变化，像电弧或闪电",
        ),
        (r"their light is cut off at once, as an arc's", "光骤然熄灭，像电弧"),
        (r"their light is blue-white, as an arc's", "光为蓝白色，像电弧"),
        (r"they come as regularly as a lamp that blinks", "像闪烁的灯一样规律"),
        (r"they come back where they were, as signs and mirrored lamps do", "在原处反复亮起，像招牌或灯光倒影"),
        (
            r"no new light in (\d+) keyframes, and an even stream between them",
            r"\1 个关键帧中无新的亮光，其间码流平稳",
        ),
        # congestion
        (rf"{_N} vehicles in sight in (\d+) keyframes", r"\2 个关键帧中可见车辆 \1 辆"),
        (rf"{_N} vehicles in sight", r"可见车辆 \1 辆"),
        (
            rf"{_N} vehicles cover (\d+%) of the road, (\d+%) of them stand, median speed {_N} lengths/s",
            r"\1 辆车占路面 \2，其中 \3 静止，中位速度每秒 \4 车长",
        ),
        (rf"the look of {_N} s is too short to tell a jam from a stop", r"时长 \1 秒过短，不能区分拥堵与停车"),
        (r"a light holds vehicles here, later looks decide", "此处有信号灯等候，由后续观看判定"),
        (r"vehicles often wait here and drive on, later looks decide", "此处常有车辆等候后驶离，由后续观看判定"),
        (r"the camera moves, speeds are not sure", "镜头在动，车速不能确定"),
        # fishing
        (r"(\d+) of (\d+) persons who stay hold a rod", r"停留的 \2 人中 \1 人持竿"),
        (r"seen in (\d+) of (\d+) frames", r"\2 帧中 \1 帧可见"),
        (r", by the model in (\d+)\)", r"，模型在 \1 帧认出）"),
        (r"(\d+) rods at once, (\d+) allowed", r"同时 \1 竿，允许 \2 竿"),
        (r"no water is found in the picture", "画面中未找到水面"),
        (r"a boat with people on closed water", "禁捕水域有载人船只"),
        (
            r"a boat with people; no water is drawn, so nobody knows whether it is closed",
            "有载人船只；未标绘水域，无从判断是否禁捕",
        ),
        (r"(\d+) person\(s\) stay at the water, no rod seen", r"\1 人在水边停留，未见鱼竿"),
        (rf"{_N} s are too short to tell who stays", r"\1 秒过短，不能判断是否停留"),
        (r"by night a candidate at most", "夜间至多为疑似"),
        (
            r"leisure angling is allowed here: (\d+) with (\d+) rod\(s\) each at most",
            r"此处允许休闲垂钓，\1 人，每人至多 \2 竿",
        ),
        (r"nobody stays at the water", "水边无人停留"),
        (r"nobody stays in sight", "画面中无人停留"),
        (r"nobody in sight", "画面中无人"),
        (r" in (\d+) keyframes", r"（\1 个关键帧）"),
        # the look
        (rf"looked on for {_N} s: (clear|candidate|flagged)", r"延长观看 \1 秒，结果：\2"),
        (rf" \(in the {_N} s after the look\)", r"（延长观看的 \1 秒内）"),
    )
)


def in_chinese(reason: str) -> str:
    """A reason as a finding carries it, in Chinese.

    Args:
        reason: English; an empty one stays empty.
    """
    said = reason
    for pattern, words in _PARTS:
        said = pattern.sub(words, said)
    for verdict, word in _VERDICTS.items():
        said = said.replace(f"结果：{verdict}", f"结果：{word}")
    if said == reason:
        return reason
    return said.replace("; ", "；").replace(": ", "：").replace(" (", "（").replace("(", "（").replace(")", "）")
