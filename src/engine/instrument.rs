//! What the instrument is made of.

use super::{
    clean::CleanLane,
    decoding::DecoderBay,
    delivery::Delivery,
    entering::selected_clip,
    envelope::Ramp,
    feeding::Outstanding,
    gesture_loops::GestureLoops,
    grabs::{GrabDesk, Grabs},
    hands::Hands,
    live::{ClipDesk, Desk, ShaderDesk},
    looks::{BankDesk, Looks},
    modulators::{CLIP_BRIGHTNESS, CLIP_MOTION, Features, Modulators},
    own::OwnValues,
    replay::Replay,
    report::{Arrival, SlotObserver, SlotReport},
    rows::{CLIPS_MAX, Rows},
    score::Score,
    shape,
    state::State,
    status::Status,
};
use crate::{
    audio::Wisher,
    bitstream::{Splicer, Stream},
    clip::{Clip, SliceBuffer},
    decay::{self, Chain},
    modulation::{Curve, Positions},
    params::{ControlQueue, ParamIndex, Registry, Snapshot, Store},
    playhead::{self, Choice, Playhead},
    ports::{DecoderError, DecoderMaker, Notices, PictureSink, StreamSink},
    recognition::Steering,
    units::{Canvas, Direction, Picture, StreamFormat},
};
use std::{sync::Arc, time::Instant};

/// Arrivals of one tick at most: beyond it the list grows, which is slower, not wrong.
const ARRIVALS_MAX: usize = 64;

/// What an engine is made of.
pub struct Setup<M: DecoderMaker> {
    /// All rows.
    pub registry: Arc<Registry>,
    /// The starting values.
    pub store: Store,
    /// Where events come from.
    pub queue: ControlQueue,
    /// Where lines for the person go.
    pub notices: Notices,
    /// The loaded clips, at least one, all of the canvas's size.
    pub clips: SliceBuffer,
    /// Size and rate of the programme.
    pub canvas: Canvas,
    /// The decay chain, of the canvas's size.
    pub chain: Chain,
    /// Makes decoders.
    pub maker: Arc<M>,
    /// Changes at fixed times.
    pub score: Score,
}

/// Why an engine cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nothing to play.
    #[error("there is no clip to play: name a video or a set")]
    NoClip,
    /// A format that nothing decodes.
    #[error(transparent)]
    Decoder(#[from] DecoderError),
}

/// The instrument. Lives on the engine thread.
pub struct Engine<M: DecoderMaker> {
    pub(super) store: Store,
    pub(super) queue: ControlQueue,
    pub(super) notices: Notices,
    pub(super) clips: SliceBuffer,
    /// What each clip keeps.
    pub(super) own: OwnValues,
    pub(super) canvas: Canvas,
    pub(super) chain: Chain,
    pub(super) decoders: DecoderBay<M>,
    pub(super) splicer: Splicer,
    pub(super) playheads: Vec<Playhead>,
    pub(super) score: Score,
    /// A take that plays.
    pub(super) replay: Option<Replay>,
    /// What came into this tick at its own time, until the observers are told.
    pub(super) arrivals: Vec<Arrival>,
    pub(super) delivery: Delivery,
    pub(super) desk: Option<Desk>,
    pub(super) clip_desk: Option<ClipDesk>,
    pub(super) shader_desk: Option<ShaderDesk>,
    pub(super) grabs: Grabs,
    pub(super) loops: GestureLoops,
    /// Where playheads were put before they played: clip from 0, place.
    pub(super) placed: Vec<(usize, f64)>,
    pub(super) looks: Looks,
    pub(super) bank_desk: Option<BankDesk>,
    /// Where the whole state is published, and the slot at which it is due.
    pub(super) state: Option<triple_buffer::Input<State>>,
    pub(super) state_due: u64,
    /// How often the set was to be saved, the look to be kept as a preset, and how often something
    /// changed that a set keeps by itself.
    pub(super) saves_asked: u64,
    pub(super) presets_asked: u64,
    pub(super) updates_asked: u64,
    pub(super) kept_changes: u64,
    pub(super) clean: CleanLane<M>,
    /// The cue that was asked for, from 0.
    pub(super) cue_due: Option<usize>,
    pub(super) modulators: Modulators,
    /// What the clips themselves give to modulators.
    pub(super) features: Features,
    /// Tells the ears what they are to hear.
    pub(super) wisher: Option<Wisher>,
    /// What the edge of recognition adds.
    pub(super) steering: Steering,
    pub(super) clip_motion: ParamIndex,
    pub(super) clip_brightness: ParamIndex,
    /// Where the state is published, one for each who looks at it.
    pub(super) status: Vec<triple_buffer::Input<Status>>,
    pub(super) rows: Rows,
    /// Tempo, gestures, macros, history.
    pub(super) hands: Hands,
    pub(super) playhead_rows: playhead::Rows,
    pub(super) feedback: ParamIndex,
    /// How far the picture moves down in every generation.
    pub(super) drift_down: ParamIndex,
    pub(super) generations_per_second: ParamIndex,

    pub(super) clip: usize,
    /// The bytes of the access unit on its way, spliced. Kept for its capacity.
    pub(super) access_unit: Vec<u8>,
    pub(super) outstanding: Option<Outstanding>,
    pub(super) next_number: u64,
    /// Access units fed in this tick.
    pub(super) units_fed: u32,
    /// The grabbed picture fed in this tick.
    pub(super) thrown: Option<usize>,
    /// Superframes that have ended since the start, and how many of them chance has answered.
    pub(super) superframes_ended: u64,
    pub(super) superframes_wandered: u64,
    /// Ticks for which the picture has been held.
    pub(super) held_ticks: u32,
    /// Of which pairs of clips it has been said that their codings differ: for each clip a bit for
    /// each other.
    pub(super) said_codings: [u64; CLIPS_MAX],
    /// The crossfade of the moshed and the clean picture, and how many of its 256 parts are clean.
    pub(super) mixed: Picture,
    pub(super) mix_part: u16,
    pub(super) is_mix_stale: bool,
    /// The last choice, for reports.
    pub(super) choice: Option<Choice>,
    /// The clip that it was made in.
    pub(super) choice_clip: usize,
    pub(super) picture: Picture,
    pub(super) blackout: Ramp,
    pub(super) melt: Ramp,
    /// Generations owed: the fraction that did not fit into whole ticks.
    pub(super) generations_due: f64,
    /// Generations made since the decay was last healed.
    pub(super) generation: u64,
    /// Clip, direction and place of the access unit that was fed last, where it was a clip's.
    pub(super) last_fed: Option<(usize, Direction, u32)>,
    /// Whether an access unit was fed after another than its own since the last intra picture.
    pub(super) is_spliced: bool,
    /// Generations made since the start: keys the noise, so that a heal does not repeat it.
    pub(super) generations_ever: u64,
    pub(super) is_decay_heal_due: bool,
    pub(super) is_recorder_asked: bool,
    pub(super) before_panic: Option<Snapshot>,
    pub(super) decode_micros: u32,
    pub(super) gpu_micros: u32,
    pub(super) submitted: [(u64, Option<Instant>); 8],
    pub(super) late_slots: u64,
    pub(super) is_chain_mourned: bool,
    /// The look of the shown picture; stands while the picture is held.
    pub(super) look: Snapshot,
    /// Whether a decoded picture has not been given to the chain yet.
    pub(super) is_picture_unshown: bool,
    /// The report of the last slot that was no late one.
    pub(super) shown: SlotReport,
}

impl<M: DecoderMaker> Engine<M> {
    /// Builds the instrument: decoders are made here, so that the first tick finds them.
    ///
    /// # Errors
    /// No clip, or a coding that nothing decodes.
    pub fn new(setup: Setup<M>) -> Result<Self, EngineError> {
        let Setup { registry, mut store, queue, notices, mut clips, canvas, chain, .. } = setup;
        let (maker, score) = (setup.maker, setup.score);
        if clips.is_empty() {
            return Err(EngineError::NoClip);
        }
        let mut formats: Vec<StreamFormat> = Vec::new();
        for clip in clips.clips() {
            for stream in [&clip.forward, &clip.backward] {
                if !formats.contains(stream.format()) {
                    formats.push(stream.format().clone());
                }
            }
        }
        let bytes = clips.clips().iter().map(|clip| shape::spliced_bytes_max(clip)).max();
        let bytes = bytes.unwrap_or(0);
        clips.reserve_for(CLIPS_MAX);
        let mut playheads = Vec::with_capacity(CLIPS_MAX.max(clips.len()));
        playheads.resize_with(clips.len(), Playhead::default);
        store.settle();
        for stage in chain.bypassed() {
            notices.warn(format!("a stage is left out: {stage}"));
        }
        let rows = Rows::resolve(&registry);
        let mut features = Features::with_capacity(CLIPS_MAX.max(clips.len()));
        clips.clips().iter().for_each(|clip| features.add(clip));
        Ok(Self {
            modulators: Modulators::new(Arc::clone(&registry)),
            features,
            wisher: None,
            steering: Steering::resolve(&registry),
            clip_motion: registry.index_of(&CLIP_MOTION),
            clip_brightness: registry.index_of(&CLIP_BRIGHTNESS),
            own: OwnValues::new(&registry, store.base(), clips.len(), CLIPS_MAX),
            clean: CleanLane::new(Arc::clone(&maker), canvas, bytes, notices.clone())?,
            grabs: Grabs::new(notices.clone()),
            loops: GestureLoops::new(&registry),
            placed: Vec::new(),
            replay: None,
            arrivals: Vec::with_capacity(ARRIVALS_MAX),
            looks: Looks::new(&registry, store.base()),
            bank_desk: None,
            state: None,
            state_due: 0,
            saves_asked: 0,
            presets_asked: 0,
            updates_asked: 0,
            kept_changes: 0,
            clip_desk: None,
            shader_desk: None,
            cue_due: None,
            units_fed: 0,
            thrown: None,
            superframes_ended: 0,
            superframes_wandered: 0,
            held_ticks: 0,
            said_codings: [0; CLIPS_MAX],
            mixed: Picture::black(canvas.width, canvas.height),
            mix_part: 0,
            is_mix_stale: false,
            decoders: DecoderBay::new(maker, &formats, notices.clone())?,
            splicer: Splicer::new(),
            playheads,
            delivery: Delivery::new(canvas),
            desk: None,
            status: Vec::new(),
            rows,
            hands: Hands::new(&registry, store.base(), canvas),
            playhead_rows: playhead::Rows::resolve(&registry),
            feedback: registry.index_of(&decay::FEEDBACK),
            drift_down: registry.index_of(&decay::SHIFT_DRIFT_Y_PX),
            generations_per_second: registry.index_of(&decay::GENERATIONS_PER_SECOND),
            clip: selected_clip(store.base(), rows.clip_select, clips.len()).unwrap_or(0),
            access_unit: Vec::with_capacity(bytes),
            outstanding: None,
            next_number: 0,
            choice: None,
            choice_clip: 0,
            picture: Picture::black(canvas.width, canvas.height),
            blackout: Ramp::default(),
            melt: Ramp::default(),
            generations_due: 0.0,
            generation: 0,
            last_fed: None,
            is_spliced: false,
            generations_ever: 0,
            is_decay_heal_due: true,
            is_recorder_asked: false,
            before_panic: None,
            decode_micros: 0,
            gpu_micros: 0,
            submitted: [(0, None); 8],
            late_slots: 0,
            is_chain_mourned: false,
            look: store.result().clone(),
            is_picture_unshown: false,
            shown: SlotReport::default(),
            store,
            queue,
            notices,
            clips,
            canvas,
            chain,
            score,
        })
    }

    /// Plays a take: its events, and where it is replayed exactly, its late slots and arrivals.
    pub fn use_replay(&mut self, replay: Replay) {
        if replay.is_exact() {
            self.delivery.keep_history();
        }
        self.replay = Some(replay);
    }

    /// What is set now.
    pub fn base(&self) -> &Snapshot {
        self.store.base()
    }

    /// What a clip (from 0) keeps for itself.
    pub fn own_values(&self, clip: usize) -> impl Iterator<Item = (ParamIndex, f64)> {
        self.own.of(clip)
    }

    /// What a clip keeps at first that comes while playing.
    pub fn new_clip_values(&self) -> impl Iterator<Item = (ParamIndex, f64)> {
        self.own.initial()
    }

    /// Sets what a clip keeps at first that comes while playing.
    pub fn set_new_clip_value(&mut self, param: ParamIndex, plain: f64) {
        self.own.set_initial(param, plain);
    }

    /// The pictures that can be thrown, by slot from 0.
    pub fn kept_grabs(&self) -> impl Iterator<Item = (usize, &Arc<Stream>)> {
        self.grabs.kept()
    }

    /// Size and rate of the programme.
    pub fn canvas(&self) -> Canvas {
        self.canvas
    }

    /// Sends the programme to one more taker, for the whole run.
    pub fn add_sink(&mut self, sink: Box<dyn PictureSink>) {
        self.delivery.add_sink(sink);
    }

    /// Tells every slot to one more observer.
    pub fn observe(&mut self, observer: Box<dyn SlotObserver>) {
        self.delivery.observe(observer);
    }

    /// Publishes the state after every slot to one more who looks at it.
    pub fn publish(&mut self, status: triple_buffer::Input<Status>) {
        self.status.push(status);
    }

    /// Says to the ears, once a tick, whether and how they are to listen.
    pub fn use_ears(&mut self, wisher: Wisher) {
        self.wisher = Some(wisher);
    }

    /// Gets recorders from this desk.
    pub fn use_desk(&mut self, desk: Desk) {
        self.desk = Some(desk);
    }

    /// Gets clips made while playing from this desk.
    pub fn use_clip_desk(&mut self, desk: ClipDesk) {
        self.clip_desk = Some(desk);
    }

    /// Gets the set's shaders from this desk while playing.
    pub fn use_shader_desk(&mut self, desk: ShaderDesk) {
        self.shader_desk = Some(desk);
    }

    /// Has grabbed pictures coded by this desk.
    pub fn use_grab_desk(&mut self, desk: GrabDesk) {
        self.grabs.use_desk(desk);
    }

    /// Puts a picture into a slot (from 0), as a set keeps it. Returns whether there is such a slot.
    pub fn keep_grab(&mut self, slot: usize, stream: Arc<Stream>) -> bool {
        self.grabs.keep(slot, stream)
    }

    /// Sets what a clip (from 0) keeps for itself. Returns whether it keeps this parameter.
    pub fn set_own(&mut self, clip: usize, param: ParamIndex, plain: f64) -> bool {
        let is_kept = self.own.set(clip, param, plain);
        if is_kept && clip == self.clip {
            self.store.cut(param, plain);
        }
        is_kept
    }

    /// Gives a clip (from 0) what the functions `drawn` and `list` follow.
    pub fn set_paths(&mut self, clip: usize, curve: Option<Curve>, positions: Option<Positions>) {
        if let Some(playhead) = self.playheads.get_mut(clip) {
            playhead.set_curve(curve);
            playhead.set_positions(positions);
        }
    }

    /// A clip, counted from 0.
    pub fn clip(&self, clip: usize) -> Option<&Arc<Clip>> {
        self.clips.clips().get(clip)
    }

    /// Lets somebody listen to the programme while `resample.listen` is on.
    pub fn listen(&mut self, listener: Box<dyn PictureSink>) {
        self.delivery.listen(listener);
    }

    /// Sends the spliced stream to a file, from the first access unit on.
    pub fn record_stream(&mut self, stream: Box<dyn StreamSink>) {
        self.delivery.record_stream(stream);
    }

    /// Records from the first slot on.
    pub fn start_recording(&mut self, recorder: Box<dyn PictureSink>) {
        self.delivery.start_recording(recorder);
        self.store.set(self.rows.record, 1.0);
    }

    /// Whether the graphics device has failed, so that pictures are missing.
    pub fn has_failed(&self) -> bool {
        self.chain.has_failed()
    }
}
