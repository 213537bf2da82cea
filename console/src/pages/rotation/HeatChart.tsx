// The heat map itself, drawn by ECharts; only the parts it needs are loaded.
import { HeatmapChart } from "echarts/charts";
import { GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { colour, useShownTheme } from "../../shell/theme";

echarts.use([HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

interface Given {
  hours: string[];
  groups: string[];
  numbers: (number | null)[][];
  name: string;
  unit: string;
  good: boolean;
  label: string;
}

export function HeatChart({ hours, groups, numbers, name, unit, good, label }: Given) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = echarts.init(element, null, { renderer: "canvas" });
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(element);
    const narrow = element.clientWidth < 700;
    const most = Math.max(1, ...numbers.flat().map((n) => n ?? 0));
    const data = numbers.flatMap((line, group) => line.map((value, hour) => [hour, group, value ?? "-"]));
    const text = { color: colour("text"), fontSize: 12 };
    chart.setOption({
      animation: false,
      tooltip: { confine: true, formatter: (of: { value: [number, number, number] }) => `${groups[of.value[1]] ?? ""} ${hours[of.value[0]] ?? ""}<br>${name}: ${of.value[2]} ${unit}` },
      grid: { left: narrow ? 90 : 150, right: 12, top: 8, bottom: 64 },
      xAxis: { type: "category", data: hours, axisLabel: text, splitArea: { show: false } },
      yAxis: { type: "category", data: groups, inverse: true, axisLabel: { ...text, width: narrow ? 80 : 140, overflow: "truncate" } },
      visualMap: { min: 0, max: most, orient: "horizontal", left: "center", bottom: 0, itemHeight: 160, textStyle: text, calculable: false, inRange: { color: good ? [colour("raised"), colour("good")] : [colour("raised"), colour("warn"), colour("bad")] } },
      series: [{ type: "heatmap", data, label: { show: !narrow, color: colour("text"), textBorderColor: colour("surface"), textBorderWidth: 2, fontSize: 11 }, itemStyle: { borderColor: colour("surface"), borderWidth: 1 } }],
    });
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [hours, groups, numbers, name, unit, good, theme]);
  return <div ref={place} className="rotation-chart" role="img" aria-label={label} style={{ height: Math.max(220, 90 + groups.length * 30) }} />;
}
