//! A history as a picture in text: a lane each client, time from left to right.

use super::call::{Call, History};

/// Columns of a line; a wider picture goes on below.
const WIDTH: usize = 92;

/// The longest text in a call's bar.
const LABEL: usize = 44;

/// Draws a history.
///
/// ```
/// use etalon_spec::history::{History, picture};
///
/// let text = "ops 1\n[0] put \"k\" \"1\"\n[1] get \"k\" -> none\n[0] -> ok\n[1] get \"k\"\n";
/// let drawn = picture(&History::parse(text).unwrap());
/// assert_eq!(drawn, "\
/// [0] |put \"k\" \"1\" -- ok|\n\
/// [1]  |get \"k\" - none|   |get \"k\" --\n");
/// ```
pub fn picture(history: &History) -> String {
    let (columns, width) = columns(history);
    let mut lanes: Vec<u32> = history.calls().iter().map(|call| call.lane).collect();
    lanes.sort_unstable();
    lanes.dedup();
    let draw = |lane: &u32| (*lane, bar(history, *lane, &columns, width));
    let bars: Vec<(u32, Vec<u8>)> = lanes.iter().map(draw).collect();
    let digits = lanes.last().map_or(1, |lane| lane.to_string().len());
    let mut picture = String::new();
    for from in (0..width).step_by(WIDTH) {
        picture.push_str(if from == 0 { "" } else { "...\n" });
        for (lane, bar) in &bars {
            let to = width.min(from + WIDTH);
            let piece = String::from_utf8_lossy(&bar[from..to]);
            let line = format!("[{lane:digits$}] {piece}");
            picture.push_str(line.trim_end());
            picture.push('\n');
        }
    }
    picture
}

/// Where a call's bar begins and ends; it has no end without an answer.
type Ends = (usize, Option<usize>);

/// The ends of every call's bar, and the width of the whole.
fn columns(history: &History) -> (Vec<Ends>, usize) {
    let mut columns: Vec<Ends> = vec![(0, None); history.calls().len()];
    let (mut next, mut width) = (0, 0);
    for moment in history.moments() {
        let [asked, answered] = texts(&history.calls()[moment.call]);
        let ends = &mut columns[moment.call];
        if moment.is_return {
            next = next.max(ends.0 + asked.len() + answered.len() + 4);
            ends.1 = Some(next);
            next += 1;
        } else {
            ends.0 = next;
            width = width.max(next + asked.len() + 4);
        }
        next += 1;
    }
    (columns, width.max(next))
}

/// What stands at the left and at the right of a call's bar.
fn texts(call: &Call) -> [String; 2] {
    let reply = call.reply().map_or_else(String::new, ToString::to_string);
    [cut(call.op.to_string()), cut(reply)]
}

fn cut(text: String) -> String {
    if text.len() <= LABEL {
        return text;
    }
    format!("{}..", &text[..LABEL - 2])
}

fn bar(history: &History, lane: u32, columns: &[Ends], width: usize) -> Vec<u8> {
    let mut bar = vec![b' '; width];
    let own = history.calls().iter().zip(columns);
    for (call, (begin, end)) in own.filter(|(call, _)| call.lane == lane) {
        let [asked, answered] = texts(call);
        bar[*begin..end.unwrap_or(width)].fill(b'-');
        put(&mut bar, *begin, &format!("|{asked} "));
        if let Some(end) = end {
            put(&mut bar, end - answered.len() - 1, &format!(" {answered}|"));
        }
    }
    bar
}

fn put(bar: &mut [u8], at: usize, text: &str) {
    bar[at..at + text.len()].copy_from_slice(text.as_bytes());
}
