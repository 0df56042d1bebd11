//! Charts of lines, as SVG.
use crate::line::Line;
use crate::table::number;
use anyhow::anyhow;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const OURS_COLOR: RGBColor = RGBColor(0, 96, 160);
const PEER_COLOR: RGBColor = RGBColor(200, 90, 20);
const FONT: &str = "sans-serif";
const TEXT_SIZE: i32 = 14;

/// A series of points: who, and what it costs with how many sinks.
type Series = (String, Vec<(u32, f64)>);

/// Cost by number of sinks, the cost on a logarithmic scale; `None` if nothing of it was measured.
pub(super) fn sinks(lines: &[Line]) -> anyhow::Result<Option<String>> {
    let mut all: Vec<Series> = Vec::new();
    for line in lines.iter().filter(|line| line.workload == "sinks") {
        let peer = line.peer.clone().unwrap_or_default();
        for (who, median) in [(line.ours.clone(), line.ours_median), (peer, line.peer_median)] {
            let Some(point) = line.sinks.zip(median) else { continue };
            match all.iter_mut().find(|(known, _)| *known == who) {
                Some((_, points)) => points.push(point),
                None => all.push((who, vec![point])),
            }
        }
    }
    if all.is_empty() {
        return Ok(None);
    }
    let mut svg = String::new();
    draw_sinks(&all, &mut svg).map_err(|error| anyhow!("the chart of sinks: {error}"))?;
    Ok(Some(svg))
}

fn draw_sinks(all: &[Series], svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, (720, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let points = || all.iter().flat_map(|(_, points)| points);
    let last = points().map(|(sinks, _)| *sinks).max().unwrap_or(1);
    let dearest = points().map(|(_, ns)| *ns).fold(100.0, f64::max);
    let mut chart = ChartBuilder::on(&root)
        .caption("An event at its thread, by number of sinks", (FONT, 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(0..last + 1, (10.0..dearest * 3.0).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("sinks")
        .y_desc("ns")
        .y_label_formatter(&|ns: &f64| format!("{ns:.0}"))
        .label_style((FONT, TEXT_SIZE))
        .draw()?;
    for (at, (who, points)) in all.iter().enumerate() {
        let color = if at == 0 { OURS_COLOR } else { PEER_COLOR };
        chart.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?;
        let label = (FONT, TEXT_SIZE).into_font().color(&color);
        let middle = label.pos(Pos::new(HPos::Center, VPos::Bottom));
        chart.draw_series(points.iter().map(|point| {
            let text = Text::new(number(point.1), (0, -8), middle.clone());
            EmptyElement::at(*point) + Circle::new((0, 0), 3, color.filled()) + text
        }))?;
        let first = points.iter().take(1).map(|point| {
            EmptyElement::at(*point)
                + Text::new(who.clone(), (-8, 10), (FONT, TEXT_SIZE).into_font().color(&color))
        });
        chart.draw_series(first)?;
    }
    root.present()?;
    Ok(())
}

/// A bar: who, in which workload, and how many events were lost.
struct Bar {
    label: String,
    lost: f64,
    color: RGBColor,
}

/// What was lost of programs that were killed; `None` if nothing of it was measured.
pub(super) fn loss(lines: &[Line]) -> anyhow::Result<Option<String>> {
    let mut bars: Vec<Bar> = Vec::new();
    for (workload, manner) in [("loss-paced", "20,000 a second"), ("loss", "flat out")] {
        let mut of = lines.iter().filter(|line| line.workload == workload).peekable();
        let Some(Line { ours, ours_median: Some(lost), .. }) = of.peek() else { continue };
        let bar = |who: &str, lost, color| Bar { label: format!("{who}, {manner}"), lost, color };
        bars.push(bar(ours, *lost, OURS_COLOR));
        bars.extend(
            of.filter_map(|line| Some(bar(line.peer.as_deref()?, line.peer_median?, PEER_COLOR))),
        );
    }
    if bars.is_empty() {
        return Ok(None);
    }
    let mut svg = String::new();
    draw_loss(&bars, &mut svg).map_err(|error| anyhow!("the chart of losses: {error}"))?;
    Ok(Some(svg))
}

const ROW: i32 = 26;
const LABELS: i32 = 300;
const BARS: i32 = 320;
const TOP: i32 = 50;

fn draw_loss(bars: &[Bar], svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let height = TOP + ROW * bars.len() as i32 + 16;
    let size = ((LABELS + BARS + 100) as u32, height as u32);
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    root.fill(&WHITE)?;
    let text = (FONT, TEXT_SIZE).into_font().color(&BLACK);
    let title = "Events lost after SIGKILL, on a logarithmic scale";
    root.draw(&Text::new(title, (12, 14), (FONT, 18).into_font().color(&BLACK)))?;
    let scale = |lost: f64| (1.0 + lost).log10();
    let longest = bars.iter().map(|bar| scale(bar.lost)).fold(1.0, f64::max);
    for (number_of, bar) in (0..).zip(bars) {
        let y = TOP + ROW * number_of;
        let length = (scale(bar.lost) / longest * f64::from(BARS)) as i32;
        let before = text.pos(Pos::new(HPos::Right, VPos::Center));
        root.draw(&Text::new(bar.label.clone(), (LABELS - 8, y + ROW / 2), before))?;
        let corners = [(LABELS, y + 4), (LABELS + length.max(1), y + ROW - 4)];
        root.draw(&Rectangle::new(corners, bar.color.filled()))?;
        let behind = text.pos(Pos::new(HPos::Left, VPos::Center));
        let lost = format!("{:.0}", bar.lost);
        root.draw(&Text::new(lost, (LABELS + length + 8, y + ROW / 2), behind))?;
    }
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{loss, sinks};
    use crate::line::Line;

    fn line(workload: &str, ours: f64, theirs: Option<f64>, sinks: Option<u32>) -> Line {
        Line {
            workload: workload.to_owned(),
            ours: "obs".to_owned(),
            ours_median: Some(ours),
            peer: Some("peer".to_owned()),
            peer_median: theirs,
            sinks,
            ..Line::default()
        }
    }

    /// The texts of a chart, in their order, without those that look like numbers on an axis.
    fn words(svg: &str) -> Vec<&str> {
        let lines = svg.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with('<')).collect()
    }

    #[test]
    fn the_chart_of_sinks_names_who_and_how_much() {
        let lines = [
            line("event", 70.0, Some(3800.0), None),
            line("sinks", 60.0, Some(3500.0), Some(1)),
            line("sinks", 61.0, Some(21000.0), Some(6)),
        ];
        let svg = sinks(&lines).unwrap().unwrap();
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
        for word in ["obs", "peer", "60.0", "61.0", "3500", "21000"] {
            assert!(words(&svg).contains(&word), "{word} is not in {svg}");
        }
        assert!(sinks(&lines[..1]).unwrap().is_none());
    }

    #[test]
    fn the_chart_of_losses_leaves_out_who_keeps_nothing() {
        let lines = [line("loss", 0.0, Some(1500.0), None), line("loss", 0.0, None, None)];
        let svg = loss(&lines).unwrap().unwrap();
        assert_eq!(words(&svg)[1..], ["obs, flat out", "0", "peer, flat out", "1500"]);
        assert!(loss(&[]).unwrap().is_none());
    }
}
