//! Runs: neighbouring point stages fused to one pass, in whatever order they stand.
//!
//! A run reads one picture and writes another. Its shader is put together from the stages' own WGSL
//! functions: places are worked out from the last stage back to the first, then levels from the first
//! to the last. Levels are whole and limited after every stage, so a run makes exactly the picture
//! that its stages make one by one.

use super::stage::{PICTURE, Point, StageKind, Work};
use std::fmt::Write as _;

/// Most stages in one run; more make a second one.
pub const RUN_STAGES: usize = 10;

/// Where the levels of a run come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Head {
    /// The source as it is.
    #[default]
    Plain,
    /// The worn picture (source) mixed with the decoded one (second).
    Mixed,
    /// The same, the worn picture zoomed, turned and moved before.
    Turned,
}

/// Names a run: its head, and its stages by their number in the rack, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RunKey {
    /// Where the levels come from.
    pub head: Head,
    count: u8,
    stages: [u8; RUN_STAGES],
}

impl RunKey {
    /// A run without a stage.
    pub fn of(head: Head) -> Self {
        Self { head, ..Self::default() }
    }

    /// A run of one stage alone.
    pub fn alone(stage: usize) -> Self {
        let mut key = Self::default();
        key.push(stage);
        key
    }

    /// The stages.
    pub fn stages(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.stages[..usize::from(self.count)].iter().map(|stage| usize::from(*stage))
    }

    /// Whether no other stage fits in.
    pub fn is_full(&self) -> bool {
        usize::from(self.count) == RUN_STAGES
    }

    /// Whether the run would only copy.
    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.head == Head::Plain
    }

    /// Whether this is a head or a stage for itself: such runs are made at the start and always there.
    pub fn is_single(&self) -> bool {
        self.count + u8::from(self.head != Head::Plain) <= 1
    }

    /// Adds a stage; a full run stays as it is.
    pub fn push(&mut self, stage: usize) {
        if !self.is_full() {
            self.stages[usize::from(self.count)] = stage as u8;
            self.count += 1;
        }
    }
}

const CHANCE: &str = include_str!("../../shaders/chance.wgsl");
const FEEDBACK: &str = include_str!("../../shaders/feedback.wgsl");

/// The point stages of a run, in order. Stages that are none are passed over.
fn points<'a>(
    key: &'a RunKey,
    kinds: &'a [&'static StageKind],
) -> impl Iterator<Item = (&'static str, &'static Point)> + 'a {
    key.stages().filter_map(|stage| match kinds.get(stage)? {
        StageKind { name, work: Work::Point(point), .. } => Some((*name, point)),
        _ => None,
    })
}

/// The name of a run, for messages.
pub fn name(key: &RunKey, kinds: &[&'static StageKind]) -> String {
    let names: Vec<&str> = points(key, kinds).map(|(name, _)| name).collect();
    format!("{:?} {}", key.head, names.join(" + "))
}

/// The WGSL of a run; its entry point is `main`.
pub fn wgsl(key: &RunKey, kinds: &[&'static StageKind]) -> String {
    let mut text = format!("{PICTURE}\n{CHANCE}\n");
    let mut fields = String::new();
    let mut from = String::new();
    let mut levels = String::new();
    let count = key.stages().len();
    if key.head != Head::Plain {
        text.push_str(FEEDBACK);
        fields.push_str("    head: Feedback,\n");
    }
    // A String takes all that is written: these results are always good.
    for (number, (name, point)) in points(key, kinds).enumerate() {
        text.push_str(point.wgsl);
        let _ = writeln!(fields, "    stage_{number}: {},", point.uniform);
        if point.changes {
            let at = number + 1;
            let _ = writeln!(
                levels,
                "    levels = in_range({name}_levels(run.stage_{number}, at_{at}, levels));"
            );
        }
    }
    for (number, (name, point)) in points(key, kinds).enumerate().collect::<Vec<_>>().iter().rev() {
        let _ = match point.moves {
            true => writeln!(
                from,
                "    let at_{number} = {name}_from(run.stage_{number}, at_{});",
                number + 1
            ),
            false => writeln!(from, "    let at_{number} = at_{};", number + 1),
        };
    }
    if !fields.is_empty() {
        let _ = writeln!(
            text,
            "struct Run {{\n{fields}}}\n@group(0) @binding(0) var<uniform> run: Run;"
        );
    }
    let first = match key.head {
        Head::Plain => "load(at_0)",
        Head::Mixed => "feedback_mixed(run.head, at_0)",
        Head::Turned => "feedback_turned(run.head, at_0)",
    };
    let _ = write!(
        text,
        "@compute @workgroup_size(8, 8)\n\
         fn main(@builtin(global_invocation_id) id: vec3<u32>) {{\n    \
         let at_{count} = vec2<i32>(id.xy);\n    \
         if !is_inside(at_{count}) {{\n        return;\n    }}\n\
         {from}    var levels = {first};\n{levels}    store(at_{count}, levels);\n}}\n"
    );
    text
}
