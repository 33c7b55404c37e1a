// What the four pictures need of Apache ECharts, and nothing else. The SVG renderer keeps pictures sharp on paper.
import {init, use} from "echarts/core";
import {BarChart, HeatmapChart, LineChart, SankeyChart} from "echarts/charts";
import {AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent} from "echarts/components";
import {SVGRenderer} from "echarts/renderers";

use([BarChart, HeatmapChart, LineChart, SankeyChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent,
     VisualMapComponent, SVGRenderer]);

export {init};
