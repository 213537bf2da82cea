// A chart by day or group: ECharts with the few parts that are used, in the colours of the theme. The tables hold the same numbers.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { colour, useShownTheme } from "../../shell/theme";

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** Colours that can be told apart in both themes, also by those who see few of them; bars of one stack differ in brightness. */
const INKS = { light: ["#13518f", "#c2571a", "#5b8c2a", "#8a3ffc", "#6b7280"], dark: ["#6aa9ec", "#f0a35c", "#9ccc65", "#c39bff", "#9aa7b8"] };

/** Counts have no halves on their axis. */
const WHOLE = { minInterval: 1 };

export interface Series {
  name: string;
  values: (number | null)[];
  kind: "bar" | "line";
  /** Bars of the same stack stand on each other. */
  stack?: string;
  /** On the right axis. */
  right?: boolean;
}

/** `format`, `formatRight`: how numbers of the axes are written. */
export function Chart({ label, names, series, format, formatRight }: { label: string; names: string[]; series: Series[]; format?: (value: number) => string; formatRight?: (value: number) => string }) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let chart: echarts.ECharts | undefined;
    const draw = () => {
      // A page that is not laid out yet has no room to draw in.
      if (element.clientWidth === 0) return;
      if (chart) return chart.resize();
      chart = echarts.init(element, null, { renderer: "svg" });
      chart.setOption(option(theme, names, series, format, formatRight));
    };
    const watch = new ResizeObserver(draw);
    watch.observe(element);
    draw();
    return () => {
      watch.disconnect();
      chart?.dispose();
    };
  }, [theme, names, series, format, formatRight]);
  return <div ref={box} className="chart" role="img" aria-label={label} />;
}

function option(theme: "light" | "dark", names: string[], series: Series[], format?: (value: number) => string, formatRight?: (value: number) => string) {
  const axis = { axisLine: { lineStyle: { color: colour("line") } }, axisLabel: { color: colour("muted") }, splitLine: { lineStyle: { color: colour("line"), opacity: 0.5 } } };
  const write = (one: Series) => (value: unknown) => (typeof value !== "number" ? "–" : one.right ? (formatRight?.(value) ?? String(value)) : (format?.(value) ?? String(value)));
  return {
    animation: false,
    color: INKS[theme],
    textStyle: { fontFamily: "inherit" },
    grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
    legend: { top: 0, itemGap: 28, textStyle: { color: colour("text") }, inactiveColor: colour("muted") },
    tooltip: { trigger: "axis", backgroundColor: colour("surface"), borderColor: colour("line"), textStyle: { color: colour("text") } },
    xAxis: { type: "category", data: names, ...axis, splitLine: { show: false } },
    yAxis: [
      { type: "value", ...axis, ...(format ? {} : WHOLE), axisLabel: { ...axis.axisLabel, ...(format ? { formatter: format } : {}) } },
      { type: "value", show: series.some((one) => one.right), ...axis, ...(formatRight ? {} : WHOLE), splitLine: { show: false }, axisLabel: { ...axis.axisLabel, ...(formatRight ? { formatter: formatRight } : {}) } },
    ],
    series: series.map((one) => ({
      name: one.name,
      type: one.kind,
      data: one.values,
      yAxisIndex: one.right ? 1 : 0,
      barMaxWidth: 36,
      symbolSize: 7,
      ...(one.stack ? { stack: one.stack } : {}),
      tooltip: { valueFormatter: write(one) },
    })),
  };
}
