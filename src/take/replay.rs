//! From the text of a take to what an engine plays.

use super::format::{ClipFacts, Event, Mark, PresetFacts, Record, Take, Value, What};
use crate::{
    clip::Clip,
    engine::{Arrival, Bank, Preset, Replay, ReplayKind},
    params::{Change, ControlEvent, Kind, ParamIndex, Registry, Scope, Source},
};
use std::{fmt, sync::Arc, time::Duration};

/// Why a take cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A row that is not there.
    #[error(
        "the take moves {id}, and there is no such parameter here: a shader of the set is missing, or another version of the program made the take ({version})"
    )]
    Unknown {
        /// Its id.
        id: String,
        /// The program's version then.
        version: String,
    },
    /// A value that the row cannot have.
    #[error("the take sets {id} to what it cannot be")]
    Value {
        /// Its id.
        id: String,
    },
}

/// What is to be other than it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes {
    /// Events on looks are left out: another look is worn.
    pub without_looks: bool,
    /// By how much values in pixels grow; 0 = they stay as they are.
    pub px_scale: f64,
    /// Events on rows that are not there, and values that rows cannot have, are left out.
    pub is_lenient: bool,
}

/// Why pictures may differ from those of the performance, though everything is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inexact {
    /// The codec stage's pictures came late then.
    Codec,
    /// A shader was edited while playing.
    Shader,
    /// The clean lane's decoder failed then.
    Clean,
    /// So many lines are missing.
    Lost(u64),
}

impl fmt::Display for Inexact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codec => f.write_str(
                "the codec stage was too slow when this was played, and left out what was late: its \
                 pictures may differ from then on",
            ),
            Self::Shader => f.write_str(
                "a shader was edited while this was played: the pictures are those of its text now",
            ),
            Self::Clean => f.write_str(
                "the decoder of the clean picture failed when this was played: what was mixed in may \
                 differ from then on",
            ),
            Self::Lost(lines) => write!(
                f,
                "this take has holes: {lines} lines could not be written down when it was played"
            ),
        }
    }
}

impl Inexact {
    /// What of this is true of a take.
    pub fn of(take: &Take) -> Vec<Self> {
        let marks = [
            (Mark::CodecLate, Self::Codec),
            (Mark::Shader, Self::Shader),
            (Mark::CleanFailed, Self::Clean),
        ];
        let of_marks = marks.into_iter().filter(|(mark, _)| take.has(*mark)).map(|(_, why)| why);
        let lost = Some(take.lost()).filter(|lost| *lost > 0).map(Self::Lost);
        of_marks.chain(lost).collect()
    }
}

impl Changes {
    /// The plain value of a row that is to be set to this.
    ///
    /// # Errors
    /// No value of the row.
    pub fn plain(
        &self,
        registry: &Registry,
        row: ParamIndex,
        value: &Value,
    ) -> Result<f64, ReplayError> {
        let spec = registry.row(row);
        let no_value = || ReplayError::Value { id: spec.id.to_owned() };
        match value {
            Value::Number(number) if number.is_nan() => Err(no_value()),
            Value::Number(number) => Ok(spec.clamp(self.scaled(registry, row, *number))),
            Value::Row(id) => match (spec.kind, id.as_str()) {
                (Kind::Reference, "none") => Ok(registry.plain_of(None)),
                // A row that has gone is no row, as it was then.
                (Kind::Reference, id) => Ok(registry.plain_of(registry.find(id))),
                _ => Err(no_value()),
            },
        }
    }

    /// A plain value in the pixels of another canvas.
    fn scaled(&self, registry: &Registry, row: ParamIndex, plain: f64) -> f64 {
        let is_px = registry.row(row).unit == "px";
        if is_px && self.px_scale > 0.0 { plain * self.px_scale } else { plain }
    }

    fn change(
        &self,
        registry: &Registry,
        row: ParamIndex,
        event: &Event,
    ) -> Result<Change, ReplayError> {
        let spec = registry.row(row);
        let is_px = spec.unit == "px" && self.px_scale > 0.0;
        Ok(match (event.change, &event.row) {
            (Change::Plain(_), Some(id)) => {
                Change::Plain(self.plain(registry, row, &Value::Row(id.clone()))?)
            }
            (Change::Plain(plain), None) => Change::Plain(self.scaled(registry, row, plain)),
            (Change::Normalised(value), _) if is_px => {
                Change::Plain(self.scaled(registry, row, spec.plain_from_normalised(value)))
            }
            (Change::Nudge(by), _) if is_px => Change::Nudge(by * self.px_scale),
            (change, _) => change,
        })
    }
}

/// Makes of a take what an engine plays. `clips` are those that came while it was played, in order.
///
/// # Errors
/// A row that is not there, or a value that it cannot have; not where `changes` are lenient.
pub fn replay(
    take: &Take,
    registry: &Registry,
    kind: ReplayKind,
    clips: &[Arc<Clip>],
    changes: Changes,
) -> Result<Replay, ReplayError> {
    let (mut events, mut arrivals, mut late) = (Vec::new(), Vec::new(), Vec::new());
    let mut clips = clips.iter();
    let slots = take.slots();
    // What presses do stands before the first event.
    let mut habit = |id: &String, change: Change| {
        if let Some(param) = registry.find(id) {
            let event = ControlEvent { param, change, source: Source::File };
            events.push((0, event, Duration::ZERO));
        }
    };
    for (id, gesture) in &take.header.gestures {
        habit(id, Change::Gesture(*gesture));
    }
    for (id, grid) in &take.header.grids {
        habit(id, Change::Quantise(*grid));
    }
    let mut coming: Vec<PresetFacts> = Vec::new();
    for Record { slot, what } in &take.records {
        // What a kept take has beyond its end was played after it was kept.
        if *slot >= slots {
            continue;
        }
        match what {
            What::Event(event) => match resolve(take, registry, event, changes) {
                Ok(Some(found)) => {
                    events.push((*slot, found, Duration::from_micros(event.at_micros)));
                }
                Ok(None) => {}
                Err(_) if changes.is_lenient => {}
                Err(error) => return Err(error),
            },
            What::Late { last } => late.push((*slot, *last)),
            What::Grab { picture, is_filled } => {
                let (picture, is_filled) = (picture.saturating_sub(1), *is_filled);
                arrivals.push((*slot, Arrival::Grab { slot: picture, is_filled }));
            }
            What::GrabOf(of) => arrivals.push((*slot, Arrival::GrabOf(*of))),
            What::Clip(_) => {
                arrivals.extend(clips.next().map(|clip| (*slot, Arrival::Clip(Arc::clone(clip)))));
            }
            What::Preset(name) => {
                coming.push(PresetFacts { name: name.clone(), values: Vec::new() });
            }
            What::PresetValue(id, value) => {
                if let Some(preset) = coming.last_mut() {
                    preset.values.push((id.clone(), value.clone()));
                }
            }
            What::Bank => {
                let bank = bank(registry, &std::mem::take(&mut coming), changes)?;
                arrivals.push((*slot, Arrival::Bank(Arc::new(bank))));
            }
            What::Mark(mark) => arrivals.push((*slot, arrival(*mark))),
            What::Reached | What::From | What::Lost(_) | What::End => {}
        }
    }
    let mut replay = Replay::new(kind, slots, events, arrivals, late);
    let triggers = registry.iter().filter(|(_, row)| row.kind == Kind::Trigger);
    replay.share(triggers.map(|(index, _)| index));
    Ok(replay)
}

/// Presets as an engine has them; values of rows that are not there any more are left out, as a preset's
/// file leaves them out.
///
/// # Errors
/// A value that a row cannot have, unless `changes` are lenient: then it is left out.
pub fn bank(
    registry: &Registry,
    presets: &[PresetFacts],
    changes: Changes,
) -> Result<Bank, ReplayError> {
    let values = |preset: &PresetFacts| -> Result<Vec<_>, ReplayError> {
        let known =
            preset.values.iter().filter_map(|(id, value)| Some((registry.find(id)?, value)));
        let plain = known.map(|(row, value)| Ok((row, changes.plain(registry, row, value)?)));
        plain.filter(|plain| !changes.is_lenient || plain.is_ok()).collect()
    };
    let preset = |preset: &PresetFacts| -> Result<Preset, ReplayError> {
        Ok(Preset { name: preset.name.clone(), values: values(preset)? })
    };
    Ok(Bank { presets: presets.iter().map(preset).collect::<Result<_, _>>()? })
}

/// The clips that came while a take was played, in order.
pub fn late_clips(take: &Take) -> impl Iterator<Item = &ClipFacts> {
    take.records.iter().filter_map(|record| match &record.what {
        What::Clip(clip) => Some(clip),
        _ => None,
    })
}

fn resolve(
    take: &Take,
    registry: &Registry,
    event: &Event,
    changes: Changes,
) -> Result<Option<ControlEvent>, ReplayError> {
    let param = registry.find(&event.id).ok_or_else(|| ReplayError::Unknown {
        id: event.id.clone(),
        version: take.header.version.clone(),
    })?;
    if changes.without_looks && registry.row(param).scope == Scope::Look {
        return Ok(None);
    }
    let change = changes.change(registry, param, event)?;
    Ok(Some(ControlEvent { param, change, source: event.source }))
}

fn arrival(mark: Mark) -> Arrival {
    match mark {
        Mark::Begun => Arrival::Begun,
        Mark::GrabRefused => Arrival::GrabRefused,
        Mark::NoPicture => Arrival::NoPicture,
        Mark::Shader => Arrival::Shader,
        Mark::NoDecoder => Arrival::NoDecoder,
        Mark::FeedFailed => Arrival::FeedFailed,
        Mark::DecoderFailed => Arrival::DecoderFailed,
        Mark::NoCleanDecoder => Arrival::NoCleanDecoder,
        Mark::CleanLate => Arrival::CleanLate,
        Mark::CleanFailed => Arrival::CleanFailed,
        Mark::CodecLate => Arrival::CodecLate,
        Mark::Unread => Arrival::Unread,
    }
}
