// The service's sentences about itself in Chinese. In English they are shown as they come.
const N = "([\\d.]+)";

export const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/^no connection to the MQTT broker \((.+)\); alerts wait in the outbox$/, "无法连接消息服务（$1），推送在发件箱中等待"],
  [/^(.+) is away since ([\d:]+): (\d+) looks cannot be made; it is probed$/, "$1 自 $2 起离线，$3 个巡查点无法巡查，正在探测"],
  [
    /^at ([\d-]+ [\d:]+) the first camera, (\S+) \((.+)\), will go past its (\S+); (\d+) in all until ([\d:]+); the load reaches (\d+%)$/,
    "$1 起将有点位超期，首个为 $3（$2，周期 $4）；至 $6 共 $5 个；负载最高 $7",
  ],
  [new RegExp(`^all cameras together need ${N} of (\\d+) streams: (.+)$`), "全部点位需 $1 路，可用 $2 路：$3"],
  [new RegExp(`^the cameras of (.+) need ${N} of (\\d+) streams: (.+)$`), "$1 的点位需 $2 路，可用 $3 路：$4"],
  [/looks are shortened as far as they may be, and /, "巡查时长已缩至最短，仍"],
  [new RegExp(`looks are shortened so that ${N} do, the lowest priorities first`), "缩短巡查时长后需 $1 路，低优先级先缩短"],
  [/gaps will be broken, the lowest priorities first/, "将有点位超期，低优先级在前"],
  [/no room is left for retries/, "没有重试的余量"],
  [/^more looks(?: of (.+))? are due than (\d+) streams can make: the first gap breaks (.+)$/, "到期点位超过 $2 路所能巡查（$1）：首个超期在 $3"],
  [/（）/, ""],
  [/首个超期在 now$/, "首个超期在当前"],
  [/首个超期在 in (\d+) (s|min)$/, "首个超期在 $1 $2 后"],
  [/(\d+) s 后$/, "$1 秒后"],
  [/(\d+) min 后$/, "$1 分钟后"],
  [
    new RegExp(`^the data folder's disk has ${N} GB free \\(limit ${N} GB\\); (.+)\\. Nothing is deleted before its day for that: .+$`),
    "数据盘剩余 $1 GB（下限 $2 GB）；$3。不会因此提前删除：请扩容，或在配置的 retention 中缩短期限",
  ],
  [new RegExp(`at last week's growth of ${N} GB a day it is full in (\\d+) days`), "按上周每天增加 $1 GB 计，$2 天后写满"],
  [/it did not grow in the last week/, "上周没有增加"],
  [/^the data folder's disk cannot be read: (.+)$/, "数据盘无法读取：$1"],
  [/^the clock says (\S+ \S+) UTC, which is before the last purge \((\S+ \S+) UTC\); set the clock, or run (.+)$/, "系统时间 $1 UTC 早于上次清理 $2 UTC；请校准时间，或运行 $3"],
  [
    /^the clock says (\S+ \S+) UTC, (\d+) days after the service was last alive \((\S+ \S+) UTC\); nothing is purged until somebody has looked at the clock and run (.+)$/,
    "系统时间 $1 UTC 距服务上次运行（$3 UTC）已 $2 天；核对时间并运行 $4 之前不做清理",
  ],
  [/^the purge cannot delete: (.+); it will try again$/, "清理无法删除：$1；将重试"],
  [/^the last purge \(run (\d+)\) met what a person must look at: (.+)$/, "上次清理（第 $1 次）有需人工查看的内容：$2"],
  [/^the changed registry is not valid and not in force: (.+?)(?: \(and (\d+) more; patrol check shows all\))?$/, "改动后的点位配置有误，未生效：$1"],
];
